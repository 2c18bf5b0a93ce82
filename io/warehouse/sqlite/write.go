package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"strings"

	"adtoorder/io/table"
)

// Write implements warehouse.Warehouse: the upsert, in one transaction. A row that is
// not there is inserted; another is read, merged and replaced. No row is refused.
func (w Warehouse) Write(ctx context.Context, to table.Table, rows []any) (map[int]string, error) {
	rows = table.ReducePointers(to.Columns, rows) // so that a batch of only new rows needs no reads
	return nil, w.transact(ctx, func(tx *sql.Tx) error {
		statements, err := prepare(ctx, tx, to)
		if err != nil {
			return err
		}
		defer statements.close()
		for _, row := range rows {
			done, err := statements.insert.ExecContext(ctx, table.Values(to.Columns, row)...)
			if err != nil {
				return fmt.Errorf("inserting into %s: %w", to.Name, err)
			}
			n, err := done.RowsAffected()
			if err != nil {
				return fmt.Errorf("inserting into %s: %w", to.Name, err)
			}
			if n == 1 {
				continue
			}
			if err := statements.merge(ctx, to.Columns, row); err != nil {
				return fmt.Errorf("updating %s: %w", to.Name, err)
			}
		}
		return nil
	})
}

// statements are what rows are written with: where there is none of a row's key,
// insert; otherwise read, merge and replace.
type statements struct{ insert, read, replace *sql.Stmt }

func prepare(ctx context.Context, tx *sql.Tx, to table.Table) (s statements, err error) {
	names := strings.Join(table.Names(to.Columns), ", ")
	row := fmt.Sprintf(" %s (%s) VALUES (?%s)", to.Name, names, strings.Repeat(", ?", len(to.Columns)-1))
	key := strings.Join(table.Names(table.Keys(to.Columns)), " = ? AND ") + " = ?"
	for _, each := range []struct {
		statement **sql.Stmt
		text      string
	}{
		{&s.insert, "INSERT INTO" + row + " ON CONFLICT DO NOTHING"},
		{&s.read, fmt.Sprintf("SELECT %s FROM %s WHERE %s", names, to.Name, key)},
		{&s.replace, "REPLACE INTO" + row},
	} {
		if *each.statement, err = tx.PrepareContext(ctx, each.text); err != nil {
			s.close()
			return s, err
		}
	}
	return s, nil
}

func (s statements) close() {
	for _, statement := range []*sql.Stmt{s.insert, s.read, s.replace} {
		if statement != nil {
			statement.Close()
		}
	}
}

// merge merges a row with the one that is there.
func (s statements) merge(ctx context.Context, columns []table.Column, row any) error {
	old := reflect.New(reflect.TypeOf(row).Elem()).Interface()
	key := table.Values(table.Keys(columns), row)
	if err := s.read.QueryRowContext(ctx, key...).Scan(table.Pointers(columns, old)...); err != nil {
		return err
	}
	table.MergeInto(columns, row, old)
	_, err := s.replace.ExecContext(ctx, table.Values(columns, row)...)
	return err
}
