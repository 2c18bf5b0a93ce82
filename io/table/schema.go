// Package table says how a row struct is kept: its columns, what identifies a
// row, and how two versions of a row become one. Files and warehouses read it
// from the same struct, so that they hold the same rows.
//
// A column is an exported field with a parquet tag, which names it and gives
// its type in files, and a json tag of the same name. A table tag tells its
// part in merging:
//
//	table:"key"      identifies the row; the order of keys is the order of rows
//	table:"key,lead" and files are sorted by it before all other keys
//	table:"max"      a counter: the larger one stays
//	table:"derived"  computed from the counters by the row's Derive method
//
// Any other column is the newer row's.
package table

import (
	"reflect"
	"slices"
	"strings"
)

// Table is a table of a warehouse.
type Table struct {
	Name    string
	Columns []Column
	// Time is the column whose time says in which window a row is; "" for rows that
	// belong to none. BigQuery keeps a partition for each of its UTC dates.
	Time string
	// Derived are the derived columns in BigQuery's SQL, by their names: expressions
	// of counters of m. A version that is folded from others has them computed anew.
	Derived map[string]string
}

// Of returns the table of a row struct.
func Of[T any](name, time string) Table {
	return Table{Name: name, Time: time, Columns: Columns[T]()}
}

// Windowed returns the tables whose rows belong to windows.
func Windowed(tables []Table) []Table {
	return slices.DeleteFunc(slices.Clone(tables), func(t Table) bool { return t.Time == "" })
}

// View is a view of a warehouse.
type View struct{ Name, Query string }

// Column is a column of a table.
type Column struct {
	Name     string
	Type     reflect.Type // the field's
	Kind     Kind
	Nullable bool // a pointer
	Key      bool
	Lead     bool // of the keys, the one that files are sorted by first
	Max      bool // a counter
	Derived  bool
	index    []int // of the struct's field, through embedded structs
}

// Kind is the type of a column's values, which warehouses and catalogs call by names
// of their own.
type Kind int

// The kinds of columns.
const (
	Integer   Kind = iota // int64
	Text                  // string
	Float                 // float64
	Boolean               // bool
	Timestamp             // Time
	Binary                // Bytes
)

// Columns returns the columns of a row struct, in the order of its fields. Those of an
// embedded struct stand in its place.
func Columns[T any]() []Column {
	var columns []Column
	for _, f := range reflect.VisibleFields(reflect.TypeFor[T]()) {
		if f.Anonymous {
			continue // its fields follow
		}
		name, _, _ := strings.Cut(f.Tag.Get("parquet"), ",")
		role, lead, _ := strings.Cut(f.Tag.Get("table"), ",")
		columns = append(columns, Column{Name: name, Type: f.Type, Kind: kindOf(f.Type),
			Nullable: f.Type.Kind() == reflect.Pointer,
			Key:      role == "key", Lead: lead == "lead", Max: role == "max", Derived: role == "derived",
			index: f.Index})
	}
	return columns
}

func kindOf(t reflect.Type) Kind {
	switch {
	case t.Kind() == reflect.Pointer:
		return kindOf(t.Elem())
	case t == reflect.TypeFor[Time]():
		return Timestamp
	case t == reflect.TypeFor[Bytes]():
		return Binary
	case t.Kind() == reflect.String:
		return Text
	case t.Kind() == reflect.Float64:
		return Float
	case t.Kind() == reflect.Bool:
		return Boolean
	}
	return Integer
}

// Names returns the columns' names.
func Names(columns []Column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return names
}

// Named returns the column of a name, if there is one.
func Named(columns []Column, name string) (c Column, found bool) {
	i := slices.IndexFunc(columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return c, false
	}
	return columns[i], true
}

// Keys returns the columns that identify a row.
func Keys(columns []Column) []Column {
	return slices.DeleteFunc(slices.Clone(columns), func(c Column) bool { return !c.Key })
}

// Stored returns the columns that are not derived.
func Stored(columns []Column) []Column {
	return slices.DeleteFunc(slices.Clone(columns), func(c Column) bool { return c.Derived })
}

// Value returns the column's value in a row, given as a pointer.
func (c Column) Value(row any) any { return c.field(row).Interface() }

// Pointer returns a pointer to the column's value in a row, given as a pointer.
func (c Column) Pointer(row any) any { return c.field(row).Addr().Interface() }

// Field returns the column's field of a row. To go through many rows it takes a fifth
// of the time that Pointer does.
func (c *Column) Field(row reflect.Value) reflect.Value { return row.FieldByIndex(c.index) }

func (c Column) field(row any) reflect.Value {
	return reflect.ValueOf(row).Elem().FieldByIndex(c.index)
}

// Values returns the columns' values in a row, given as a pointer.
func Values(columns []Column, row any) []any {
	values := make([]any, len(columns))
	for i, c := range columns {
		values[i] = c.Value(row)
	}
	return values
}

// Pointers returns pointers to the columns' values in a row, given as a pointer.
func Pointers(columns []Column, row any) []any {
	pointers := make([]any, len(columns))
	for i, c := range columns {
		pointers[i] = c.Pointer(row)
	}
	return pointers
}
