package files

import (
	"bytes"
	"errors"
	"io"

	"adtoorder/io/compression"
	"adtoorder/io/format"
	"adtoorder/io/format/csv"
	"adtoorder/io/framing"
)

// CSV is the File.Format of rows behind a header, separated by commas, semicolons or tabs.
const CSV = "csv"

// formatOf returns the File.Format of a file whose text begins with some bytes: "" for
// JSON, and for what is none that is known.
func formatOf(path string, head []byte) string {
	if _, ok := csv.Find(compression.Inner(path), head); ok {
		return CSV
	}
	return ""
}

// reader returns the reader of a file's uncompressed text.
func (f File) reader(text io.Reader) format.Reader {
	var head []byte
	if head, text = peek(text, compression.Sniffed); mayBeRows(head) {
		head, text = peek(text, csv.HeaderSize)
		if layout, ok := csv.Find(compression.Inner(f.Path), head); ok {
			return csv.NewReader(text, layout)
		}
	}
	return framing.NewReader(text, 0)
}

// mayBeRows reports whether it is worth looking for a header: most files begin as JSON.
func mayBeRows(head []byte) bool {
	first := bytes.TrimLeft(head, " \t\r\n\xef\xbb\xbf")
	return len(first) > 0 && first[0] != '{' && first[0] != '['
}

// peek returns what a text begins with, at most so many bytes, and the text from its start.
func peek(text io.Reader, size int) ([]byte, io.Reader) {
	head := make([]byte, size)
	n, err := io.ReadFull(text, head)
	head = head[:n]
	if err != nil && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
		text = failing{err}
	}
	return head, io.MultiReader(bytes.NewReader(head), text)
}

// failing is a text that can't be read on.
type failing struct{ error }

// Read implements io.Reader.
func (f failing) Read([]byte) (int, error) { return 0, f.error }
