package files

import (
	"bytes"
	"io"

	"adtoorder/io/record"
)

// blockSize is how much text is read at once, in bytes. Records share the
// memory of their block, so a block is never used twice.
const blockSize = 256 << 10

// line is one line of text, without its line end.
type line struct {
	text   []byte // the whole line, or its first record.MaxKept bytes if it is too long
	offset int64  // of its first byte
	size   int64  // bytes in the file, without the line end
}

// lines cuts text into blocks of whole lines.
type lines struct {
	in     io.Reader
	offset int64  // of the first byte of rest
	rest   []byte // read, but not yet returned: the start of a line
	err    error  // what ended the reading; io.EOF at the end
}

// next appends the lines of the next block that has any, in order; none at the
// end. A line that an error other than io.EOF cut short stays in rest.
func (l *lines) next(into []line) []line {
	for l.err == nil || len(l.rest) > 0 {
		block := l.fill()
		end := bytes.LastIndexByte(block, '\n') + 1
		if l.err == io.EOF {
			end = len(block) // the last line may lack its line end
		}
		if end == 0 && len(block) > record.MaxSize+1 { // the last byte may be the CR of a line end
			return append(into, l.skipLong(block))
		}
		into = l.cut(into, block[:end])
		l.rest = block[end:]
		l.offset += int64(end)
		if len(into) > 0 || end == 0 && l.err != nil {
			return into
		}
	}
	return into
}

// fill reads one block behind what is left over. A short one, at the end, is
// copied: the records of many small files must not hold a block each.
func (l *lines) fill() []byte {
	block := make([]byte, len(l.rest)+blockSize)
	n := copy(block, l.rest)
	for n < len(block) && l.err == nil {
		var m int
		m, l.err = l.in.Read(block[n:])
		n += m
	}
	if n < len(block)/2 {
		return bytes.Clone(block[:n])
	}
	return block[:n]
}

// cut appends the lines of text, which starts at l.offset, without empty ones.
func (l *lines) cut(into []line, text []byte) []line {
	for at := 0; at < len(text); {
		next := len(text)
		if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
			next = at + i + 1
		}
		one := line{text: trimEnd(text[at:next]), offset: l.offset + int64(at)}
		if one.size = int64(len(one.text)); one.size > record.MaxSize {
			one.text = bytes.Clone(one.text[:record.MaxKept])
		}
		if one.size > 0 {
			into = append(into, one)
		}
		at = next
	}
	return into
}

// skipLong returns the start of a line that is longer than record.MaxSize, and
// reads on to its end without keeping the rest.
func (l *lines) skipLong(start []byte) line {
	one := line{text: bytes.Clone(start[:min(len(start), record.MaxKept)]), offset: l.offset}
	read, last := int64(0), []byte(nil) // last: the final bytes of the line
	for block := start; ; block = l.fill() {
		end := bytes.IndexByte(block, '\n') + 1
		if end == 0 && l.err == nil {
			read, last, l.rest = read+int64(len(block)), block[len(block)-1:], nil
			continue
		}
		if end == 0 {
			end = len(block)
		}
		last = append(bytes.Clone(last), block[:end]...)
		one.size = read + int64(end) - int64(len(last)-len(trimEnd(last)))
		l.rest = block[end:]
		l.offset += read + int64(end)
		return one
	}
}

// trimEnd removes one line end, LF or CRLF.
func trimEnd(text []byte) []byte {
	if n := len(text); n > 0 && text[n-1] == '\n' {
		text = text[:n-1]
		if n > 1 && text[n-2] == '\r' {
			text = text[:n-2]
		}
	}
	return text
}
