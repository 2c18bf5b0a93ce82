package folder

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"time"

	lines "adtoorder/io/files"
	"adtoorder/io/record"
)

// reading is a file that is being read.
type reading struct {
	file
	offset int64         // of its uncompressed text
	text   *lines.Reader // at the offset; nil where the file is not open
}

// next reads a block of n bytes, and begins with a file where none is being read.
// It returns io.EOF where there is nothing to read by now.
func (c *client) next(ctx context.Context) (block []record.Record, n int64, err error) {
	if c.current == nil {
		if err := c.choose(ctx); err != nil {
			return nil, 0, err
		}
	}
	if c.current.text == nil {
		if err := c.open(ctx); err != nil || c.current == nil {
			return nil, 0, err
		}
	}
	r := c.current
	block, err = r.text.Next()
	if err != nil && err != io.EOF {
		c.close()
		return nil, 0, err
	}
	for i := range block {
		block[i].Time = c.source.time(r.Modified)
	}
	n, r.offset = r.text.Offset()-r.offset, r.text.Offset()
	if err == io.EOF {
		c.finish()
	}
	return block, n, nil
}

// choose takes on the file that is to be read next.
func (c *client) choose(ctx context.Context) error {
	if !time.Now().Before(c.due) {
		if err := c.look(ctx); err != nil {
			return err
		}
	}
	if len(c.ready) == 0 {
		return io.EOF
	}
	c.current = &reading{file: c.ready[0]}
	c.ready = c.ready[1:]
	return nil
}

// open opens the current file, and is done with it where it is gone.
func (c *client) open(ctx context.Context) error {
	err := c.tryOpen(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		c.finish()
		return nil
	}
	return err
}

func (c *client) tryOpen(ctx context.Context) (err error) {
	r := c.current
	if r.Modified.IsZero() { // it stood in a position
		if r.Info, err = c.storage.Stat(ctx, r.path); err != nil {
			return err
		}
		if !r.Mode.IsRegular() {
			return fs.ErrNotExist
		}
	}
	in, err := c.storage.Open(context.WithoutCancel(ctx), r.path) // it stays open longer than for one bundle
	if err != nil {
		return err
	}
	r.text = lines.NewReader(in, lines.File{Path: r.path, Size: r.Size})
	r.text.Skip(r.offset)
	return nil
}

// finish is done with the current file.
func (c *client) finish() {
	c.close()
	c.seen.add(c.current.path)
	c.current = nil
}

// close closes the current file, which may be read on.
func (c *client) close() {
	if c.current != nil && c.current.text != nil {
		c.current.text.Close() // nothing was written
		c.current.text = nil
	}
}
