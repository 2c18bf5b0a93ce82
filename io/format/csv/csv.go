// Package csv reads CSV and TSV: rows of a file whose first one names the columns.
//
//	io.Reader -> []framing.Piece...
//
// A row becomes a JSON object of texts by the names of their columns. Its offset is that
// of its first byte. A row that can't be read, or has another number of fields than the
// header, is one piece with Damage set, as it stands in the file; blank rows are none.
package csv

import (
	"bytes"
	"io"

	"adtoorder/io/format"
	"adtoorder/io/framing"
	"adtoorder/io/record"
)

// Damage is record.Record.Damage of a row that can't be read.
const Damage = "bad_csv_row"

// Reader reads the rows of a text. It is a format.Reader.
type Reader struct {
	in     io.Reader
	layout Layout
	block  []byte   // is used again, since records don't share it
	rest   []byte   // of the block: read, but not yet returned, the start of a row
	err    error    // what ended the reading; io.EOF at the end
	offset int64    // of the rest
	keys   [][]byte // what stands before a row's values: ","Name":"
	fields []field  // of the current row
	grows  int      // how many bytes of JSON a block has become, at most
}

// Layout is how a text writes its rows.
type Layout struct {
	Separator byte
	Columns   []string
	Start     int64 // offset of the first row behind the header
}

// NewReader returns a reader of a text from its start.
func NewReader(in io.Reader, l Layout) *Reader {
	r := &Reader{in: in, layout: l}
	for i, name := range l.Columns {
		before := `",`
		if i == 0 {
			before = "{"
		}
		r.keys = append(r.keys, append(format.AppendText([]byte(before), name), `:"`...))
	}
	return r
}

// Offset implements format.Reader.
func (r *Reader) Offset() int64 { return r.offset }

// Err implements format.Reader.
func (r *Reader) Err() error { return r.err }

// Rest implements format.Reader.
func (r *Reader) Rest() []byte { return r.rest }

// Skip implements format.Reader.
func (r *Reader) Skip(offset int64) error {
	n, err := io.CopyN(io.Discard, r.in, offset-r.offset)
	r.offset += n
	return err
}

// Next implements format.Reader.
func (r *Reader) Next(into []framing.Piece) []framing.Piece {
	if r.offset < r.layout.Start {
		if err := r.Skip(r.layout.Start); err != nil {
			r.err = err
			return into
		}
	}
	had := len(into)
	for r.err == nil || len(r.rest) > 0 {
		block := r.fill()
		var n int
		var long bool
		into, n, long = r.rows(block, into)
		if r.rest = block[n:]; long {
			return r.skipLong(into)
		}
		if len(into) > had || n == 0 && r.err != nil {
			return into
		}
	}
	return into
}

// fill reads one block behind what is left over.
func (r *Reader) fill() []byte {
	n := len(r.rest)
	if size := n + framing.BlockSize; size > len(r.block) {
		larger := make([]byte, size)
		copy(larger, r.rest)
		r.block = larger
	} else {
		copy(r.block, r.rest)
	}
	for n < len(r.block) && r.err == nil {
		var m int
		m, r.err = r.in.Read(r.block[n:])
		n += m
	}
	return r.block[:n]
}

// skipLong appends the row that the rest begins with, which is longer than record.MaxSize,
// and reads on to a line's end without keeping it. What fails before that leaves the row's
// start as the rest.
func (r *Reader) skipLong(into []framing.Piece) []framing.Piece {
	one := framing.Piece{Text: bytes.Clone(r.rest[:record.MaxKept]), Offset: r.offset, Line: r.offset,
		Size: int64(len(r.rest)), Damage: Damage}
	for r.rest = nil; r.err == nil && len(r.rest) == 0; {
		block := r.fill()
		end := bytes.IndexAny(block, "\r\n")
		if end < 0 {
			end = len(block)
		}
		one.Size += int64(end)
		r.rest = block[end:] // from the line's end on, which is a blank row
	}
	if r.err != nil && r.err != io.EOF && len(r.rest) == 0 {
		r.rest = one.Text
		return into
	}
	r.offset += one.Size
	return append(into, one)
}

// rows appends the rows of a block, and returns how many bytes they take, and whether one
// follows that is too long to be read whole.
func (r *Reader) rows(block []byte, into []framing.Piece) (_ []framing.Piece, taken int, long bool) {
	had, texts := len(into), make([]byte, 0, r.grows)
	c := rows{text: block, separator: r.layout.Separator, final: r.err == io.EOF}
	for {
		at := c.at
		ok := c.next(&r.fields)
		if !ok {
			break
		}
		if len(r.fields) == 0 { // a blank row
			continue
		}
		from := len(texts)
		one := framing.Piece{Offset: r.offset + int64(at), Line: r.offset + int64(at)}
		if c.bad || len(r.fields) != len(r.keys) {
			texts, one.Damage = append(texts, bytes.TrimRight(block[at:c.at], "\r\n")...), Damage
		} else {
			texts = r.object(texts, block)
		}
		one.Size = int64(len(texts) - from)
		into = append(into, one)
	}
	r.offset += int64(c.at)
	r.grows = max(r.grows, len(texts))
	framing.Place(into[had:], texts)
	return into, c.at, c.long
}

// object appends a row as a JSON object.
func (r *Reader) object(to, block []byte) []byte {
	for i, f := range r.fields {
		to = append(to, r.keys[i]...)
		switch value := block[f.from:f.to]; {
		case f.plain:
			to = append(to, value...)
		case f.escaped:
			to = format.AppendEscaped(to, bytes.ReplaceAll(value, []byte(`""`), []byte{'"'}))
		default:
			to = format.AppendEscaped(to, value)
		}
	}
	return append(to, `"}`...)
}
