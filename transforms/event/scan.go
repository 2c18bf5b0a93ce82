package event

import (
	"encoding/binary"
	"math"
	"math/bits"

	"adtoorder/io/record"
)

// scanner reads payloads of the usual shape, in a fifth of the parser's time, and says
// of any other one that it is none. The parser then reads that: it alone defines what
// a payload means, and the scanner must never find anything else. Of the usual shape
// is an object in ASCII without escapes or control characters, whose known fields are
// there once and have their types, and whose other fields are not nested.
//
// Its methods go on from one token to the next. Once one finds what is unusual, all
// that follow find nothing, so that only the end must be asked.
type scanner struct {
	data []byte
	at   int // index of the next byte, or unusual
}

// unusual is a place behind all payloads.
const unusual = math.MaxInt / 2

// start begins to read a record.
func (s *scanner) start(r *record.Record) {
	s.data, s.at = r.Payload, 0
	if r.Damage != "" || r.Size > record.MaxSize {
		s.at = unusual
	}
}

// ended reports whether all was usual to the payload's end.
func (s *scanner) ended() bool {
	s.space()
	return s.at == len(s.data)
}

// take goes past white space and a character, if that is the next one.
func (s *scanner) take(c byte) bool {
	if s.at < len(s.data) && s.data[s.at] == c {
		s.at++
		return true
	}
	return s.takeBehindSpace(c)
}

func (s *scanner) takeBehindSpace(c byte) bool {
	s.space()
	if s.at >= len(s.data) || s.data[s.at] != c {
		return false
	}
	s.at++
	return true
}

// space goes past white space.
func (s *scanner) space() {
	for s.at < len(s.data) {
		switch s.data[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return
		}
	}
}

// fieldName is a known field's name as it stands in a payload, such as "Event": with
// its quotes and colon. It has 8 to 16 bytes, so that two words are all of it.
type fieldName struct {
	length      int
	first, last uint64 // its first and last eight bytes
}

func nameOf(name string) fieldName {
	text := []byte(`"` + name + `":`)
	n := len(text)
	return fieldName{n, binary.LittleEndian.Uint64(text), binary.LittleEndian.Uint64(text[n-8:])}
}

// known goes past the next field's name, and returns its index among the known ones;
// -1 where it is unknown, or written with white space before its colon. Payloads mostly
// have their fields in the order of the names: the search begins at the one that a
// record most likely has next.
func (s *scanner) known(names []fieldName, next int) int {
	s.space()
	data := s.data
	if s.at+8 > len(data) {
		return -1
	}
	data = data[s.at:]
	first := binary.LittleEndian.Uint64(data)
	for range names {
		if next >= len(names) {
			next = 0
		}
		n := &names[next]
		if n.first == first && n.length <= len(data) && binary.LittleEndian.Uint64(data[n.length-8:]) == n.last {
			s.at += n.length
			return next
		}
		next++
	}
	return -1
}

// seenFields are the known fields of an object that were read, a bit for each.
type seenFields uint8

// note notes a field. One that is there twice is unusual.
func (f *seenFields) note(s *scanner, field int) {
	if *f&(1<<field) != 0 {
		s.at = unusual
	}
	*f |= 1 << field
}

// has reports whether a field was noted.
func (f seenFields) has(field int) bool { return f&(1<<field) != 0 }

// text reads a known field that is a text; null is as good as an empty one.
func (s *scanner) text() []byte {
	data, from := s.data, s.at
	if from >= len(data) || data[from] != '"' {
		if s.space(); s.at < len(data) && data[s.at] == 'n' {
			s.rest("null")
			return nil
		}
		from = s.at
	}
	to := plainEnd(data, from)
	if to < 0 {
		s.at = unusual
		return nil
	}
	s.at = to + 1
	return data[from+1 : to]
}

// plainEnd returns the index of the quote that ends the plain text that begins with the
// quote at an index; -1 where there is none.
func plainEnd(data []byte, at int) int {
	if at >= len(data) || data[at] != '"' {
		return -1
	}
	at++
	for ; at+8 <= len(data); at += 8 {
		if found := ends(binary.LittleEndian.Uint64(data[at:])); found != 0 {
			at += bits.TrailingZeros64(found) / 8
			break
		}
	}
	for ; at < len(data); at++ {
		if c := data[at]; c == '"' {
			return at
		} else if c < ' ' || c == '\\' || c > '~'+1 {
			return -1
		}
	}
	return -1
}

const ones, highs = 0x0101010101010101, 0x8080808080808080

// ends finds what a plain text doesn't have: quotes, backslashes, control characters
// and what is not ASCII. The lowest bit that is set is the high bit of the first one of
// eight bytes: an ASCII byte that is less than what is subtracted sets it. So may any
// byte above that, but none below.
func ends(eight uint64) uint64 {
	return ((eight - ones*' ') | ((eight ^ ones*'"') - ones) | ((eight ^ ones*'\\') - ones) | eight) & highs
}

// plain goes past a plain text.
func (s *scanner) plain() {
	if to := plainEnd(s.data, s.at); to > 0 {
		s.at = to + 1
		return
	}
	s.at = unusual
}

// rest goes past the rest of a word.
func (s *scanner) rest(word string) {
	if s.at+len(word) > len(s.data) || string(s.data[s.at:s.at+len(word)]) != word {
		s.at = unusual
		return
	}
	s.at += len(word)
}

// number reads a number that is not negative, and has no exponent.
func (s *scanner) number() []byte {
	s.space()
	from := s.at
	if from >= len(s.data) {
		return nil
	}
	whole := s.digits()
	if whole == 0 || whole > 1 && s.data[from] == '0' {
		s.at = unusual
		return nil
	}
	if s.at < len(s.data) && s.data[s.at] == '.' {
		s.at++
		if s.digits() == 0 {
			s.at = unusual
			return nil
		}
	}
	return s.data[from:s.at]
}

// scaled reads a number times 10^shift.
func (s *scanner) scaled(shift int) int64 {
	text := s.number()
	n, ok := short(text, shift)
	if !ok || len(text) == 0 {
		s.at = unusual
	}
	return n
}

// digits goes past digits, and returns how many there were.
func (s *scanner) digits() int {
	from := s.at
	for s.at < len(s.data) && s.data[s.at]-'0' <= 9 {
		s.at++
	}
	return s.at - from
}

// unknown goes past a field of another name. One with white space behind its name is
// unusual: it may be a known one.
func (s *scanner) unknown() {
	s.plain()
	if s.at >= len(s.data) || s.data[s.at] != ':' {
		s.at = unusual
		return
	}
	s.at++
	s.space()
	if s.at >= len(s.data) {
		return
	}
	switch s.data[s.at] {
	case '"':
		s.plain()
	case 't':
		s.rest("true")
	case 'f':
		s.rest("false")
	case 'n':
		s.rest("null")
	case '-':
		s.at++
		if s.at < len(s.data) && s.data[s.at] > ' ' {
			s.number()
			return
		}
		s.at = unusual
	default:
		s.number()
	}
}
