package framing

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// isPlain reports whether a line that begins with a brace is one record by its braces:
// only the last one closes the first. Most lines are, and this takes a tenth of the
// time of following them. What else is no object in such a line, its decoder finds.
func isPlain(line []byte) bool {
	last := len(line) - 1
	if line[last] == '\r' {
		last--
	}
	closes := bytes.IndexByte(line, '}')
	if closes == last {
		return bytes.IndexByte(line[1:], '{') < 0
	}
	return closes > 0 && line[last] == '}' && isNested(line[:last])
}

// isNested reports whether a line opens one brace more than it closes, never fewer.
func isNested(line []byte) bool {
	depth := 0
	count := func(c byte) bool {
		switch c {
		case '{':
			depth++
		case '}':
			depth--
		}
		return depth > 0
	}
	for ; len(line) >= 8; line = line[8:] {
		for found := likeBraces(binary.LittleEndian.Uint64(line)); found != 0; found &= found - 1 {
			if !count(line[bits.TrailingZeros64(found)/8]) {
				return false
			}
		}
	}
	for _, c := range line {
		if !count(c) {
			return false
		}
	}
	return depth == 1
}

const ones, highs = 0x0101010101010101, 0x8080808080808080

// likeBraces finds, among eight bytes, those from x to DEL, and perhaps some others: it
// sets their high bits. Braces are among them.
func likeBraces(eight uint64) uint64 {
	others := (eight ^ ones*0x78) & (ones * 0xf8) // 0 where the byte is one
	return (others - ones) &^ others & highs
}
