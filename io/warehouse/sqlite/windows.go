package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"adtoorder/io/table"
)

// RemoveWindows implements warehouse.Warehouse.
func (w Warehouse) RemoveWindows(ctx context.Context, tables []table.Table, starts []int64) error {
	if len(starts) == 0 {
		return nil
	}
	origin, err := w.Origin(ctx)
	if err != nil {
		return err
	}
	seconds := make([]int64, len(starts))
	for i, start := range starts {
		seconds[i] = start / 1000
	}
	list, err := json.Marshal(seconds)
	if err != nil {
		return err
	}
	return w.transact(ctx, func(tx *sql.Tx) error {
		for _, t := range table.Windowed(tables) {
			statement := fmt.Sprintf("DELETE FROM %s WHERE %s IN (SELECT value FROM json_each(?))",
				t.Name, w.Dialect().Start(t.Time, origin.Window))
			if err := execute(ctx, tx, statement, string(list)); err != nil {
				return err
			}
		}
		return nil
	})
}
