package framing

import "bytes"

// Spans reports whether the records of a text that begins with a block seem to span
// lines, or a line is longer than the block: such a text can't be read from the middle.
func Spans(block []byte, whole bool) bool {
	c := cutter{place: newLine(0), block: block, final: whole, lf: -1}
	n := c.cut()
	for _, p := range c.into {
		if bytes.IndexByte(p.Text, '\n') >= 0 {
			return true
		}
	}
	if whole {
		return false
	}
	return bytes.IndexByte(block[n:], '\n') >= 0 || bytes.IndexByte(block, '\n') < 0
}
