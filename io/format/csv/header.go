package csv

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// HeaderSize is how much of a text's start tells what its columns are, in bytes.
const HeaderSize = 64 << 10

// Find returns how a file that begins with some text writes its rows; false where it is
// none of CSV. A file that is named as one needs no more than a first line of fields. Any
// other one must have two rows at least, the first one of names, and no line that begins
// as JSON does.
func Find(name string, head []byte) (l Layout, ok bool) {
	start := len(head)
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	start -= len(head)
	if first := bytes.TrimLeft(head, " \t\r\n\x1e"); len(first) == 0 || first[0] == '{' || first[0] == '[' {
		return l, false
	}
	separators := []byte(",;\t")
	if found, told := bytes.CutPrefix(head, []byte("sep=")); told && len(found) > 0 { // as Excel has it
		separators = found[:1]
		end := bytes.IndexByte(head, '\n') + 1
		head, start = head[end:], start+end
	}
	extension := strings.ToLower(path.Ext(name))
	named := extension == ".csv" || extension == ".tsv" || extension == ".tab"
	for _, separator := range separators {
		found, ok := columns(head, separator)
		if ok && len(found.Columns) > len(l.Columns) && (named || found.isSure(head)) {
			l = found
		}
	}
	l.Start += int64(start)
	return l, len(l.Columns) > 0
}

// columns returns the fields of the first row.
func columns(head []byte, separator byte) (l Layout, ok bool) {
	var fields []field
	c := rows{text: head, separator: separator, final: len(head) < HeaderSize}
	for len(fields) == 0 {
		if !c.next(&fields) || c.bad {
			return l, false
		}
	}
	for _, f := range fields {
		name := strings.ReplaceAll(string(head[f.from:f.to]), `""`, `"`)
		l.Columns = append(l.Columns, strings.TrimSpace(name))
	}
	l.Separator, l.Start = separator, int64(c.at)
	return l, true
}

// isSure reports whether a text whose name does not tell has rows of columns.
func (l Layout) isSure(head []byte) bool {
	const fewest = 2
	if len(l.Columns) < fewest || slices.ContainsFunc(l.Columns, func(name string) bool { return !isName(name) }) {
		return false
	}
	for line := range bytes.Lines(head) {
		if line = bytes.TrimSpace(line); len(line) > 0 && (line[0] == '{' || line[0] == '[') {
			return false
		}
	}
	var fields []field
	c := rows{text: head, separator: l.Separator, at: int(l.Start), final: len(head) < HeaderSize}
	for c.next(&fields) {
		if len(fields) > 0 {
			return !c.bad && len(fields) == len(l.Columns)
		}
	}
	return false
}

// isName reports whether a text may be that of a column.
func isName(text string) bool {
	const most = 100
	letter := func(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
	if len(text) == 0 || len(text) > most || !letter(text[0]) {
		return false
	}
	return strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-:/# ()") == ""
}
