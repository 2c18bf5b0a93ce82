package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"slices"

	"adtoorder/io/table"
)

// statementRows is how many rows a statement writes: of one row each, they take three
// times as long; of more than these, no less.
const statementRows = 100

// Write implements warehouse.Warehouse: the upsert, in one transaction. No row is
// refused.
func (w Warehouse) Write(ctx context.Context, to table.Table, rows []any) (map[int]string, error) {
	rows = table.ReducePointers(to.Columns, rows)
	return nil, w.transact(ctx, func(tx *sql.Tx) error {
		write := writer{tx: tx, to: to, driver: table.NewDriverValues(to.Columns), prepared: map[statement]*sql.Stmt{}}
		for some := range slices.Chunk(rows, statementRows) {
			if err := ctx.Err(); err != nil {
				return err
			}
			// The driver has a goroutine wait for the end of a context that can end, at each call.
			if err := write.upsert(context.WithoutCancel(ctx), some); err != nil {
				return err
			}
		}
		return nil
	})
}

// writer writes rows of a table in a transaction, which closes its statements.
type writer struct {
	tx       *sql.Tx
	to       table.Table
	driver   *table.DriverValues
	prepared map[statement]*sql.Stmt
	larger   bool  // one that was read last had a larger counter
	values   []any // of a statement; its memory is used again
}

// upsert writes rows, of different keys. Where one is there that has a larger counter,
// they are read, merged and written again; then the next ones are read at once.
func (w *writer) upsert(ctx context.Context, rows []any) error {
	if !w.larger {
		written, err := w.write(ctx, put, rows)
		if err != nil {
			return fmt.Errorf("inserting into %s: %w", w.to.Name, err)
		}
		if written == len(rows) {
			return nil
		}
	}
	if err := w.merge(ctx, rows); err != nil {
		return fmt.Errorf("reading %s: %w", w.to.Name, err)
	}
	if _, err := w.write(ctx, replace, rows); err != nil {
		return fmt.Errorf("updating %s: %w", w.to.Name, err)
	}
	return nil
}

// write puts rows, or replaces those that are there, and returns how many were written.
func (w *writer) write(ctx context.Context, what kind, rows []any) (int, error) {
	prepared, err := w.prepare(ctx, statement{what, len(rows)})
	if err != nil {
		return 0, err
	}
	w.values = w.values[:0]
	for _, row := range rows {
		w.values = w.driver.Append(w.values, row)
	}
	done, err := prepared.ExecContext(ctx, w.values...)
	if err != nil {
		return 0, err
	}
	written, err := done.RowsAffected()
	return int(written), err
}

// merge merges rows with those of their keys that are there.
func (w *writer) merge(ctx context.Context, rows []any) error {
	prepared, err := w.prepare(ctx, statement{read, len(rows)})
	if err != nil {
		return err
	}
	keys, counters := table.Keys(w.to.Columns), counters(w.to)
	w.values = w.values[:0]
	for _, row := range rows {
		w.values = append(w.values, table.Values(keys, row)...)
	}
	found, err := prepared.QueryContext(ctx, w.values...)
	if err != nil {
		return err
	}
	defer found.Close()
	var place int
	old := reflect.New(reflect.TypeOf(rows[0]).Elem()).Interface()
	pointers := append([]any{&place}, table.Pointers(counters, old)...)
	w.larger = false
	for found.Next() {
		if err := found.Scan(pointers...); err != nil {
			return err
		}
		w.larger = table.MergeInto(counters, rows[place], old) || w.larger
	}
	return found.Err()
}

// prepare returns a statement, which is prepared only once.
func (w *writer) prepare(ctx context.Context, s statement) (_ *sql.Stmt, err error) {
	if w.prepared[s] == nil {
		w.prepared[s], err = w.tx.PrepareContext(ctx, s.text(w.to))
	}
	return w.prepared[s], err
}
