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

// text reads a known field that is a text, or may be a number, as a text; null is as good
// as an empty one.
func (s *scanner) text(orNumber bool) []byte {
	data, from := s.data, s.at
	if from >= len(data) || data[from] != '"' {
		return s.otherText(orNumber)
	}
	to := plainEnd(data, from)
	if to < 0 {
		s.at = unusual
		return nil
	}
	s.at = to + 1
	return data[from+1 : to]
}

// otherText reads what doesn't begin with a quote, as text does.
func (s *scanner) otherText(orNumber bool) []byte {
	if s.space(); s.at < len(s.data) {
		switch c := s.data[s.at]; {
		case c == '"':
			return s.text(orNumber)
		case c == 'n':
			s.rest("null")
			return nil
		case orNumber && c-'0' <= 9:
			return s.number()
		}
	}
	s.at = unusual
	return nil
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
// eight bytes. An ASCII byte that is less than what is subtracted sets it; so does one
// of 0xa0 and above in the first term, and another one that is not ASCII in the second.
// What is borrowed may set bits above the first, but none below.
func ends(eight uint64) uint64 {
	return ((eight - ones*' ') | ((eight ^ ones*'"') - ones) | ((eight ^ ones*'\\') - ones)) & highs
}

// plain goes past a plain text.
func (s *scanner) plain() {
	if to := plainEnd(s.data, s.at); to > 0 {
		s.at = to + 1
		return
	}
	s.at = unusual
}
