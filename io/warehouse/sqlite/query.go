package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"adtoorder/io/table"
	"adtoorder/io/warehouse"
)

// Query implements warehouse.Warehouse.
func (w Warehouse) Query(
	ctx context.Context, doing, query string, args []any, each func(warehouse.Row) error,
) error {
	db, err := w.DB()
	if err != nil {
		return err
	}
	if err := queryRows(ctx, db, query, args, each); err != nil {
		return fmt.Errorf("warehouse %s: %s: %w", w.Path, doing, err)
	}
	return nil
}

// querier is a handle or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func queryRows(ctx context.Context, q querier, query string, args []any, each func(warehouse.Row) error) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Origin implements warehouse.Warehouse.
func (w Warehouse) Origin(ctx context.Context) (table.Origin, error) { return origin(ctx, w) }

func origin(ctx context.Context, q warehouse.Queryer) (origin table.Origin, err error) {
	err = q.Query(ctx, "reading the origin", "SELECT origin FROM origin", nil,
		func(found warehouse.Row) error { return found.Scan(&origin) })
	return origin, err
}

// SetOrigin implements warehouse.Warehouse.
func (w Warehouse) SetOrigin(ctx context.Context, origin table.Origin) error {
	return w.transact(ctx, func(tx *sql.Tx) error {
		if err := execute(ctx, tx, "DELETE FROM origin"); err != nil {
			return err
		}
		return execute(ctx, tx, "INSERT INTO origin VALUES (?)", origin)
	})
}

// execute runs a statement, which its error repeats.
func execute(ctx context.Context, tx *sql.Tx, statement string, args ...any) error {
	if _, err := tx.ExecContext(ctx, statement, args...); err != nil {
		return fmt.Errorf("%w, in: %s", err, statement)
	}
	return nil
}
