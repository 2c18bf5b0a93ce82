package framing

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// broken goes past what begins like an object and is none: to where its brackets end, as
// long as no other record must have begun before; otherwise as other does.
func (c *cutter) broken(at int, o *object) (next int, ok bool) {
	if next = c.nextLine(at, at+o.at); next > 0 {
		return c.piece(at, next), true
	}
	if next, ok = c.alone(at, o); next > at || !ok {
		return next, ok
	}
	if c.searched < maxSearched+8*at {
		end, out := c.balance(at+o.at, o)
		if out == whole {
			return c.piece(at, end), true
		}
		if out == more && !c.enough(at) {
			return at, false
		}
		c.searched += end - at
	}
	return c.other(at, at+max(o.token, 1))
}

// alone goes up to a whole object that begins in the last text of a broken one, or
// behind it, and that stands at a line's end or before another one: to a record behind
// one that was cut. An object in a text whose quotes are not escaped is none.
func (c *cutter) alone(at int, o *object) (next int, ok bool) {
	to := min(at+o.at+1, len(c.block))
	for i := at + max(o.token, 1); i < to; i++ {
		if c.block[i] != '{' {
			continue
		}
		var inner object
		n, out := inner.follow(c.block[i:])
		behind := i + n + indentOf(c.block[i+n:])
		if (out == more || behind == len(c.block)) && !c.enough(at) {
			return at, false
		}
		if out == whole && (behind == len(c.block) || bytes.IndexByte([]byte("\n\r\x1e{"), c.block[behind]) >= 0) {
			return c.piece(at, i), true
		}
		i += max(inner.token-1, 0)
	}
	return at, true
}

// maxSearched bounds the time that broken objects take: so many bytes of a block are
// looked at again, and eight for each byte of it.
const maxSearched = 4 << 20

// nextLine returns the index of the first line behind one index and up to another that
// begins with an object, no further in than the line of the first one: of a record
// behind one that was cut. It returns -1 where there is none.
func (c *cutter) nextLine(at, to int) int {
	for {
		i := bytes.IndexByte(c.block[at:to], '\n')
		if i < 0 {
			return -1
		}
		at += i + 1
		first := at + indentOf(c.block[at:])
		if first-at <= c.indent && first < len(c.block) && (c.block[first] == '{' || c.block[first] == '[') {
			return at
		}
	}
}

// balance returns where the brackets end of an object that can't go on at an index. A
// record that begins on another line, as nextLine has it, ends the search.
func (c *cutter) balance(from int, o *object) (end int, out outcome) {
	within, depth := o.state == text || o.state == escaped, o.depth
	white := -1 // since the line began; -1 behind anything else
	for i := from; i < len(c.block); i++ {
		switch b := c.block[i]; {
		case b == separator || (b == '\n' || b == '\r') && within:
			return i, broken
		case b == '\n':
			white = 0
			continue
		case b == ' ' || b == '\t':
			if white >= 0 {
				white++
			}
			continue
		case b == '"':
			within = !within
		case within && b == '\\':
			if i+1 < len(c.block) && c.block[i+1] >= ' ' {
				i++
			}
		case within:
		case b == '{' || b == '[':
			if white >= 0 && white <= c.indent {
				return i, broken
			}
			depth++
		case b == '}' || b == ']':
			if depth--; depth == 0 && b == ']' {
				return i, broken
			} else if depth == 0 {
				return i + 1, whole
			}
		}
		white = -1
	}
	return len(c.block), more
}

// other goes past what is no object: to the line's end, or to an object at an index or
// behind it.
func (c *cutter) other(at, from int) (next int, ok bool) {
	for i := from; i < len(c.block); i++ {
		switch c.block[i] {
		case '\n', '\r', separator:
			return c.piece(at, i), true
		case '{':
			var o object
			_, out := o.follow(c.block[i:])
			if out == whole {
				return c.piece(at, i), true
			}
			if out == more && !c.enough(at) {
				return at, false
			}
			behind := i + max(o.token-1, 0) // what comes before can't begin another one
			if lf := bytes.IndexByte(c.block[i:behind], '\n'); lf >= 0 {
				return c.piece(at, i+lf), true
			}
			i = behind
		}
	}
	if !c.enough(at) {
		return at, false
	}
	if !c.final {
		c.long = &object{state: given}
		return at, false
	}
	return c.piece(at, len(c.block)), true
}

// text goes past a JSON text. An object that it holds is taken out.
func (c *cutter) text(at int) (next int, ok bool) {
	end := at + 1
	for ; end < len(c.block) && !(inText[c.block[end]] && c.block[end] != '\\'); end++ {
		if c.block[end] == '\\' && end+1 < len(c.block) && c.block[end+1] >= ' ' {
			end++
		}
	}
	switch {
	case end >= len(c.block) && !c.enough(at):
		return at, false
	case end >= len(c.block) || c.block[end] != '"':
		return c.other(at, at+1)
	}
	end++
	behind := end + indentOf(c.block[end:])
	if behind == len(c.block) && !c.enough(at) {
		return at, false
	}
	isKey := behind < len(c.block) && c.block[behind] == ':'
	if held := heldIn(c.block[at:end]); held != nil && !isKey {
		c.add(at, held)
		c.begun = true
		return end, true
	}
	return c.other(at, end)
}

// heldIn returns the object that a JSON text holds, nil where it holds none.
func heldIn(text []byte) []byte {
	var held string
	if !utf8.Valid(text) || json.Unmarshal(text, &held) != nil {
		return nil
	}
	inner := bytes.TrimSpace([]byte(held))
	if len(inner) < 2 || inner[0] != '{' || inner[len(inner)-1] != '}' {
		return nil
	}
	return inner
}
