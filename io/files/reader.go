package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"adtoorder/io/compression"
	"adtoorder/io/format"
	"adtoorder/io/framing"
	"adtoorder/io/record"
)

// Reader reads a file's records in order, block by block.
type Reader struct {
	file   File
	in     io.Closer
	stored *counting
	how    *compression.Format // nil where the text is plain
	opened io.ReadCloser       // what uncompresses; nil where the text is plain, or damaged from the start
	text   format.Reader       // uncompressed
	format string              // CSV, Avro or Parquet; "" for JSON
	failed error               // what kept the text from being opened
	// damage is record.Record.Damage of what can't be read of the file's format; "" for texts.
	damage  string
	spooled *os.File // a copy of the file, if one is needed
	batch   []framing.Piece
	// refused is the start of a file of another format, which is not read; nil otherwise.
	refused []byte
}

// NewReader returns a reader of a file as it is stored. Its Close closes the
// file too. Size may be 0 where it is not known.
func NewReader(in io.ReadCloser, f File) *Reader {
	r := &Reader{file: f, in: in, stored: &counting{Reader: in}}
	head := make([]byte, compression.Sniffed)
	n, _ := io.ReadFull(r.stored, head) // what fails is in stored.err
	head = head[:n]
	var text io.Reader = io.MultiReader(bytes.NewReader(head), r.stored)
	if r.how = compressionOf(f.name(), head); r.how != nil && r.stored.err == nil {
		r.opened, r.failed = r.how.Open(text)
		text = r.opened
	} else if unreadable(head) != "" {
		r.refused = head
	}
	if r.stored.err != nil {
		r.failed = r.stored.err
	}
	if r.text = framing.NewReader(text, 0); r.failed == nil && r.refused == nil {
		r.begin(text)
	}
	return r
}

// unsupported is record.Record.Damage of a file that is none of text.
const unsupported = "unsupported_format"

// Skip goes from the start of the text to an offset, behind some records.
func (r *Reader) Skip(offset int64) {
	if offset == 0 || r.failed != nil || r.refused != nil {
		return
	}
	_, isJSON := r.text.(*framing.Reader)
	if seeker, ok := r.in.(io.Seeker); ok && r.how == nil && isJSON {
		if offset, r.failed = seeker.Seek(offset, io.SeekStart); r.failed == nil {
			r.text = framing.NewReader(r.stored, offset)
		}
		return
	}
	r.failed = r.text.Skip(offset)
}

// Offset returns the offset behind the records that were read, in the
// uncompressed text.
func (r *Reader) Offset() int64 { return r.text.Offset() }

// Next returns the records of the next block, and io.EOF with the last ones, or
// with none. Data that can't be uncompressed gives one last record with Damage
// set; a failing disk or network is another error.
func (r *Reader) Next() ([]record.Record, error) {
	if r.refused != nil && r.failed == nil {
		return r.unread(r.refused, unsupported), io.EOF
	}
	err := r.failed
	var records []record.Record
	if err == nil {
		r.batch = r.text.Next(r.batch[:0])
		records, err = r.file.records(r.batch), r.text.Err()
	}
	switch {
	case err == io.EOF && len(r.text.Rest()) == 0:
		return records, io.EOF
	case len(records) > 0:
		return records, nil
	case r.damaged():
		return r.unread(r.text.Rest(), r.whatDamage()), io.EOF
	default:
		return nil, fmt.Errorf("reading %s at byte %d: %w", r.file.Path, r.text.Offset(), err)
	}
}

// unread returns a record in place of what can't be read, of which a text was.
func (r *Reader) unread(text []byte, damage string) []record.Record {
	rest := framing.Piece{Text: text[:min(len(text), record.MaxKept)], Offset: r.text.Offset(), Size: int64(len(text))}
	last := r.file.records([]framing.Piece{rest})
	last[0].Damage = damage
	return last
}

// damaged tells data that no second try can read from a failing disk or network.
func (r *Reader) damaged() bool {
	cut := r.stored.ended && r.stored.n < r.file.Size // the connection, not the data
	return (r.how != nil || r.damage != "") && r.stored.err == nil && !cut
}

// whatDamage names the damage: that of the format, where that is known.
func (r *Reader) whatDamage() string {
	if r.damage != "" {
		return r.damage
	}
	return r.how.Damage()
}

// Close closes the file.
func (r *Reader) Close() error {
	if r.opened != nil {
		r.opened.Close() // says again what Next has said
	}
	if r.spooled != nil {
		return errors.Join(remove(r.spooled), r.in.Close())
	}
	return r.in.Close()
}

// counting counts the bytes that were read, and keeps what made reading fail.
type counting struct {
	io.Reader
	n     int64
	ended bool
	err   error // never io.EOF
}

// Read implements io.Reader.
func (c *counting) Read(into []byte) (int, error) {
	n, err := c.Reader.Read(into)
	c.n += int64(n)
	if err == io.ErrUnexpectedEOF { // zstd takes it for the end where a frame could begin
		err = fmt.Errorf("connection cut: %w", err)
	}
	if c.ended = err == io.EOF; err != nil && !c.ended {
		c.err = err
	}
	return n, err
}
