package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"adtoorder/io/table"
	"adtoorder/io/warehouse"
)

// Create implements warehouse.Warehouse: all or nothing.
func (w Warehouse) Create(ctx context.Context, tables []table.Table, views func(table.Dialect) []table.View) error {
	if err := w.create(ctx, tables, views); err != nil {
		return err
	}
	h, err := w.handle()
	if err == nil {
		h.fold()
	}
	return err
}

func (w Warehouse) create(ctx context.Context, tables []table.Table, views func(table.Dialect) []table.View) error {
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
		for _, v := range views(dialect{}) {
			if err := putView(ctx, tx, v); err != nil {
				return err
			}
		}
		return nil
	})
}

// putView makes a view, or puts another in its place.
func putView(ctx context.Context, tx *sql.Tx, v table.View) error {
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

// addColumns adds the columns that a table lacks, and refuses it where one is of
// another type. Rows that are there have a new column's zero, or null.
func addColumns(ctx context.Context, tx *sql.Tx, t table.Table) error {
	has, unknown := map[string]string{}, "" // one that every row must have
	const query = "SELECT name, type, \"notnull\" = 1 AND dflt_value IS NULL FROM pragma_table_info(?)"
	err := queryRows(ctx, tx, query, []any{t.Name}, func(found warehouse.Row) error {
		var name, typ string
		var required bool
		err := found.Scan(&name, &typ, &required)
		has[name] = typ
		if required && !slices.Contains(table.Names(t.Columns), name) {
			unknown = name
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, c := range t.Columns {
		is, there := has[c.Name]
		switch {
		case there && is != types[c.Kind]:
			return fmt.Errorf("column %s of table %s is %s, not %s; give another file, or that table renamed",
				c.Name, t.Name, is, types[c.Kind])
		case there:
			continue
		case c.Key:
			return fmt.Errorf("table %s has no column %s, which is a key; give another file, or that table renamed",
				t.Name, c.Name)
		}
		added := "ALTER TABLE " + t.Name + " ADD COLUMN " + c.Name + " " + declare(c)
		if !c.Nullable {
			added += map[bool]string{true: " DEFAULT ''", false: " DEFAULT 0"}[types[c.Kind] == "TEXT"]
		}
		if err := execute(ctx, tx, added); err != nil {
			return err
		}
	}
	if unknown != "" {
		return fmt.Errorf("column %s of table %s must not be empty, and this engine does not know it; "+
			"give another file, or the engine that made it", unknown, t.Name)
	}
	return nil
}

// createTable is the statement that makes a table. Columns are NOT NULL but for
// pointers, and the keys are its primary key.
func createTable(t table.Table) string {
	text := "CREATE TABLE IF NOT EXISTS " + t.Name + " (\n"
	for _, c := range t.Columns {
		text += "  " + c.Name + " " + declare(c) + ",\n"
	}
	return text + "  PRIMARY KEY (" + strings.Join(table.Names(table.Keys(t.Columns)), ", ") + ")\n) WITHOUT ROWID"
}

// types are the columns' types.
var types = map[table.Kind]string{table.Integer: "INTEGER", table.Text: "TEXT", table.Float: "REAL",
	table.Boolean: "INTEGER", table.Timestamp: "TEXT", table.Binary: "TEXT"}

// declare is a column's type and constraint.
func declare(c table.Column) string {
	if c.Nullable {
		return types[c.Kind]
	}
	return types[c.Kind] + " NOT NULL"
}
