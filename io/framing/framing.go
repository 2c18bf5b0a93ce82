// Package framing finds the records in a text: objects of JSON, one a line or several,
// over lines, in arrays, behind record separators (RFC 7464), or as texts within texts.
//
//	io.Reader -> []Piece...
//
// What is no object is a piece, too, so that it can be rejected: a broken piece costs
// itself, and reading goes on at the next that can be told. io/files reads with it.
package framing

import (
	"bytes"
	"io"

	"adtoorder/io/record"
)

// BlockSize is how much text is read at once, in bytes. Pieces share the memory of
// their block, so a block is never used twice.
const BlockSize = 256 << 10

// Piece is a record as it stands in a text, or what stands in place of one.
type Piece struct {
	// Text is the whole piece, or its first record.MaxKept bytes where it is longer than
	// record.MaxSize. It is what a JSON text holds where that holds an object.
	Text   []byte
	Offset int64  // of its first byte
	Size   int64  // len(Text), or more where that was cut
	Line   int64  // offset of the line in which it begins; LF ends lines
	Damage string // as record.Record.Damage; "" in a text of JSON
}

// Place gives pieces their texts, which follow one another in a buffer: their Size tells
// where each ends.
func Place(pieces []Piece, texts []byte) {
	from := 0
	for i := range pieces {
		p := &pieces[i]
		end := from + int(p.Size)
		if p.Text = texts[from:end:end]; p.Size > record.MaxSize {
			p.Text = bytes.Clone(p.Text[:record.MaxKept])
		}
		from = end
	}
}

// Reader reads the pieces of a text.
type Reader struct {
	in   io.Reader
	rest []byte // read, but not yet returned: the start of a piece
	err  error  // what ended the reading; io.EOF at the end
	place
}

// place is where a reader stands in a text.
type place struct {
	offset int64 // of the next byte
	line   int64 // offset of the line that it is in
	indent int   // white space with which that line begins, as far as is known, in bytes
	begun  bool  // whether anything else than white space was seen in it
}

// newLine is where the line begins whose first byte has an offset.
func newLine(offset int64) place { return place{offset: offset, line: offset} }

// NewReader returns a reader of a text whose first byte has an offset.
func NewReader(in io.Reader, offset int64) *Reader { return &Reader{in: in, place: newLine(offset)} }

// Offset returns the offset behind the pieces that were returned.
func (r *Reader) Offset() int64 { return r.offset }

// Err returns what ended the reading: io.EOF at the end, nil before.
func (r *Reader) Err() error { return r.err }

// Rest returns what an error other than io.EOF cut short: the start of a piece.
func (r *Reader) Rest() []byte { return r.rest }

// Next appends the pieces of the next block that has any, in order; none at the end.
func (r *Reader) Next(into []Piece) []Piece {
	had := len(into)
	for r.err == nil || len(r.rest) > 0 {
		c := cutter{place: r.place, block: r.fill(), base: r.offset, into: into, final: r.err == io.EOF, lf: -1}
		n := c.cut()
		into, r.place = c.into, c.place
		if r.rest = c.block[n:]; c.long != nil {
			return append(into, r.skipLong(c.long))
		}
		if len(into) > had || n == 0 && r.err != nil {
			return into
		}
	}
	return into
}

// fill reads one block behind what is left over. A short one, at the end, is
// copied: the records of many small files must not hold a block each.
func (r *Reader) fill() []byte {
	block := make([]byte, len(r.rest)+BlockSize)
	n := copy(block, r.rest)
	for n < len(block) && r.err == nil {
		var m int
		m, r.err = r.in.Read(block[n:])
		n += m
	}
	if n < len(block)/2 {
		return bytes.Clone(block[:n])
	}
	return block[:n]
}

// Skip goes from the text's start to an offset, behind some pieces.
func (r *Reader) Skip(offset int64) error {
	n, err := io.CopyN(io.Discard, r.in, offset-r.offset)
	r.place = newLine(r.offset + n)
	return err
}

// SkipLine goes to the start of the next line.
func (r *Reader) SkipLine() {
	for r.err == nil || len(r.rest) > 0 {
		block := r.fill()
		end := bytes.IndexByte(block, '\n') + 1
		if end == 0 {
			r.rest = nil
			r.offset += int64(len(block))
			continue
		}
		r.rest, r.place = block[end:], newLine(r.offset+int64(end))
		return
	}
}

// skipLong returns the piece that the rest begins with, which is longer than
// record.MaxSize, and reads on to its end without keeping it: where the object ends, or
// where what is none has a line's end or another object.
func (r *Reader) skipLong(o *object) Piece {
	one := Piece{Text: bytes.Clone(r.rest[:record.MaxKept]), Offset: r.offset, Line: r.line, Size: int64(len(r.rest))}
	last := r.rest[len(r.rest)-1]
	note := func(text []byte, offset int64) {
		if i := bytes.LastIndexByte(text, '\n'); i >= 0 {
			r.line, r.indent = offset+int64(i)+1, 0
		}
	}
	note(r.rest, one.Offset)
	for r.rest = nil; r.err == nil; {
		block := r.fill()
		end, ended := o.endIn(block, last)
		note(block[:end], one.Offset+one.Size)
		one.Size += int64(end)
		if ended {
			r.rest = block[end:]
			break
		}
		if len(block) > 0 {
			last = block[len(block)-1]
		}
	}
	r.offset += one.Size
	return one
}

// endIn returns where a long piece ends in its next block, if it does. last is the byte
// before the block.
func (o *object) endIn(block []byte, last byte) (end int, ended bool) {
	n := 0
	if o.state != given {
		var out outcome
		n, out = o.follow(block)
		if n > 0 && last == '\n' && block[0] == '{' {
			return 0, true
		}
		if i := bytes.Index(block[:n], []byte("\n{")); i >= 0 {
			return i, true // the long one was cut
		}
		if out != broken {
			return n, out == whole
		}
		o.state = given
	}
	if i := bytes.IndexAny(block[n:], "\n\r\x1e{"); i >= 0 {
		return n + i, true
	}
	return len(block), false
}
