package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"adtoorder/io/compression"
	"adtoorder/io/format"
	"adtoorder/io/format/avro"
	"adtoorder/io/format/csv"
	"adtoorder/io/format/parquet"
	"adtoorder/io/framing"
)

// The formats that File.Format names, beside JSON text.
const (
	CSV     = "csv" // rows behind a header, separated by commas, semicolons or tabs
	Parquet = "parquet"
	Avro    = "avro" // object container files
)

// formatOf returns the File.Format of a file whose text begins with some bytes: "" for
// JSON, and for what is none that is known.
func formatOf(path string, head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte(parquet.Magic)):
		return Parquet
	case bytes.HasPrefix(head, []byte(avro.Magic)):
		return Avro
	case !mayBeRows(head):
		return ""
	}
	if _, ok := csv.Find(compression.Inner(path), head); ok {
		return CSV
	}
	return ""
}

// mayBeRows reports whether it is worth looking for a header: most files begin as JSON.
func mayBeRows(head []byte) bool {
	first := bytes.TrimLeft(head, " \t\r\n\xef\xbb\xbf")
	return len(first) > 0 && first[0] != '{' && first[0] != '['
}

// begin has the reader read an uncompressed text.
func (r *Reader) begin(text io.Reader) {
	var head []byte
	if head, text = peek(text, compression.Sniffed); mayBeRows(head) {
		head, text = peek(text, csv.HeaderSize)
	}
	r.text = framing.NewReader(text, 0)
	var rows format.Reader
	var err error
	r.format = formatOf(r.file.name(), head)
	switch r.format {
	case CSV:
		layout, _ := csv.Find(compression.Inner(r.file.name()), head)
		rows = csv.NewReader(text, layout)
	case Avro:
		r.damage = avro.Damage
		rows, err = avro.NewReader(text)
	case Parquet:
		r.damage = parquet.Damage
		rows, err = r.openParquet(text)
	default:
		return
	}
	if err != nil {
		r.failed = err
		return
	}
	r.text = rows
}

// openParquet opens a file that is read at many places. One that can't be, since it is in
// a bucket or compressed, is copied to a temporary file first.
func (r *Reader) openParquet(text io.Reader) (format.Reader, error) {
	in, ok := r.in.(*os.File)
	if !ok || r.how != nil {
		copied, err := spool(text)
		if err != nil {
			return nil, err
		}
		r.spooled, in = copied, copied
	}
	info, err := in.Stat()
	if err != nil {
		return nil, err
	}
	return parquet.NewReader(watched{in, r.stored}, info.Size())
}

// watched is a file of which it is noted where its disk fails.
type watched struct {
	*os.File
	stored *counting
}

// ReadAt implements io.ReaderAt.
func (w watched) ReadAt(into []byte, offset int64) (int, error) {
	n, err := w.File.ReadAt(into, offset)
	if err != nil && err != io.EOF {
		w.stored.err = err
	}
	return n, err
}

// spool copies a text to a temporary file, which Reader.Close removes.
func spool(text io.Reader) (*os.File, error) {
	file, err := os.CreateTemp("", "adtoorder-*.spooled")
	if err != nil {
		return nil, fmt.Errorf("making a temporary file: %w", err)
	}
	if _, err = io.Copy(file, text); err != nil {
		return nil, errors.Join(err, remove(file))
	}
	return file, nil
}

func remove(file *os.File) error { return errors.Join(file.Close(), os.Remove(file.Name())) }

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
