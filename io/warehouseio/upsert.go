package warehouseio

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"adtoorder/io/table"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"golang.org/x/sync/errgroup"
)

// Register registers a type of rows to be upserted. It is called in an init.
func Register[T any]() {
	register.DoFn2x1[context.Context, T, error](&upsertFn[T]{})
}

// batch is how many rows one transaction writes at most.
const batch = 2_000

// Upsert writes rows to a table, by key, merged with the row that is there.
//
//	PCollection<T>
func Upsert[T any](s beam.Scope, w Warehouse, name string, rows beam.PCollection) {
	s = s.Scope("warehouseio.Upsert." + name)
	beam.ParDo0(s, &upsertFn[T]{Warehouse: w, Table: name}, rows)
}

type upsertFn[T any] struct {
	Warehouse Warehouse
	Table     string

	rows    []T
	pending *errgroup.Group // one transaction, while the next batch fills
}

// StartBundle starts with no rows.
func (fn *upsertFn[T]) StartBundle(context.Context) {
	fn.rows, fn.pending = nil, new(errgroup.Group)
	fn.pending.SetLimit(1)
}

// ProcessElement keeps a row, and starts to write a full batch.
func (fn *upsertFn[T]) ProcessElement(ctx context.Context, row T) error {
	if fn.rows = append(fn.rows, row); len(fn.rows) == batch {
		fn.flush(ctx)
	}
	return nil
}

// FinishBundle writes the rows that are left, and waits until all are.
func (fn *upsertFn[T]) FinishBundle(ctx context.Context) error {
	fn.flush(ctx)
	return fn.pending.Wait()
}

func (fn *upsertFn[T]) flush(ctx context.Context) {
	if rows := fn.rows; len(rows) > 0 {
		fn.rows = nil
		fn.pending.Go(func() error { return upsert(ctx, fn.Warehouse, fn.Table, rows) })
	}
}

// upsert writes rows in one transaction.
func upsert[T any](ctx context.Context, w Warehouse, name string, rows []T) error {
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
