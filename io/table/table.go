// Package table says how a row struct is kept: its columns, what identifies a
// row, and how two versions of a row become one. Files and warehouses read it
// from the same struct, so that they hold the same rows.
//
// A column is an exported field with a parquet tag, which names it and gives
// its type in files, and a json tag of the same name. A table tag tells its
// part in merging:
//
//	table:"key"      identifies the row; the order of keys is the order of rows
//	table:"max"      a counter: the larger one stays
//	table:"derived"  computed from the counters by the row's Derive method
//
// Any other column is the newer row's.
package table

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
)

// Column is a column of a table.
type Column struct {
	Name    string
	Type    reflect.Type
	Key     bool
	Max     bool // a counter
	Derived bool
	index   []int // of the struct's field, through embedded structs
}

// Deriver is a row that has derived columns.
type Deriver interface{ Derive() }

// Columns returns the columns of a row struct, in the order of its fields. Those of an
// embedded struct stand in its place.
func Columns[T any]() []Column {
	var columns []Column
	for _, f := range reflect.VisibleFields(reflect.TypeFor[T]()) {
		if f.Anonymous {
			continue // its fields follow
		}
		name, _, _ := strings.Cut(f.Tag.Get("parquet"), ",")
		role := f.Tag.Get("table")
		columns = append(columns, Column{Name: name, Type: f.Type,
			Key: role == "key", Max: role == "max", Derived: role == "derived", index: f.Index})
	}
	return columns
}

// Value returns the column's value in a row, given as a pointer.
func (c Column) Value(row any) any {
	return reflect.ValueOf(row).Elem().FieldByIndex(c.index).Interface()
}

// Pointer returns a pointer to the column's value in a row, given as a pointer.
func (c Column) Pointer(row any) any {
	return reflect.ValueOf(row).Elem().FieldByIndex(c.index).Addr().Interface()
}

// Merge merges rows of one key: counters by max, so that it needs no order, and
// merging a row again changes nothing.
func Merge[T any](columns []Column, old, newer T) T {
	o, n := reflect.ValueOf(&old).Elem(), reflect.ValueOf(&newer).Elem()
	for _, c := range columns {
		if c.Max && o.FieldByIndex(c.index).Int() > n.FieldByIndex(c.index).Int() {
			n.FieldByIndex(c.index).Set(o.FieldByIndex(c.index))
		}
	}
	if d, ok := any(&newer).(Deriver); ok {
		d.Derive()
	}
	return newer
}

// Compare orders rows by their keys.
func Compare[T any](columns []Column, a, b T) int {
	x, y := reflect.ValueOf(&a).Elem(), reflect.ValueOf(&b).Elem()
	for _, c := range columns {
		if !c.Key {
			continue
		}
		order := 0
		if f := x.FieldByIndex(c.index); f.Kind() == reflect.String {
			order = strings.Compare(f.String(), y.FieldByIndex(c.index).String())
		} else {
			order = cmp.Compare(f.Int(), y.FieldByIndex(c.index).Int())
		}
		if order != 0 {
			return order
		}
	}
	return 0
}

// Reduce sorts rows by key and merges those of one key, later ones over
// earlier ones.
func Reduce[T any](columns []Column, rows []T) []T {
	slices.SortStableFunc(rows, func(a, b T) int { return Compare(columns, a, b) })
	reduced := rows[:0]
	for _, row := range rows {
		if last := len(reduced) - 1; last >= 0 && Compare(columns, reduced[last], row) == 0 {
			reduced[last] = Merge(columns, reduced[last], row)
		} else {
			reduced = append(reduced, row)
		}
	}
	return reduced
}
