package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"adtoorder/io/table"
)

// upsert writes rows in one transaction.
func upsert[T any](ctx context.Context, w SQLite, name string, rows []T) error {
	columns := table.Columns[T]()
	rows = table.Reduce(columns, rows) // a batch of new rows alone then reads nothing
	return w.transact(ctx, func(tx *sql.Tx) error {
		var to target
		if err := to.prepare(ctx, tx, name, columns); err != nil {
			return err
		}
		defer to.close()
		for _, row := range rows {
			done, err := to.insert.ExecContext(ctx, values(columns, &row)...)
			if err != nil {
				return fmt.Errorf("inserting into %s: %w", name, err)
			}
			n, err := done.RowsAffected()
			if err != nil {
				return fmt.Errorf("inserting into %s: %w", name, err)
			}
			if n == 1 {
				continue
			}
			if err := mergeRow(ctx, to, columns, row); err != nil {
				return fmt.Errorf("updating %s: %w", name, err)
			}
		}
		return nil
	})
}

// target holds the statements that rows are written with: where there is none
// of a row's key, insert; otherwise read, merge and replace.
type target struct{ insert, read, replace *sql.Stmt }

func (t *target) prepare(ctx context.Context, tx *sql.Tx, name string, columns []table.Column) (err error) {
	for _, s := range []struct {
		statement **sql.Stmt
		text      string
	}{{&t.insert, insertSQL(name, columns)}, {&t.read, selectSQL(name, columns)}, {&t.replace, replaceSQL(name, columns)}} {
		if *s.statement, err = tx.PrepareContext(ctx, s.text); err != nil {
			t.close()
			return err
		}
	}
	return nil
}

func (t *target) close() {
	for _, s := range []*sql.Stmt{t.insert, t.read, t.replace} {
		if s != nil {
			s.Close()
		}
	}
}

// mergeRow merges a row into the one that is there.
func mergeRow[T any](ctx context.Context, to target, columns []table.Column, row T) error {
	var old T
	fields := make([]any, len(columns))
	for i, c := range columns {
		fields[i] = c.Pointer(&old)
	}
	if err := to.read.QueryRowContext(ctx, keys(columns, &row)...).Scan(fields...); err != nil {
		return err
	}
	row = table.Merge(columns, old, row)
	_, err := to.replace.ExecContext(ctx, values(columns, &row)...)
	return err
}

func values(columns []table.Column, row any) (values []any) {
	for _, c := range columns {
		values = append(values, c.Value(row))
	}
	return values
}

func keys(columns []table.Column, row any) (keys []any) {
	for _, c := range columns {
		if c.Key {
			keys = append(keys, c.Value(row))
		}
	}
	return keys
}

func insertSQL(name string, columns []table.Column) string {
	return "INSERT INTO " + name + rowSQL(columns) + " ON CONFLICT DO NOTHING"
}

func replaceSQL(name string, columns []table.Column) string {
	return "REPLACE INTO " + name + rowSQL(columns)
}

func rowSQL(columns []table.Column) string {
	return fmt.Sprintf(" (%s) VALUES (?%s)", strings.Join(names(columns), ", "), strings.Repeat(", ?", len(columns)-1))
}

func selectSQL(name string, columns []table.Column) string {
	var key []string
	for _, c := range columns {
		if c.Key {
			key = append(key, c.Name+" = ?")
		}
	}
	return fmt.Sprintf("SELECT %s FROM %s WHERE %s", strings.Join(names(columns), ", "), name, strings.Join(key, " AND "))
}

func names(columns []table.Column) (names []string) {
	for _, c := range columns {
		names = append(names, c.Name)
	}
	return names
}
