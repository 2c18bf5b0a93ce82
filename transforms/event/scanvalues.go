package event

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

// scaled reads a number, or a text that is one, times 10^shift.
func (s *scanner) scaled(shift int) int64 {
	s.space()
	from := s.at
	text := s.number()
	if len(text) == 0 {
		s.at = from
		if text = s.text(false); !isDecimal(text) {
			s.at = unusual
		}
	}
	n, ok := short(text, shift)
	if !ok {
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
