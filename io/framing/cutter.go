package framing

import (
	"bytes"

	"adtoorder/io/record"
)

// cutter takes one block apart.
type cutter struct {
	place    // of the next byte
	block    []byte
	base     int64 // offset of the block
	into     []Piece
	final    bool    // nothing follows the block
	lf       int     // index of the first line's end at the next byte or behind it, if that is known
	long     *object // of the next piece, where that is too long to wait for its end
	searched int     // bytes in which the end of a broken object was looked for in vain
}

// cut appends the pieces of the block, and returns how many bytes they take. What is
// left over is the start of a piece.
func (c *cutter) cut() int {
	at := 0
	for at < len(c.block) {
		next, ok := c.step(at)
		if !ok {
			break
		}
		at = next
	}
	c.offset = c.base + int64(at)
	return at
}

// step goes past a piece, or a byte between pieces, and returns the index behind it;
// false where the block must be longer to tell.
func (c *cutter) step(at int) (next int, ok bool) {
	switch b := c.block[at]; b {
	case '{':
		return c.object(at)
	case ' ', '\t':
		if !c.begun {
			c.indent++
		}
		return at + 1, true
	case '\n':
		c.place = newLine(c.base + int64(at) + 1)
		return at + 1, true
	case '\r', ',', ']', separator:
		c.begun = c.begun || b != '\r'
		return at + 1, true
	case '[':
		if at+1 == len(c.block) && !c.final {
			return at, false
		}
		c.begun = true
		if at+1 < len(c.block) && bytes.IndexByte([]byte("{[]\" \t\r\n"), c.block[at+1]) < 0 {
			return c.other(at, at+1) // a list of what is no object
		}
		return at + 1, true
	case '"':
		return c.text(at)
	case byteOrderMark[0]:
		if bytes.HasPrefix(c.block[at:], []byte(byteOrderMark)) {
			return at + len(byteOrderMark), true
		} else if len(c.block)-at < len(byteOrderMark) && !c.final {
			return at, false
		}
	}
	return c.other(at, at+1)
}

// byteOrderMark may begin a text in UTF-8, or one of several that were joined.
const byteOrderMark = "\xef\xbb\xbf"

// enough reports whether a piece that begins at an index is to be judged by what is
// there of it.
func (c *cutter) enough(at int) bool { return c.final || len(c.block)-at > record.MaxSize+1 }

// object goes past an object, or what begins like one.
func (c *cutter) object(at int) (next int, ok bool) {
	if c.lf < at {
		if c.lf = bytes.IndexByte(c.block[at:], '\n') + at; c.lf < at {
			c.lf = len(c.block)
		}
	}
	if c.lf < len(c.block) && isPlain(c.block[at:c.lf]) {
		return c.piece(at, c.lf), true
	}
	var o object
	n, out := o.follow(c.block[at:])
	switch {
	case out == whole:
		return c.piece(at, at+n), true
	case out == more && !c.enough(at):
		return at, false
	case out == more && !c.final && c.nextLine(at, at+n) < 0:
		c.long = &o
		return at, false
	}
	return c.broken(at, &o)
}

// piece appends the piece between two indices, without white space at its end, and
// returns the index behind it.
func (c *cutter) piece(at, end int) int {
	text := bytes.TrimRight(c.block[at:end], " \t\r\n")
	c.add(at, text)
	if end > c.lf || c.lf < at {
		c.wrap(at, end)
	}
	c.begun = true
	return end
}

// add appends a piece whose text, or that for which it stands, begins at an index.
func (c *cutter) add(at int, text []byte) {
	one := Piece{Text: text, Offset: c.base + int64(at), Size: int64(len(text)), Line: c.line}
	if one.Size > record.MaxSize {
		one.Text = bytes.Clone(text[:record.MaxKept])
	}
	c.into = append(c.into, one)
}

// wrap notes the last line that begins in a piece, if one does.
func (c *cutter) wrap(at, end int) {
	i := bytes.LastIndexByte(c.block[at:end], '\n')
	if i < 0 {
		return
	}
	start := at + i + 1
	c.line = c.base + int64(start)
	c.indent = indentOf(c.block[start:end])
}

// indentOf returns with how many bytes of white space a line begins.
func indentOf(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " \t")) }
