package csv

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"adtoorder/io/record"
)

// field is where a row has a field.
type field struct {
	from, to int
	plain    bool // it stands in JSON as it is
	escaped  bool // it has doubled quotes
}

// rows goes from row to row of a text.
type rows struct {
	text      []byte
	separator byte
	final     bool // nothing follows the text
	at        int  // index of the next row
	bad       bool // the last row can't be read
	long      bool // the next row is longer than record.MaxSize, and the text ends before it does
}

// next finds the fields of the next row, none of a blank one. It returns false where the
// text ends before the row does.
func (c *rows) next(fields *[]field) bool {
	*fields, c.bad = (*fields)[:0], false
	for at := c.at; at < len(c.text); {
		f, behind, ok := c.field(at)
		ended := behind < len(c.text) || c.final
		switch {
		case !ok && (ended || c.tooLong()):
			return c.skipLine(fields)
		case !ended:
			return c.unended()
		}
		if behind >= len(c.text) || isEnd(c.text[behind]) {
			if len(*fields) > 0 || f.to > f.from || behind > at {
				*fields = append(*fields, f)
			}
			c.at = min(behind+1, len(c.text))
			return true
		}
		*fields = append(*fields, f)
		if at = behind + 1; at == len(c.text) { // an empty field is the last
			if !c.final {
				return c.unended()
			}
			*fields = append(*fields, field{from: at, to: at, plain: true})
			c.at = at
			return true
		}
	}
	return false
}

// tooLong reports whether a row that the text does not end is too long to be read whole.
func (c *rows) tooLong() bool { return len(c.text)-c.at > record.MaxSize }

// unended returns false, since the text ends before the next row does.
func (c *rows) unended() bool {
	c.long = c.tooLong()
	return false
}

func isEnd(c byte) bool { return c == '\n' || c == '\r' }

// field finds the field at an index, and the index of the separator or end behind it;
// false where it is none.
func (c *rows) field(at int) (f field, behind int, ok bool) {
	if c.text[at] == '"' {
		return c.quoted(at + 1)
	}
	f = field{from: at, plain: true}
	for i := at; i < len(c.text); i++ {
		if i = c.unusual(i); i == len(c.text) {
			break
		}
		switch b := c.text[i]; {
		case b == c.separator || isEnd(b):
			f.to = i
			return f, i, true
		case b < ' ' || b == '"' || b == '\\':
			f.plain = false
		}
	}
	f.to = len(c.text)
	return f, f.to, true
}

const ones, highs = 0x0101010101010101, 0x8080808080808080

// unusual returns the index of the first byte, from an index on, that may end a field or
// can't stand in JSON as it is: a separator, quote, backslash or control character.
func (c *rows) unusual(i int) int {
	text, separators := c.text, ones*uint64(c.separator)
	for ; i+8 <= len(text); i += 8 {
		eight := binary.LittleEndian.Uint64(text[i:])
		separated, quotes, slashes := eight^separators, eight^ones*'"', eight^ones*'\\'
		// The lowest bit that is set is the first such byte's, or one before that which is
		// not ASCII: a borrow sets none below it.
		found := ((eight - ones*' ') | (separated - ones) | (quotes - ones) | (slashes - ones)) & highs
		if found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for ; i < len(text); i++ {
		if b := text[i]; b == c.separator || b < ' ' || b == '"' || b == '\\' {
			break
		}
	}
	return i
}

// quoted finds the field that begins behind a quote.
func (c *rows) quoted(at int) (f field, behind int, ok bool) {
	f = field{from: at}
	for i := at; ; {
		n := bytes.IndexByte(c.text[i:], '"')
		if n < 0 {
			return f, len(c.text), false
		}
		f.to = i + n
		switch i = f.to + 1; {
		case i == len(c.text) || c.text[i] == c.separator || isEnd(c.text[i]):
			return f, i, true
		case c.text[i] != '"':
			return f, i, false
		}
		f.escaped = true
		i++
	}
}

// skipLine goes past the line that a bad row begins with.
func (c *rows) skipLine(fields *[]field) bool {
	*fields, c.bad = append((*fields)[:0], field{}), true
	end := bytes.IndexAny(c.text[c.at:], "\r\n")
	if end < 0 {
		if !c.final {
			return c.unended()
		}
		c.at = len(c.text)
		return true
	}
	c.at += end + 1
	return true
}
