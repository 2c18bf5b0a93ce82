package storage

import (
	"context"
	"io"
	"net/http"
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
	if err := b.again(ctx, "opening "+name, s.request); err != nil {
		return nil, err
	}
	return s, nil
}

// request asks for the object from the offset on. The answer must begin while one
// context lives, and be read while the stream's does.
func (s *stream) request(try context.Context) error {
	ctx, cancel := context.WithCancel(s.ctx)
	begun := context.AfterFunc(try, cancel)
	answer, was, err := s.bucket.client.get(ctx, s.bucket.name, s.bucket.key(s.name), s.was, span{offset: s.offset})
	if !begun() {
		if err == nil {
			answer.Close() // it came too late
		}
		err = try.Err() // rather than that this has cancelled the request
	}
	if err != nil {
		cancel()
		return err // was stays: another version of the object must not be read on
	}
	s.body, s.was = body{answer, cancel}, was
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
	if n == 0 && err != nil && err != io.EOF && s.ctx.Err() == nil {
		n, err = s.readOn(into, err)
	}
	if n > 0 && err != io.EOF {
		err = nil // the next call meets it
	}
	s.offset += int64(n)
	return n, err
}

// readOn reads what follows where the connection was cut, which the first try tells of.
func (s *stream) readOn(into []byte, failed error) (n int, err error) {
	var end error // io.EOF, where the object ends here
	err = s.bucket.again(s.ctx, "reading "+s.name, func(try context.Context) error {
		if failed == nil {
			if err := s.request(try); err != nil {
				return err
			}
			if n, end = s.body.Read(into); n > 0 || end == nil || end == io.EOF {
				return nil
			}
			failed = end
		}
		s.body.Close()
		failing := failed
		s.body, failed, end = http.NoBody, nil, nil
		return cut{failing}
	})
	if err == nil {
		err = end
	}
	return n, err
}

// Close implements io.Closer.
func (s *stream) Close() error { return s.body.Close() }
