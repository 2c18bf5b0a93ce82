package framing

import "bytes"

// Start returns the start of what was not read yet, at most a block or two, and leaves it to
// be read.
func (r *Reader) Start() []byte {
	r.rest = r.fill()
	return r.rest
}

// Describe says how records stand in a text, given its start.
func Describe(text []byte) string {
	pieces := NewReader(bytes.NewReader(text), 0).Next(nil)
	kinds := map[string]int{}
	for i, p := range pieces {
		kinds[kindOf(text, pieces, i, p)]++
	}
	how := "nothing"
	for kind, n := range kinds {
		if n > kinds[how] || n == kinds[how] && kind > how {
			how = kind
		}
	}
	if bytes.HasPrefix(text, []byte(byteOrderMark)) {
		how += ", behind a byte order mark"
	}
	return how
}

// kindOf says how a piece stands beside the one before it, or the one behind it if it is
// the first.
func kindOf(text []byte, pieces []Piece, i int, p Piece) string {
	switch {
	case text[p.Offset] == '"':
		return "objects within JSON texts"
	case i == 0 && len(pieces) > 1:
		return kindOf(text, pieces, 1, pieces[1])
	}
	between := text[:p.Offset]
	if i > 0 {
		between = text[min(pieces[i-1].Offset+pieces[i-1].Size, p.Offset):p.Offset]
	}
	switch {
	case bytes.IndexByte(between, separator) >= 0:
		return "objects behind record separators (RFC 7464)"
	case bytes.IndexByte(between, ',') >= 0 || i == 0 && bytes.IndexByte(between, '[') >= 0:
		return "an array of objects"
	case bytes.IndexByte(p.Text, '\n') >= 0:
		return "objects over several lines"
	case i > 0 && bytes.IndexByte(between, '\n') < 0 && bytes.IndexByte(between, '\r') >= 0:
		return "an object a line, ended by CR alone"
	case i > 0 && bytes.IndexByte(between, '\n') < 0:
		return "several objects on a line"
	}
	return "an object a line"
}
