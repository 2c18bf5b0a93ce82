package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"adtoorder/io/table"
)

// Create implements Warehouse: all or nothing.
func (w SQLite) Create(ctx context.Context, tables []Table, views func(Dialect) []View) error {
	return w.transact(ctx, func(tx *sql.Tx) error {
		if err := execute(ctx, tx, "CREATE TABLE IF NOT EXISTS origin (origin TEXT NOT NULL)"); err != nil {
			return err
		}
		for _, t := range tables {
			if err := execute(ctx, tx, createTable(t)); err != nil {
				return err
			}
			if err := addColumns(ctx, tx, t); err != nil {
				return err
			}
		}
		for _, v := range views(sqliteDialect{}) {
			if err := putView(ctx, tx, v); err != nil {
				return err
			}
		}
		return nil
	})
}

// putView makes a view, or puts another in its place.
func putView(ctx context.Context, tx *sql.Tx, v View) error {
	create := "CREATE VIEW " + v.Name + " AS\n" + v.Query
	var is string
	err := tx.QueryRowContext(ctx, "SELECT sql FROM sqlite_master WHERE type = 'view' AND name = ?", v.Name).Scan(&is)
	switch {
	case err == nil && is == create:
		return nil
	case err == nil:
		err = execute(ctx, tx, "DROP VIEW "+v.Name)
	case errors.Is(err, sql.ErrNoRows):
		err = nil
	}
	if err != nil {
		return err
	}
	return execute(ctx, tx, create)
}

func execute(ctx context.Context, tx *sql.Tx, statement string) error {
	if _, err := tx.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("%w, in: %s", err, statement)
	}
	return nil
}

// addColumns adds the columns that a table lacks, and refuses it where one is of
// another type. Rows that are there have a new column's zero, or null.
func addColumns(ctx context.Context, tx *sql.Tx, t Table) error {
	has, unknown := map[string]string{}, "" // one that every row must have
	rows, err := tx.QueryContext(ctx, "SELECT name, type, \"notnull\" = 1 AND dflt_value IS NULL FROM pragma_table_info(?)", t.Name)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, typ string
		var required bool
		if err := rows.Scan(&name, &typ, &required); err != nil {
			return err
		}
		has[name] = typ
		if required && !slices.Contains(names(t.Columns), name) {
			unknown = name
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, c := range t.Columns {
		declared := sqlType(c.Type)
		typ, _, required := strings.Cut(declared, " ")
		is, there := has[c.Name]
		switch {
		case there && is != typ:
			return fmt.Errorf("column %s of table %s is %s, not %s; want another file, or that table renamed", c.Name, t.Name, is, typ)
		case there:
			continue
		case c.Key:
			return fmt.Errorf("table %s has no column %s, which is a key; want another file, or that table renamed", t.Name, c.Name)
		case required && typ == "TEXT":
			declared += " DEFAULT ''"
		case required:
			declared += " DEFAULT 0"
		}
		if err := execute(ctx, tx, "ALTER TABLE "+t.Name+" ADD COLUMN "+c.Name+" "+declared); err != nil {
			return err
		}
	}
	if unknown != "" {
		return fmt.Errorf("column %s of table %s must not be empty, and this engine does not know it; want another file, or the engine that made it", unknown, t.Name)
	}
	return nil
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
