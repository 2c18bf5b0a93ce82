package files

import (
	"errors"
	"fmt"
	"io"

	"adtoorder/io/record"
)

// Reader reads a file's records in order, block by block.
type Reader struct {
	file   File
	in     io.Closer
	stored *counting
	how    *compression  // nil where the text is plain
	text   lines         // uncompressed
	opened io.ReadCloser // what uncompresses; nil where the text is plain, or damaged from the start
	batch  []line
}

// NewReader returns a reader of a file as it is stored. Its Close closes the
// file too. Size may be 0 where it is not known.
func NewReader(in io.ReadCloser, f File) *Reader {
	r := &Reader{file: f, in: in, stored: &counting{Reader: in}, how: compressionOf(f.Path)}
	r.text.in = r.stored
	if r.how != nil {
		r.opened, r.text.err = r.how.open(r.stored)
		r.text.in = r.opened
	}
	return r
}

// Skip goes from the start of the text to an offset where a line starts.
func (r *Reader) Skip(offset int64) {
	switch seeker, ok := r.in.(io.Seeker); {
	case r.text.err != nil || offset == 0:
	case ok && r.how == nil:
		r.text.offset, r.text.err = seeker.Seek(offset, io.SeekStart)
	default:
		r.text.offset, r.text.err = io.CopyN(io.Discard, r.text.in, offset)
	}
}

// Offset returns the offset behind the records that were read, in the
// uncompressed text.
func (r *Reader) Offset() int64 { return r.text.offset }

// Next returns the records of the next block, and io.EOF with the last ones, or
// with none. Data that can't be uncompressed gives one last record with Damage
// set; a failing disk or network is another error.
func (r *Reader) Next() ([]record.Record, error) {
	r.batch = r.text.next(r.batch[:0])
	records := r.file.records(r.batch)
	switch err := r.text.err; {
	case err == io.EOF && len(r.text.rest) == 0:
		return records, io.EOF
	case len(records) > 0:
		return records, nil
	case r.damaged():
		text := r.text.rest
		rest := line{text: text[:min(len(text), record.MaxKept)], offset: r.text.offset, size: int64(len(text))}
		last := r.file.records([]line{rest})
		last[0].Damage = r.how.damage
		return last, io.EOF
	default:
		return nil, fmt.Errorf("reading %s at byte %d: %w", r.file.Path, r.text.offset, err)
	}
}

// damaged tells data that no second try can read from a failing disk or network.
func (r *Reader) damaged() bool {
	cut := r.stored.n < r.file.Size && errors.Is(r.text.err, io.ErrUnexpectedEOF) // the connection, not the data
	return r.how != nil && r.stored.err == nil && !cut
}

// Close closes the file.
func (r *Reader) Close() error {
	if r.opened != nil {
		r.opened.Close() // says again what Next has said
	}
	return r.in.Close()
}

// counting counts the bytes that were read, and keeps what made reading fail.
type counting struct {
	io.Reader
	n   int64
	err error // never io.EOF
}

// Read implements io.Reader.
func (c *counting) Read(into []byte) (int, error) {
	n, err := c.Reader.Read(into)
	c.n += int64(n)
	if err == io.ErrUnexpectedEOF { // zstd takes it for the end where a frame could begin
		err = fmt.Errorf("connection cut: %w", err)
	}
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}
