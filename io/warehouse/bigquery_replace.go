package warehouse

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"adtoorder/io/table"
)

// Origin implements Warehouse.
func (b BigQuery) Origin(ctx context.Context) (origin table.Origin, err error) {
	rows, err := b.Query(ctx, "reading the origin", "SELECT o.origin FROM "+b.Name(originTable)+" AS o ORDER BY o.written_at DESC LIMIT 1")
	if err != nil || len(rows) == 0 {
		return origin, err
	}
	text, _ := rows[0][0].(string)
	return origin, json.Unmarshal([]byte(text), &origin)
}

// SetOrigin implements Warehouse. The tables keep the older ones until they are
// compacted.
func (b BigQuery) SetOrigin(ctx context.Context, origin table.Origin) error {
	text, err := json.Marshal(origin)
	if err != nil {
		return err
	}
	_, err = b.Query(ctx, "writing the origin", "INSERT INTO "+b.Name(originTable)+" (origin, written_at) VALUES (?, ?)",
		string(text), time.Now())
	return err
}

// Windows implements Warehouse.
func (b BigQuery) Windows(ctx context.Context, tables []Table) (starts []int64, err error) {
	origin, err := b.Origin(ctx)
	if err != nil || origin.Window == 0 {
		return nil, err
	}
	var each []string
	for _, t := range windowed(tables) {
		each = append(each, fmt.Sprintf("SELECT %s AS start FROM %s AS r", startBigQuery("r."+t.Time, origin.Window), b.Name(t.Name)))
	}
	rows, err := b.Query(ctx, "reading which windows there are", "SELECT DISTINCT w.start FROM ("+strings.Join(each, " UNION ALL ")+") AS w ORDER BY 1")
	for _, row := range rows {
		seconds, _ := row[0].(int64)
		starts = append(starts, seconds*1000)
	}
	return starts, err
}

// removed is how many windows one statement removes: a request has its limit.
const removed = 20_000

// RemoveWindows implements Warehouse, by a statement for each table and 20,000 windows:
// BigQuery removes rows that were streamed within the last half hour only outside of a
// transaction (its documentation, "Storage Write API", limitations).
func (b BigQuery) RemoveWindows(ctx context.Context, tables []Table, starts []int64) error {
	if len(starts) == 0 {
		return nil
	}
	origin, err := b.Origin(ctx)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(starts, removed) {
		var seconds []int64
		for _, start := range some {
			seconds = append(seconds, start/1000)
		}
		from, to := slices.Min(seconds), slices.Max(seconds)+int64(origin.Window.Seconds())
		for _, t := range windowed(tables) {
			at := "r." + t.Time
			statement := fmt.Sprintf("DELETE FROM %s AS r WHERE %s >= TIMESTAMP_SECONDS(?) AND %s < TIMESTAMP_SECONDS(?) AND %s IN UNNEST(?)",
				b.Name(t.Name), at, at, startBigQuery(at, origin.Window))
			if _, err := b.Query(ctx, "removing windows from "+t.Name, statement, from, to, seconds); err != nil {
				return err
			}
		}
	}
	return nil
}

// startBigQuery is the start of the window that a time is in, in seconds since the Unix
// epoch.
func startBigQuery(time string, window time.Duration) string {
	return fmt.Sprintf("UNIX_SECONDS(%[1]s) - MOD(UNIX_SECONDS(%[1]s), %[2]d)", time, int64(window.Seconds()))
}
