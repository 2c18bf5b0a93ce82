package framing

import (
	"encoding/binary"
	"math/bits"
)

// object follows the text of one JSON object, as far as its structure goes: brackets,
// commas, colons and texts. What stands for a value without any of these is taken as
// it is, since whoever decodes the record judges it. A text may come in several parts.
type object struct {
	state  state
	back   state // behind a text
	depth  int
	arrays [maxDepth/64 + 1]uint64 // bits: whether a level is an array
	at     int                     // bytes that were followed
	token  int                     // where the last text or bracket began
}

// maxDepth is how deep an object may be nested: no decoder reads deeper ones. It also
// bounds how often a byte is looked at again.
const maxDepth = 300

type state byte

const (
	begins       state = iota // {
	firstKey                  // a key or }
	key                       // a key
	colon                     // :
	value                     // a value
	firstElement              // a value or ]
	behind                    // , or the end of a level
	text                      // within a text
	escaped                   // behind a backslash in one
	scalar                    // within another value
	given                     // given up: it is no object
)

// outcome is what a text is, as far as it was followed.
type outcome byte

const (
	more   outcome = iota // the start of an object
	whole                 // an object, which ends here
	broken                // no object, whatever follows
)

// follow goes on in a text, and returns how many of its bytes belong to the object: all,
// those up to its end, or those before what can't stand in it.
func (o *object) follow(b []byte) (n int, out outcome) {
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch o.state {
		case text:
			if i = textEnd(b, i); i == len(b) {
				o.at += i
				return i, more
			}
			switch b[i] {
			case '"':
				o.state = o.back
			case '\\':
				o.state = escaped
			default:
				return o.stop(i)
			}
			continue
		case escaped:
			if c == '\n' || c == '\r' || c == separator {
				return o.stop(i)
			}
			o.state = text
			continue
		case scalar:
			if isScalar[c] {
				continue
			}
			o.state = behind
		}
		if c == ' ' || c == '\n' || c == '\r' || c == '\t' {
			continue
		}
		if !o.next(c, o.at+i) {
			return o.stop(i)
		}
		if o.depth == 0 {
			o.at += i + 1
			return i + 1, whole
		}
	}
	o.at += len(b)
	return len(b), more
}

// textEnd returns the index of the first byte, from an index on, that may end a text or
// can't stand in it.
func textEnd(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		eight := binary.LittleEndian.Uint64(b[i:])
		quotes, slashes := eight^ones*'"', eight^ones*'\\'
		if ((eight-ones*' ')&^eight|(quotes-ones)&^quotes|(slashes-ones)&^slashes)&highs != 0 {
			for n := i + 8; i < n; i++ { // control characters are among them
				if inText[b[i]] {
					return i
				}
			}
			i -= 8
		}
	}
	for ; i < len(b) && !inText[b[i]]; i++ {
	}
	return i
}

func (o *object) stop(i int) (int, outcome) {
	o.at += i
	return i, broken
}

// next takes a character outside of texts, and reports whether it may stand here.
func (o *object) next(c byte, at int) bool {
	switch o.state {
	case begins:
		return c == '{' && o.open(false, at)
	case firstKey, key:
		if c == '}' && o.state == firstKey {
			return o.close(at)
		}
		o.state, o.back, o.token = text, colon, at
		return c == '"'
	case colon:
		o.state = value
		return c == ':'
	case behind:
		if c == ',' && o.inArray() {
			o.state = value
			return true
		} else if c == ',' {
			o.state = key
			return true
		}
		return (c == '}' && !o.inArray() || c == ']' && o.inArray()) && o.close(at)
	}
	switch {
	case c == '"':
		o.state, o.back, o.token = text, behind, at
	case c == '{' || c == '[':
		return o.open(c == '[', at)
	case c == ']' && o.state == firstElement:
		return o.close(at)
	case isScalar[c]:
		o.state = scalar
	default:
		return false
	}
	return true
}

func (o *object) inArray() bool { return o.arrays[o.depth/64]>>(o.depth%64)&1 == 1 }

func (o *object) open(array bool, at int) bool {
	if o.depth == maxDepth {
		return false
	}
	o.depth++
	bit := bits.RotateLeft64(1, o.depth%64)
	o.arrays[o.depth/64] &^= bit
	if o.state = firstKey; array {
		o.state = firstElement
		o.arrays[o.depth/64] |= bit
	}
	o.token = at
	return true
}

func (o *object) close(at int) bool {
	o.depth--
	o.state, o.token = behind, at
	return true
}

// separator begins each record of a JSON text sequence (RFC 7464).
const separator = 0x1e

var (
	inText   [256]bool // what may end a text, or not stand in it
	isScalar [256]bool // what numbers and literals consist of, and what is spelled like them
)

func init() {
	for _, c := range "\"\\\n\r\x1e" {
		inText[c] = true
	}
	for _, c := range "+-._0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" {
		isScalar[c] = true
	}
}
