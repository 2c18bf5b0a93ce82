package filesio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"adtoorder/io/record"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/klauspost/compress/flate" // its gzip reads about twice as fast as the standard library's
	"github.com/klauspost/compress/gzip"
)

// Each calls a function with all records of a file, in order, batch by batch. Damaged gzip
// data gives one last record with Damage set; a failing disk or network is an
// error.
func Each(ctx context.Context, f File, do func([]record.Record)) error {
	in, err := open(ctx, f.Path)
	if err != nil {
		return err
	}
	defer in.Close()
	stored := &counting{Reader: in}
	text := lines{in: stored}
	if compressed(f.Path) {
		text.in, text.err = gzip.NewReader(stored)
	}
	var batch []line
	for {
		batch = text.next(batch[:0])
		if len(batch) == 0 {
			break
		}
		do(f.records(batch))
	}
	cut := stored.n < f.Size && errors.Is(text.err, io.ErrUnexpectedEOF) // the connection, not the data
	if compressed(f.Path) && damaged(text.err) && !cut {
		rest := line{text: text.rest[:min(len(text.rest), record.MaxKept)], offset: text.offset, size: int64(len(text.rest))}
		last := f.records([]line{rest})
		last[0].Damage = "corrupt_gzip"
		do(last)
	} else if text.err != io.EOF {
		return fmt.Errorf("reading %s at byte %d: %w", f.Path, text.offset, text.err)
	}
	return nil
}

// counting counts the bytes that were read.
type counting struct {
	io.Reader
	n int64
}

// Read implements io.Reader.
func (c *counting) Read(into []byte) (int, error) {
	n, err := c.Reader.Read(into)
	c.n += int64(n)
	return n, err
}

func (f File) records(batch []line) []record.Record {
	records := make([]record.Record, len(batch))
	for i, l := range batch {
		records[i] = record.Record{Payload: l.text, Size: l.size, Source: f.Path, Offset: l.offset}
	}
	return records
}

func open(ctx context.Context, path string) (io.ReadCloser, error) {
	fs, err := filesystem.New(ctx, path)
	if err != nil {
		return nil, err
	}
	defer fs.Close()
	in, err := fs.OpenRead(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	return in, nil
}

func compressed(path string) bool { return strings.HasSuffix(path, ".gz") }

// damaged tells data that no second try can read from a failing disk or network.
func damaged(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &corrupt)
}
