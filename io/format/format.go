// Package format is what readers of files have in common that hold no JSON text: rows of
// CSV, Parquet and Avro become JSON objects, each the payload of a record.
package format

import (
	"encoding/base64"
	"unicode/utf8"

	"adtoorder/io/framing"
)

// Reader reads the records of a file in order, batch by batch. framing.Reader is one, too.
type Reader interface {
	// Next appends the records of the next batch that has any; none at the end.
	Next(into []framing.Piece) []framing.Piece
	// Skip goes from the start to an offset, behind some records.
	Skip(offset int64) error
	// Offset returns the offset behind the records that were returned.
	Offset() int64
	// Err returns what ended the reading: io.EOF at the end, nil before.
	Err() error
	// Rest returns what an error other than io.EOF cut short.
	Rest() []byte
}

// AppendText appends a text as JSON has it. What is not UTF-8 stays as it is: whoever
// reads the record tells of it.
func AppendText[T string | []byte](to []byte, text T) []byte {
	return append(AppendEscaped(append(to, '"'), text), '"')
}

// AppendEscaped is AppendText without the quotes.
func AppendEscaped[T string | []byte](to []byte, text T) []byte {
	from := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		to = append(to, text[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			to = append(to, '\\', c)
		case '\n':
			to = append(to, '\\', 'n')
		case '\r':
			to = append(to, '\\', 'r')
		case '\t':
			to = append(to, '\\', 't')
		default:
			const digits = "0123456789abcdef"
			to = append(to, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
	}
	return append(to, text[from:]...)
}

// AppendBytes appends bytes as a text where they are UTF-8, otherwise in base64.
func AppendBytes(to, b []byte) []byte {
	if utf8.Valid(b) {
		return AppendText(to, b)
	}
	to = append(to, '"')
	to = base64.StdEncoding.AppendEncode(to, b)
	return append(to, '"')
}
