package storage

import (
	"context"
	"io"
)

// stream reads an object from its start to its end. What a cut connection leaves of it
// is asked for again.
type stream struct {
	ctx    context.Context
	bucket bucket
	name   string
	body   io.ReadCloser
	was    version
	offset int64
}

// open implements files.
func (b bucket) open(ctx context.Context, name string) (io.ReadCloser, error) {
	s := &stream{ctx: ctx, bucket: b, name: name}
	if err := again(ctx, "opening "+name, s.request); err != nil {
		return nil, err
	}
	return s, nil
}

// request asks for the object from the offset on. The answer must begin while one
// context lives, and be read while the stream's does.
func (s *stream) request(try context.Context) (err error) {
	ctx, cancel := context.WithCancel(s.ctx)
	begun := context.AfterFunc(try, cancel)
	s.body, s.was, err = s.bucket.client.get(ctx, s.bucket.name, s.bucket.key(s.name), s.was, s.offset)
	if !begun() && err == nil {
		s.body.Close() // of an answer that came too late
		err = try.Err()
	}
	if err != nil {
		cancel()
		return err
	}
	s.body = body{s.body, cancel}
	return nil
}

// body is an answer, whose context ends with it.
type body struct {
	io.ReadCloser
	cancel func()
}

// Close implements io.Closer.
func (b body) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}

// Read implements io.Reader.
func (s *stream) Read(into []byte) (n int, err error) {
	n, err = s.body.Read(into)
	if failed := err; n == 0 && err != nil && err != io.EOF && s.ctx.Err() == nil {
		err = again(s.ctx, "reading "+s.name, func(try context.Context) error {
			if failed == nil {
				if failed = s.request(try); failed != nil {
					return failed
				}
				n, failed = s.body.Read(into)
			}
			if n > 0 || failed == nil || failed == io.EOF {
				return nil
			}
			failing := failed
			failed = nil
			s.body.Close()
			return cut{failing}
		})
		if err == nil && n == 0 {
			err = failed // the end
		}
	}
	if n > 0 && err != io.EOF {
		err = nil // the next call meets it
	}
	s.offset += int64(n)
	return n, err
}

// Close implements io.Closer.
func (s *stream) Close() error { return s.body.Close() }
