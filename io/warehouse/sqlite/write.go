package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"adtoorder/io/table"
)

// statementRows is how many rows a statement writes: the call takes as long as a few
// of them.
var statementRows = 50

// Write implements warehouse.Warehouse: the upsert, in one transaction. No row is
// refused.
func (w Warehouse) Write(ctx context.Context, to table.Table, rows []any) (map[int]string, error) {
	rows = table.ReducePointers(to.Columns, rows)
	return nil, w.transact(ctx, func(tx *sql.Tx) error {
		write := writer{tx: tx, to: to, texts: table.NewTexts(to.Columns), prepared: map[string]*sql.Stmt{}}
		for some := range slices.Chunk(rows, statementRows) {
			if err := ctx.Err(); err != nil {
				return err
			}
			// Of a context that ends, the driver makes a goroutine a call.
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
	texts    *table.Texts
	prepared map[string]*sql.Stmt
	values   []any
}

// upsert writes rows, of different keys. Where a row is there that has a larger
// counter than the new one, they are read, merged and written again.
func (w *writer) upsert(ctx context.Context, rows []any) error {
	if all, err := w.put(ctx, rows, unlessLarger(w.to)); err != nil || all {
		return err
	}
	if err := w.merge(ctx, rows); err != nil {
		return err
	}
	_, err := w.put(ctx, rows, "")
	return err
}

// unlessLarger is the condition for a new row to take the place of another as it is:
// then it is what both are merged. Times are text, which has another order.
func unlessLarger(to table.Table) string {
	condition := " WHERE true"
	for _, c := range to.Columns {
		switch {
		case c.Max && c.Kind == table.Timestamp:
			condition += fmt.Sprintf(" AND %s = excluded.%[1]s", c.Name)
		case c.Max:
			condition += fmt.Sprintf(" AND %s <= excluded.%[1]s", c.Name)
		}
	}
	return condition
}

// put inserts rows, or puts them in the place of those that are there and meet a
// condition. It reports whether it has written all.
func (w *writer) put(ctx context.Context, rows []any, condition string) (bool, error) {
	w.values = w.values[:0]
	for _, row := range rows {
		w.values = w.texts.Append(w.values, row)
	}
	statement, err := w.prepare(ctx, putStatement(w.to, len(rows), condition))
	if err != nil {
		return false, fmt.Errorf("inserting into %s: %w", w.to.Name, err)
	}
	done, err := statement.ExecContext(ctx, w.values...)
	if err != nil {
		return false, fmt.Errorf("inserting into %s: %w", w.to.Name, err)
	}
	n, err := done.RowsAffected()
	return n == int64(len(rows)), err
}

func putStatement(to table.Table, rows int, condition string) string {
	var set []string
	for _, c := range to.Columns {
		if !c.Key {
			set = append(set, c.Name+" = excluded."+c.Name)
		}
	}
	row := "(?" + strings.Repeat(", ?", len(to.Columns)-1) + ")"
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES %s%s ON CONFLICT (%s) DO UPDATE SET %s%s",
		to.Name, strings.Join(table.Names(to.Columns), ", "), row, strings.Repeat(", "+row, rows-1),
		strings.Join(table.Names(table.Keys(to.Columns)), ", "), strings.Join(set, ", "), condition)
}

// merge merges rows with those of their keys that are there.
func (w *writer) merge(ctx context.Context, rows []any) error {
	keys := table.Keys(w.to.Columns)
	statement, err := w.prepare(ctx, readStatement(w.to, keys, len(rows)))
	if err != nil {
		return err
	}
	w.values = w.values[:0]
	for _, row := range rows {
		w.values = append(w.values, table.Values(keys, row)...)
	}
	found, err := statement.QueryContext(ctx, w.values...)
	if err != nil {
		return err
	}
	defer found.Close()
	old := reflect.New(reflect.TypeOf(rows[0]).Elem()).Interface()
	var i int
	pointers := append([]any{&i}, table.Pointers(w.to.Columns, old)...)
	for found.Next() {
		if err := found.Scan(pointers...); err != nil {
			return err
		}
		table.MergeInto(w.to.Columns, rows[i], old)
	}
	return found.Err()
}

func readStatement(to table.Table, keys []table.Column, rows int) string {
	text := "WITH k AS (VALUES "
	for i := range rows {
		text += fmt.Sprintf("%s(%d%s)", []string{"", ", "}[min(i, 1)], i, strings.Repeat(", ?", len(keys)))
	}
	text += fmt.Sprintf(") SELECT k.column1, t.%s FROM k CROSS JOIN %s AS t ON true",
		strings.Join(table.Names(to.Columns), ", t."), to.Name)
	for i, c := range keys {
		text += fmt.Sprintf(" AND t.%s = k.column%d", c.Name, i+2)
	}
	return text
}

// prepare returns a statement that was prepared already, if it was.
func (w *writer) prepare(ctx context.Context, text string) (*sql.Stmt, error) {
	if statement := w.prepared[text]; statement != nil {
		return statement, nil
	}
	statement, err := w.tx.PrepareContext(ctx, text)
	w.prepared[text] = statement
	return statement, err
}
