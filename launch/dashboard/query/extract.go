package query

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"adtoorder/io/table"
)

// counters are the sums of Counters. Two numbers are added up in two parts, as
// the views do it, so that one absurd order can't overflow a sum.
const counters = `sum(clicks), sum(orders), sum(order_lines),
  1000000 * sum(units / 1000000) + sum(units % 1000000), 1000000 * sum(revenue_micros / 1000000) + sum(revenue_micros % 1000000),
  sum(late_clicks), sum(late_orders)`

// fields are where counters go.
func (c *Counters) fields() []any {
	return []any{&c.Clicks, &c.Orders, &c.Lines, &c.Units, &c.RevenueMicros, &c.LateClicks, &c.LateOrders}
}

// Extract implements Warehouse.
func (d *database) Extract(ctx context.Context, from, before string) (e Extract, err error) {
	if before == "" {
		before = "~" // behind all digits
	}
	err = d.read(ctx, func(tx *sql.Tx) error {
		if e.Days, err = days(ctx, tx, from, before); err != nil {
			return err
		}
		if e.Entries, err = entries(ctx, tx, from, before); err != nil {
			return err
		}
		if e.Partitions, err = partitions(ctx, tx); err != nil {
			return err
		}
		if e.Window, err = window(ctx, tx); err != nil {
			return err
		}
		var newest sql.NullString
		if err := tx.QueryRowContext(ctx, "SELECT max(window_start) FROM conversions").Scan(&newest); err != nil {
			return err
		}
		if newest.Valid {
			e.Newest, err = time.Parse(time.RFC3339, newest.String)
		}
		return err
	})
	e.Written = d.written()
	return e, err
}

// each calls a function for every row of a query.
func each(ctx context.Context, tx *sql.Tx, scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func days(ctx context.Context, tx *sql.Tx, from, before string) (all []Day, err error) {
	err = each(ctx, tx, func(rows *sql.Rows) error {
		var d Day
		all = append(all, d)
		last := &all[len(all)-1]
		return rows.Scan(append([]any{&last.Date, &last.Promotion}, last.fields()...)...)
	}, "SELECT substr(window_start, 1, 10), promotion, "+counters+` FROM conversions
WHERE window_start >= ? AND window_start < ? GROUP BY 1, 2 ORDER BY 1, 2`, from, before)
	return all, err
}

func entries(ctx context.Context, tx *sql.Tx, from, before string) (all []Entry, err error) {
	err = each(ctx, tx, func(rows *sql.Rows) error {
		var e Entry
		err := rows.Scan(&e.Date, &e.Stream, &e.Outcome, &e.Reason, &e.Records)
		all = append(all, e)
		return err
	}, `SELECT substr(window_start, 1, 10), stream, outcome, reason, sum(records) FROM ledger
WHERE window_start >= ? AND window_start < ? GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`, from, before)
	return all, err
}

func partitions(ctx context.Context, tx *sql.Tx) (all []Partition, err error) {
	err = each(ctx, tx, func(rows *sql.Rows) error {
		var p Partition
		var watermark, updated table.Time
		err := rows.Scan(&p.Stream, &p.Name, &watermark, &updated)
		p.Watermark, p.UpdatedAt = time.UnixMilli(int64(watermark)).UTC(), time.UnixMilli(int64(updated)).UTC()
		all = append(all, p)
		return err
	}, "SELECT stream, partition, watermark, updated_at FROM progress ORDER BY 1, 2")
	return all, err
}

// window reads the length of the windows.
func window(ctx context.Context, tx *sql.Tx) (time.Duration, error) {
	var text string
	err := tx.QueryRowContext(ctx, "SELECT origin FROM origin").Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	var origin table.Origin
	if err == nil {
		err = json.Unmarshal([]byte(text), &origin)
	}
	if err != nil {
		return 0, fmt.Errorf("reading the length of the windows: %w", err)
	}
	return origin.Window, nil
}

// written is when the file or its log was written last. An empty log is one that
// a reader has made.
func (d *database) written() (at time.Time) {
	for _, path := range []string{d.path, d.path + "-wal"} {
		if file, err := os.Stat(path); err == nil && file.Size() > 0 && file.ModTime().After(at) {
			at = file.ModTime().UTC()
		}
	}
	return at
}

// Steps implements Warehouse. The table's key begins with window_start; where
// windows are many, looking each one up beats reading all of their promotions.
func (d *database) Steps(ctx context.Context, q StepQuery) (all []Step, err error) {
	if len(q.Promotions) == 0 || q.Window <= 0 {
		return nil, nil
	}
	args := []any{q.From.Unix(), int64(q.Window.Seconds()), q.Before.Unix(), int64(q.Step.Seconds())}
	for _, p := range q.Promotions {
		args = append(args, p)
	}
	query := `WITH RECURSIVE starts(at) AS (SELECT ?1 UNION ALL SELECT at + ?2 FROM starts WHERE at + ?2 < ?3)
SELECT promotion, at - at % ?4, ` + counters + `
FROM starts CROSS JOIN conversions ON window_start = strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch') AND promotion IN (?5` +
		strings.Repeat(", ?", len(q.Promotions)-1) + `) AND at < ?3
GROUP BY 1, 2 ORDER BY 1, 2`
	err = d.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, func(rows *sql.Rows) error {
			var step Step
			var at int64
			err := rows.Scan(append([]any{&step.Promotion, &at}, step.fields()...)...)
			step.At = time.Unix(at, 0).UTC()
			all = append(all, step)
			return err
		}, query, args...)
	})
	return all, err
}
