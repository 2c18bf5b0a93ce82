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
	at   int        // index of the next byte, or unusual
	seen knownField // of the object that is being read
}

// unusual is a place behind all payloads.
const unusual = math.MaxInt / 2

// knownField is a bit for each known field.
type knownField uint16

const (
	idField knownField = 1 << iota
	userIDField
	deviceField
	eventField
	eventTypeField
	timestampField
	orderLinesField
	itemIDField
	promotionField
	unitPriceField
	quantityField
	lineFieldsMask = itemIDField | promotionField | unitPriceField | quantityField
)

// start begins to read a record.
func (s *scanner) start(r *record.Record) {
	s.data, s.at, s.seen = r.Payload, 0, 0
	if r.Damage != "" || r.Size > record.MaxSize {
		s.at = unusual
	}
}

// usual reports whether all was usual to the payload's end.
func (s *scanner) usual() bool {
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

// name reads a field's name and the colon behind it.
func (s *scanner) name() []byte {
	name := s.quoted()
	if !s.take(':') {
		s.at = unusual
	}
	return name
}

// once notes a known field.
func (s *scanner) once(field knownField) {
	if s.seen&field != 0 {
		s.at = unusual
	}
	s.seen |= field
}

// text reads a known field that is a text; null is as good as an empty one.
func (s *scanner) text(field knownField) []byte {
	s.once(field)
	if s.take('n') {
		s.rest("ull")
		return nil
	}
	return s.quoted()
}

// quoted reads a text.
func (s *scanner) quoted() []byte {
	if !s.take('"') {
		s.at = unusual
		return nil
	}
	from := s.at
	to := plainEnd(s.data, from)
	if to >= len(s.data) || s.data[to] != '"' {
		s.at = unusual
		return nil
	}
	s.at = to + 1
	return s.data[from:to]
}

// plainEnd returns the index of the first byte that is a quote, a backslash, a control
// character or not ASCII, from an index on; the text's length where there is none.
func plainEnd(text []byte, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(text); i += 8 {
		// Of eight ASCII bytes at a time, one that is less than another number sets its
		// high bit as that is subtracted. So may the ones above it, but not below.
		eight := binary.LittleEndian.Uint64(text[i:])
		found := (eight - ones*' ') | ((eight ^ ones*'"') - ones) | ((eight ^ ones*'\\') - ones) | eight
		found &= highs
		if found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for ; i < len(text); i++ {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c > '~'+1 {
			break
		}
	}
	return i
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
	if s.at >= len(s.data) {
		return nil
	}
	from := s.at
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

// digits goes past digits, and returns how many there were.
func (s *scanner) digits() int {
	from := s.at
	for s.at < len(s.data) && s.data[s.at]-'0' <= 9 {
		s.at++
	}
	return s.at - from
}

// unknown goes past the value of an unknown field.
func (s *scanner) unknown() {
	s.space()
	if s.at >= len(s.data) {
		return
	}
	switch s.data[s.at] {
	case '"':
		s.quoted()
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
