package avro

import (
	"fmt"
	"io"

	"adtoorder/io/framing"

	"github.com/twmb/avro/ocf"
)

const (
	// Magic begins an object container file.
	Magic = "Obj\x01"
	// Damage is record.Record.Damage of what can't be read of one.
	Damage = "corrupt_avro"
	// batchSize is how much JSON a batch has, in bytes, at least.
	batchSize = 256 << 10
)

// Reader reads an object container file. It is a format.Reader.
type Reader struct {
	file   *ocf.Reader
	offset int64 // index of the next datum
	err    error
}

// NewReader returns a reader of a file from its start.
func NewReader(in io.Reader) (*Reader, error) {
	file, err := ocf.NewReader(in, ocf.WithSchemaOpts(options...))
	if err != nil {
		return nil, fmt.Errorf("opening it as Avro: %w", err)
	}
	return &Reader{file: file}, nil
}

// Offset implements format.Reader.
func (r *Reader) Offset() int64 { return r.offset }

// Err implements format.Reader.
func (r *Reader) Err() error { return r.err }

// Rest implements format.Reader: a datum that can't be read has no text.
func (r *Reader) Rest() []byte { return nil }

// Skip implements format.Reader.
func (r *Reader) Skip(offset int64) error {
	for ; r.offset < offset; r.offset++ {
		var v any
		if err := r.file.Decode(&v); err != nil {
			return fmt.Errorf("datum %d: %w", r.offset, err)
		}
	}
	return nil
}

// Next implements format.Reader.
func (r *Reader) Next(into []framing.Piece) []framing.Piece {
	had, texts := len(into), make([]byte, 0, batchSize)
	for r.err == nil && len(texts) < batchSize {
		var v any
		if err := r.file.Decode(&v); err == io.EOF {
			r.err = err
			break
		} else if err != nil {
			r.err = fmt.Errorf("datum %d: %w", r.offset, err)
			break
		}
		from := len(texts)
		texts = appendValue(texts, v)
		into = append(into, framing.Piece{Offset: r.offset, Line: r.offset, Size: int64(len(texts) - from)})
		r.offset++
	}
	framing.Place(into[had:], texts)
	return into
}
