package warehouseio

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"strings"

	"adtoorder/io/table"
)

// Create implements Warehouse: all or nothing.
func (w SQLite) Create(ctx context.Context, tables []Table, views func(Dialect) []View) error {
	statements := []string{"CREATE TABLE IF NOT EXISTS origin (origin TEXT NOT NULL)"}
	for _, t := range tables {
		statements = append(statements, createTable(t))
	}
	for _, v := range views(sqliteDialect{}) {
		statements = append(statements, "CREATE VIEW IF NOT EXISTS "+v.Name+" AS\n"+v.Query)
	}
	return w.transact(ctx, func(tx *sql.Tx) error {
		for _, statement := range statements {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("%w, in: %s", err, statement)
			}
		}
		return nil
	})
}

// createTable is the statement that makes a table. Columns are NOT NULL but for
// pointers, and the keys are its primary key.
func createTable(t Table) string {
	var lines, key []string
	for _, c := range t.Columns {
		lines = append(lines, "  "+c.Name+" "+sqlType(c.Type))
		if c.Key {
			key = append(key, c.Name)
		}
	}
	lines = append(lines, "  PRIMARY KEY ("+strings.Join(key, ", ")+")")
	return fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (\n%s\n) WITHOUT ROWID", t.Name, strings.Join(lines, ",\n"))
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

// sqliteDialect is SQLite's SQL.
type sqliteDialect struct{}

// Rows implements Dialect: rows are merged where they are written.
func (sqliteDialect) Rows(name string) string { return name }

// View implements Dialect.
func (sqliteDialect) View(name string) string { return name }

// Date implements Dialect.
func (sqliteDialect) Date(time string) string { return "date(" + time + ")" }

// Sum implements Dialect, in two parts, so that one absurd number can't overflow
// it.
func (sqliteDialect) Sum(integers string) string {
	return fmt.Sprintf("1000000 * sum(%[1]s / 1000000) + sum(%[1]s %% 1000000)", integers)
}
