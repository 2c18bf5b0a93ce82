package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"adtoorder/io/table"
)

// selectSQLite reads the rows of a table that meet a condition.
func selectSQLite[T any](ctx context.Context, w SQLite, name, condition string, args ...any) (all []T, err error) {
	columns := table.Columns[T]()
	err = w.transact(ctx, func(tx *sql.Tx) error {
		found, err := tx.QueryContext(ctx, fmt.Sprintf("SELECT %s FROM %s WHERE %s", strings.Join(names(columns), ", "), name, condition), args...)
		if err != nil {
			return err
		}
		defer found.Close()
		for found.Next() {
			var row T
			fields := make([]any, len(columns))
			for i, c := range columns {
				fields[i] = c.Pointer(&row)
			}
			if err := found.Scan(fields...); err != nil {
				return fmt.Errorf("reading %s: %w", name, err)
			}
			all = append(all, row)
		}
		return found.Err()
	})
	return all, err
}
