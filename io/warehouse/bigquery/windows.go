package bigquery

import (
	"context"
	"fmt"
	"slices"
	"time"

	"adtoorder/io/table"
	"adtoorder/io/warehouse"
)

// Origin implements warehouse.Warehouse.
func (b Warehouse) Origin(ctx context.Context) (origin table.Origin, err error) {
	query := "SELECT o.origin FROM " + b.name(originTable) + " AS o ORDER BY o.written_at DESC LIMIT 1"
	err = b.Query(ctx, "reading the origin", query, nil, func(found warehouse.Row) error { return found.Scan(&origin) })
	return origin, err
}

// SetOrigin implements warehouse.Warehouse. The tables keep the older ones until they
// are compacted.
func (b Warehouse) SetOrigin(ctx context.Context, origin table.Origin) error {
	text, err := origin.Value()
	if err != nil {
		return err
	}
	return b.execute(ctx, "writing the origin",
		"INSERT INTO "+b.name(originTable)+" (origin, written_at) VALUES (?, ?)", text, time.Now())
}

// removedWindows is how many windows one statement removes: a request has its limit.
const removedWindows = 20_000

// RemoveWindows implements warehouse.Warehouse, by a statement for each table and 20,000 windows:
// BigQuery removes rows that were streamed within the last half hour only outside of a
// transaction (its documentation, "Storage Write API", limitations).
func (b Warehouse) RemoveWindows(ctx context.Context, tables []table.Table, starts []int64) error {
	if len(starts) == 0 {
		return nil
	}
	origin, err := b.Origin(ctx)
	if err != nil {
		return err
	}
	d := b.Dialect()
	for some := range slices.Chunk(starts, removedWindows) {
		var seconds []int64
		for _, start := range some {
			seconds = append(seconds, start/1000)
		}
		from, to := slices.Min(seconds), slices.Max(seconds)+int64(origin.Window.Seconds())
		for _, t := range table.Windowed(tables) {
			at := "r." + t.Time
			statement := fmt.Sprintf(
				"DELETE FROM %s AS r WHERE %s >= TIMESTAMP_SECONDS(?) AND %s < "+
					"TIMESTAMP_SECONDS(?) AND %s IN UNNEST(?)",
				d.Name(t.Name), at, at, d.Start(at, origin.Window))
			if err := b.execute(ctx, "removing windows from "+t.Name, statement, from, to, seconds); err != nil {
				return err
			}
		}
	}
	return nil
}
