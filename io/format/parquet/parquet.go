// Package parquet reads rows of Parquet files (parquet-go: pure Go, without cgo).
//
//	io.ReaderAt -> []framing.Piece...
//
// A row becomes a JSON object by its columns; its offset is its index in the file. Lists
// and maps are those of JSON, timestamps texts in RFC 3339, decimals exact numbers, bytes
// texts, in base64 where they are no UTF-8.
package parquet

import (
	"errors"
	"fmt"
	"io"

	"adtoorder/io/framing"

	"github.com/parquet-go/parquet-go"
)

const (
	// Magic begins a file, and ends it.
	Magic = "PAR1"
	// Damage is record.Record.Damage of what can't be read of a file.
	Damage = "corrupt_parquet"
	// rowsPerRead is how many rows are read at a time.
	rowsPerRead = 256
)

// Reader reads the rows of a file. It is a format.Reader.
type Reader struct {
	root   *node
	groups []parquet.RowGroup
	rows   parquet.Rows // of the first of the groups; nil where it is not open
	buffer []parquet.Row
	values [][]parquet.Value // of one row, by column
	offset int64             // index of the next row
	err    error
	grows  int // how many bytes of JSON a batch has become, at most
}

// NewReader returns a reader of a file. The file must stay open.
func NewReader(in io.ReaderAt, size int64) (r *Reader, err error) {
	defer recovered(&err)
	f, err := parquet.OpenFile(in, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fmt.Errorf("opening it as Parquet: %w", err)
	}
	r = &Reader{groups: f.RowGroups(), buffer: make([]parquet.Row, rowsPerRead)}
	if r.root, err = treeOf(f.Metadata().Schema); err != nil {
		return nil, err
	}
	r.values = make([][]parquet.Value, r.root.columns)
	return r, nil
}

// errDamaged is what a panic of the reader of a damaged file becomes.
var errDamaged = errors.New("it is no whole Parquet file")

// recovered turns a panic into an error: the library panics where a file is damaged.
func recovered(err *error) {
	if problem := recover(); problem != nil {
		*err = fmt.Errorf("%w: %v", errDamaged, problem)
	}
}

// Offset implements format.Reader.
func (r *Reader) Offset() int64 { return r.offset }

// Err implements format.Reader.
func (r *Reader) Err() error { return r.err }

// Rest implements format.Reader: a row that can't be read has no text.
func (r *Reader) Rest() []byte { return nil }

// Skip implements format.Reader.
func (r *Reader) Skip(offset int64) (err error) {
	defer recovered(&err)
	left := offset - r.offset
	for len(r.groups) > 0 && left >= r.groups[0].NumRows() {
		left -= r.groups[0].NumRows()
		r.groups = r.groups[1:]
	}
	r.offset = offset
	if left == 0 || len(r.groups) == 0 {
		return nil
	}
	r.rows = r.groups[0].Rows()
	return r.rows.SeekToRow(left)
}

// Next implements format.Reader.
func (r *Reader) Next(into []framing.Piece) []framing.Piece {
	had := len(into)
	for len(into) == had && r.err == nil {
		into, r.err = r.nextRows(into)
	}
	return into
}

func (r *Reader) nextRows(into []framing.Piece) (_ []framing.Piece, err error) {
	defer recovered(&err)
	n, failed := r.read()
	return r.append(into, r.buffer[:n]), failed
}

// read reads some rows of the first group, and goes to the next one behind its end.
func (r *Reader) read() (n int, err error) {
	defer recovered(&err)
	if len(r.groups) == 0 {
		return 0, io.EOF
	}
	if r.rows == nil {
		r.rows = r.groups[0].Rows()
	}
	n, err = r.rows.ReadRows(r.buffer)
	if err == io.EOF || err == nil && n == 0 {
		err = r.rows.Close()
		r.rows, r.groups = nil, r.groups[1:]
	}
	if err != nil {
		return n, fmt.Errorf("row %d: %w", r.offset+int64(n), err)
	}
	return n, nil
}

// append appends rows as records.
func (r *Reader) append(into []framing.Piece, rows []parquet.Row) []framing.Piece {
	texts, had := make([]byte, 0, r.grows), len(into)
	for _, row := range rows {
		from := len(texts)
		texts = r.object(texts, row)
		into = append(into, framing.Piece{Offset: r.offset, Line: r.offset, Size: int64(len(texts) - from)})
		r.offset++
	}
	framing.Place(into[had:], texts)
	r.grows = max(r.grows, len(texts))
	return into
}

func (r *Reader) object(to []byte, row parquet.Row) []byte {
	clear(r.values)
	row.Range(func(column int, values []parquet.Value) bool {
		if column < len(r.values) {
			r.values[column] = values
		}
		return true
	})
	return r.root.appendGroup(to, r.values)
}
