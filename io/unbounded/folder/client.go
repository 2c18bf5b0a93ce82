package folder

import (
	"context"
	"io"
	"iter"
	"time"

	"adtoorder/io/record"
	"adtoorder/io/storage"
	"adtoorder/io/unbounded"
)

const (
	// batchSize is how much text of small files a batch gathers, in bytes.
	batchSize = 256 << 10
	// batchTime is how long it gathers: opening many objects takes long.
	batchTime = 200 * time.Millisecond
)

// files are where files are watched: a storage.Storage.
type files interface {
	Stat(ctx context.Context, name string) (storage.Info, error)
	List(ctx context.Context, pattern string, skip func(string) bool) iter.Seq2[storage.Object, error]
	Open(ctx context.Context, name string) (io.ReadCloser, error)
	Close() error
}

// client reads one file after another. Its fields stand at one position, until
// another is asked for.
type client struct {
	source    Source
	storage   files
	listEvery time.Duration
	batchSize int64

	at      string // the position
	seen    seen
	current *reading // nil between two files

	listing
}

// Partitions implements unbounded.Client: there is one, without a name.
func (c *client) Partitions(context.Context) ([]unbounded.Partition, error) {
	return []unbounded.Partition{{}}, nil
}

// Start implements unbounded.Client: files that are too old have been seen.
func (c *client) Start(ctx context.Context, _ string) (string, error) {
	if c.source.StartMillis <= 0 {
		return "", nil
	}
	listed, err := list(ctx, c.storage, c.source.Pattern)
	if err != nil {
		return "", err
	}
	if err := c.describe(listed, time.Now()); err != nil {
		return "", err
	}
	var old seen
	for path, s := range c.known {
		if s.Modified.UnixMilli()-c.source.EveryMillis < c.source.StartMillis {
			old.add(path)
		}
	}
	return encode(old, "", 0), nil
}

// Read implements unbounded.Client. A batch holds several small files, and at most one
// block of a large one.
func (c *client) Read(ctx context.Context, _, at string) (unbounded.Batch, error) {
	if err := c.moveTo(at); err != nil {
		return unbounded.Batch{}, err
	}
	var records []record.Record
	size := int64(0)
	for start := time.Now(); size < c.batchSize && time.Since(start) < batchTime; {
		block, n, err := c.next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			if len(records) == 0 {
				return unbounded.Batch{}, err
			}
			break // the next call meets the error again
		}
		records, size = append(records, block...), size+n
		if c.current != nil { // there is another block
			break
		}
	}
	c.at = c.position()
	b := unbounded.Batch{Records: records, Next: c.at, More: c.current != nil || len(c.ready) > 0}
	if !b.More {
		b.Due = c.due
	}
	if c.idle {
		b.End = c.asOf.Add(-c.source.every())
	}
	return b, nil
}

// moveTo has the client stand at a position.
func (c *client) moveTo(at string) error {
	if at == c.at {
		return nil
	}
	s, path, offset, err := decode(at)
	if err != nil {
		return err
	}
	c.close()
	c.at, c.seen, c.current = at, s, nil
	if path != "" {
		c.current = &reading{file: file{path: path}, offset: offset}
	}
	c.listing = listing{known: c.known}
	return nil
}

func (c *client) position() string {
	if c.current == nil {
		return encode(c.seen, "", 0)
	}
	return encode(c.seen, c.current.path, c.current.offset)
}

// Close implements unbounded.Client.
func (c *client) Close() {
	c.close()
	c.storage.Close() // nothing was written
}
