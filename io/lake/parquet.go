package lake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"

	"adtoorder/io/table"

	"github.com/parquet-go/parquet-go"
)

// parquet-go's own reader of structs (0.32) takes a dozen allocations a row, and as
// long for few columns as for all: it reads by rows. These read by columns.

// decodeParquet returns the rows of a file. Derived columns are computed again; those
// that the file lacks, since it is of an older engine, stay zero.
func decodeParquet[T any](content []byte) (rows []T, err error) {
	err = openParquet(content, func(f *parquet.File) error {
		rows = make([]T, f.NumRows())
		all := reflect.ValueOf(rows)
		for _, c := range table.Stored(table.Columns[T]()) {
			above := ""
			err := eachValue(f, c, func(i int, v parquet.Value) { set(c.Kind, c.Field(all.Index(i)), v, &above) })
			if err != nil {
				return err
			}
		}
		for i := range rows {
			table.Derive(&rows[i])
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// timesOfParquet returns the values of a column of times. Nothing else is read.
func timesOfParquet(content []byte, column string) (all []table.Time, err error) {
	err = openParquet(content, func(f *parquet.File) error {
		if _, found := f.Schema().Lookup(column); !found {
			return fmt.Errorf("has no column %s", column)
		}
		all = make([]table.Time, f.NumRows())
		return eachValue(f, table.Column{Name: column, Kind: table.Timestamp}, func(i int, v parquet.Value) {
			all[i] = table.Time(v.Int64())
		})
	})
	return all, err
}

// openParquet reads a file by a function. The reader panics where a file is damaged.
func openParquet(content []byte, read func(*parquet.File) error) (err error) {
	defer func() {
		problem := recover()
		if problem == nil {
			problem = err
		}
		if problem != nil {
			err = fmt.Errorf("is no whole Parquet file: %v", problem)
		}
	}()
	f, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)),
		parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return err
	}
	return read(f)
}

// physical are the types by which kinds of columns are kept.
var physical = map[table.Kind]parquet.Kind{table.Integer: parquet.Int64, table.Timestamp: parquet.Int64,
	table.Text: parquet.ByteArray, table.Binary: parquet.ByteArray, table.Float: parquet.Double,
	table.Boolean: parquet.Boolean}

// eachValue calls a function with each value of a column, if there is such a column,
// and the number of its row.
func eachValue(f *parquet.File, c table.Column, do func(row int, v parquet.Value)) error {
	leaf, found := f.Schema().Lookup(c.Name)
	if !found {
		return nil
	}
	if kind := leaf.Node.Type().Kind(); kind != physical[c.Kind] {
		return fmt.Errorf("column %s is of %v, want %v", c.Name, kind, physical[c.Kind])
	}
	row, values := 0, make([]parquet.Value, 256)
	for _, group := range f.RowGroups() {
		pages := group.ColumnChunks()[leaf.ColumnIndex].Pages()
		for page, err := pages.ReadPage(); err != io.EOF; page, err = pages.ReadPage() {
			if err != nil {
				return errors.Join(err, pages.Close())
			}
			in, n := page.Values(), 0
			for err == nil {
				n, err = in.ReadValues(values)
				for _, v := range values[:n] {
					do(row, v)
					row++
				}
			}
			parquet.Release(page)
			if err != io.EOF {
				return errors.Join(err, pages.Close())
			}
		}
		if err := pages.Close(); err != nil {
			return err
		}
	}
	if int64(row) != f.NumRows() {
		return fmt.Errorf("column %s has %d rows of %d", c.Name, row, f.NumRows())
	}
	return nil
}

// set sets a field of a kind to a value. A text that equals the one above it is the same.
func set(kind table.Kind, field reflect.Value, v parquet.Value, above *string) {
	switch kind {
	case table.Text:
		if string(v.ByteArray()) != *above {
			*above = string(v.ByteArray())
		}
		field.SetString(*above)
	case table.Binary:
		field.SetBytes(append([]byte{}, v.ByteArray()...))
	case table.Boolean:
		field.SetBool(v.Boolean())
	case table.Float:
		field.SetFloat(v.Double())
	default:
		field.SetInt(v.Int64())
	}
}
