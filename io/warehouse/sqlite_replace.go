package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// Windows implements Warehouse.
func (w SQLite) Windows(ctx context.Context, tables []Table) ([]int64, error) {
	origin, err := w.Origin(ctx)
	if err != nil || origin.Window == 0 {
		return nil, err
	}
	var starts []int64
	err = w.transact(ctx, func(tx *sql.Tx) error {
		for _, t := range windowed(tables) {
			rows, err := tx.QueryContext(ctx, fmt.Sprintf("SELECT DISTINCT %s FROM %s", startSQL(t.Time), t.Name), int64(origin.Window.Seconds()))
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var seconds int64
				if err := rows.Scan(&seconds); err != nil {
					return err
				}
				starts = append(starts, seconds*1000)
			}
			if err := rows.Err(); err != nil {
				return err
			}
		}
		return nil
	})
	slices.Sort(starts)
	return slices.Compact(starts), err
}

// RemoveWindows implements Warehouse.
func (w SQLite) RemoveWindows(ctx context.Context, tables []Table, starts []int64) error {
	if len(starts) == 0 {
		return nil
	}
	origin, err := w.Origin(ctx)
	if err != nil {
		return err
	}
	return w.transact(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "CREATE TEMP TABLE removed (start INTEGER PRIMARY KEY)"); err != nil {
			return err
		}
		for _, start := range starts {
			if _, err := tx.ExecContext(ctx, "INSERT INTO removed VALUES (?)", start/1000); err != nil {
				return err
			}
		}
		for _, t := range windowed(tables) {
			_, err := tx.ExecContext(ctx, fmt.Sprintf("DELETE FROM %s WHERE %s IN (SELECT start FROM removed)", t.Name, startSQL(t.Time)), int64(origin.Window.Seconds()))
			if err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, "DROP TABLE removed")
		return err
	})
}

// startSQL is the start of the window that a time is in, in seconds since the
// Unix epoch; its parameter is the windows' size in seconds.
func startSQL(column string) string {
	return fmt.Sprintf("unixepoch(%[1]s) - unixepoch(%[1]s) %% ?1", column)
}

// windowed returns the tables whose rows belong to windows.
func windowed(tables []Table) []Table {
	return slices.DeleteFunc(slices.Clone(tables), func(t Table) bool { return t.Time == "" })
}
