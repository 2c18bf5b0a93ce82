package framing

import "bytes"

// IsOne reports whether a text is plainly one object without line breaks, as most
// messages are: this takes a tenth of the time that finding its pieces does.
func IsOne(text []byte) bool {
	return len(text) > 1 && text[0] == '{' && bytes.IndexByte(text, '\n') < 0 && isPlain(text)
}

// All appends the pieces of a text that is there as a whole, at most so many; then it
// returns false. They share its memory.
func All(text []byte, into []Piece, most int) (all []Piece, ok bool) {
	c := cutter{place: newLine(0), block: text, into: into, final: true, lf: -1}
	most += len(into)
	for at := 0; at < len(text) && len(c.into) <= most; at, _ = c.step(at) {
	}
	return c.into[:min(len(c.into), most)], len(c.into) <= most
}
