package table

import (
	"encoding/binary"
	"errors"
	"math"
	"reflect"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// Batch is rows that travel together: a runner takes as long to hand over an element
// as it takes to make a row.
type Batch[T any] struct{ Rows []T }

// RegisterBatch registers batches of a type of rows. It is called in an init.
func RegisterBatch[T any]() {
	beam.RegisterType(reflect.TypeFor[Batch[T]]())
	stored.Store(reflect.TypeFor[Batch[T]](), batchColumns[T]())
}

// stored holds the columns that are written of a row, by the type of its batch.
var stored sync.Map // reflect.Type -> []Column

// All batches have one coder, since Beam (2.77) knows its functions by their names,
// which all instances of a generic one share. Runners need not understand it.
func init() { beam.RegisterCoder(reflect.TypeFor[anyBatch](), encodeBatch, decodeBatch) }

type anyBatch interface {
	encode() []byte
	decode(text []byte) (any, error)
}

func encodeBatch(b beam.T) []byte { return b.(anyBatch).encode() }

func decodeBatch(t reflect.Type, text []byte) (beam.T, error) {
	return reflect.Zero(t).Interface().(anyBatch).decode(text)
}

func (b Batch[T]) columns() []Column {
	columns, _ := stored.Load(reflect.TypeFor[Batch[T]]())
	return columns.([]Column)
}

func (b Batch[T]) encode() []byte { return encodeRows(b.columns(), b.Rows) }

func (b Batch[T]) decode(text []byte) (any, error) {
	rows, err := decodeRows[T](b.columns(), text)
	return Batch[T]{rows}, err
}

// batchColumns returns what is written of a row. Derived columns are computed again.
func batchColumns[T any]() []Column {
	columns := Stored(Columns[T]())
	for _, c := range columns {
		if c.Nullable {
			panic("table: column " + c.Name + " may be null, and is not derived: batches have no coder for it")
		}
	}
	return columns
}

// encodeRows writes the number of rows, then the values of each. Of a text that
// equals the one above it only sameAsAbove is written.
func encodeRows[T any](columns []Column, rows []T) []byte {
	b := binary.AppendUvarint(make([]byte, 0, 8+8*len(columns)*len(rows)), uint64(len(rows)))
	above := make([]string, len(columns))
	for i := range rows {
		row := reflect.ValueOf(&rows[i]).Elem()
		for j, c := range columns {
			switch v := row.FieldByIndex(c.index); c.Kind {
			case Text:
				b = appendText(b, v.String(), &above[j])
			case Binary:
				b = appendText(b, string(v.Bytes()), &above[j])
			case Boolean:
				b = appendBool(b, v.Bool())
			case Float:
				b = binary.BigEndian.AppendUint64(b, math.Float64bits(v.Float()))
			default:
				b = binary.AppendVarint(b, v.Int())
			}
		}
	}
	return b
}

// sameAsAbove stands in place of a text's length.
const sameAsAbove = math.MaxUint32

func appendBool(b []byte, value bool) []byte {
	if value {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendText(b []byte, text string, above *string) []byte {
	switch text {
	case "":
		return append(b, 0)
	case *above:
		return binary.AppendUvarint(b, sameAsAbove)
	}
	*above = text
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

var errShortBatch = errors.New("decoding rows: they end too early")

func decodeRows[T any](columns []Column, text []byte) ([]T, error) {
	r := batchReader{rest: text}
	n := r.uvarint()
	if n > uint64(len(text)) {
		return nil, errShortBatch
	}
	rows := make([]T, n)
	above := make([]string, len(columns))
	for i := range rows {
		row := reflect.ValueOf(&rows[i]).Elem()
		for j, c := range columns {
			switch v := row.FieldByIndex(c.index); c.Kind {
			case Text:
				v.SetString(r.text(&above[j]))
			case Binary:
				v.SetBytes([]byte(r.text(&above[j])))
			case Boolean:
				v.SetBool(r.bool())
			case Float:
				v.SetFloat(r.float())
			default:
				v.SetInt(r.varint())
			}
		}
		Derive(&rows[i])
	}
	return rows, r.err
}

// batchReader reads what encodeRows wrote, and stops at the first error.
type batchReader struct {
	rest []byte
	err  error
}

func (r *batchReader) fail() { r.rest, r.err = nil, errShortBatch }

func (r *batchReader) uvarint() uint64 { return number(r, binary.Uvarint) }

func (r *batchReader) varint() int64 { return number(r, binary.Varint) }

// number reads a number as one of package binary's functions does.
func number[N int64 | uint64](r *batchReader, read func([]byte) (N, int)) N {
	n, size := read(r.rest)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *batchReader) bytes(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.fail()
		return nil
	}
	bytes := r.rest[:n]
	r.rest = r.rest[n:]
	return bytes
}

func (r *batchReader) bool() bool {
	b := r.bytes(1)
	return len(b) > 0 && b[0] == 1
}

func (r *batchReader) float() float64 {
	if b := r.bytes(8); b != nil {
		return math.Float64frombits(binary.BigEndian.Uint64(b))
	}
	return 0
}

// text returns the text above again where it is the same, without a copy.
func (r *batchReader) text(above *string) string {
	switch n := r.uvarint(); n {
	case 0:
		return ""
	case sameAsAbove:
	default:
		*above = string(r.bytes(n))
	}
	return *above
}
