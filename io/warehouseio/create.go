package warehouseio

import (
	"fmt"
	"reflect"
	"strings"

	"adtoorder/io/table"
)

// CreateTable returns the statement that makes the table of a row struct.
// Columns are NOT NULL but for pointers, and the keys are its primary key.
func CreateTable[T any](name string) string {
	var lines, key []string
	for _, c := range table.Columns[T]() {
		lines = append(lines, "  "+c.Name+" "+sqlType(c.Type))
		if c.Key {
			key = append(key, c.Name)
		}
	}
	lines = append(lines, "  PRIMARY KEY ("+strings.Join(key, ", ")+")")
	return fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (\n%s\n) WITHOUT ROWID", name, strings.Join(lines, ",\n"))
}

func sqlType(t reflect.Type) string {
	switch {
	case t.Kind() == reflect.Pointer:
		return strings.TrimSuffix(sqlType(t.Elem()), " NOT NULL")
	case t == reflect.TypeFor[table.Time](), t == reflect.TypeFor[table.Bytes](), t.Kind() == reflect.String:
		return "TEXT NOT NULL"
	case t.Kind() == reflect.Float64:
		return "REAL NOT NULL"
	default: // integers and booleans
		return "INTEGER NOT NULL"
	}
}
