package event

import "encoding/binary"

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
