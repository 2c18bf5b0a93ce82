package query

import (
	"context"
	"fmt"
	"strings"
	"time"

	"adtoorder/io/table"
	"adtoorder/io/warehouse"
)

// Version changes where a row may have changed, and at times where none has.
func (w *Warehouse) Version(ctx context.Context) (string, error) {
	version, err := w.reader.Version(ctx)
	return version, w.explain(err)
}

// read calls a function with what the warehouse holds.
func (w *Warehouse) read(ctx context.Context, do func(warehouse.Snapshot) error) error {
	return w.explain(w.reader.Read(ctx, do))
}

// doing is what is told in errors.
const doing = "reading what to show"

// sums are those of Counters, in rows c.
func (w *Warehouse) sums() string {
	d := w.warehouse.Dialect()
	return "sum(c.clicks), sum(c.orders), sum(c.order_lines), " + d.Sum("c.units") + ", " + d.Sum("c.revenue_micros") +
		", sum(c.late_clicks), sum(c.late_orders)"
}

// pointers are where sums go.
func (c *Counters) pointers() []any {
	return []any{&c.Clicks, &c.Orders, &c.Lines, &c.Units, &c.RevenueMicros, &c.LateClicks, &c.LateOrders}
}

// Extract reads the dates from ≤ date < before; from SQLite all at one moment. Either
// may be "" for no bound.
func (w *Warehouse) Extract(ctx context.Context, from, before string) (e Extract, err error) {
	during, dates, err := between(from, before)
	if err != nil {
		return e, err
	}
	err = w.read(ctx, func(s warehouse.Snapshot) error {
		if err := w.days(ctx, s, &e, during, dates); err != nil {
			return err
		}
		if err := w.entries(ctx, s, &e, during, dates); err != nil {
			return err
		}
		if err := w.partitions(ctx, s, &e); err != nil {
			return err
		}
		return w.whole(ctx, s, &e)
	})
	return e, err
}

// between is the condition on rows r that they are of some dates, and its arguments.
func between(from, before string) (condition string, args []any, err error) {
	var conditions []string
	for _, bound := range []struct{ date, condition string }{
		{from, "r.window_start >= ?"}, {before, "r.window_start < ?"},
	} {
		if bound.date == "" {
			continue
		}
		at, err := time.Parse(time.DateOnly, bound.date)
		if err != nil {
			return "", nil, err
		}
		conditions, args = append(conditions, bound.condition), append(args, table.Time(at.UnixMilli()))
	}
	return strings.Join(conditions, " AND "), args, nil
}

func (w *Warehouse) days(ctx context.Context, s warehouse.Snapshot, e *Extract, during string, dates []any) error {
	d := w.warehouse.Dialect()
	query := fmt.Sprintf("SELECT %s, c.promotion, %s FROM %s AS c GROUP BY 1, 2 ORDER BY 1, 2",
		d.Date("c.window_start"), w.sums(), d.Rows(w.conversions, during))
	return s.Query(ctx, doing, query, dates, func(row warehouse.Row) error {
		e.Days = append(e.Days, Day{})
		day := &e.Days[len(e.Days)-1]
		return row.Scan(append([]any{&day.Date, &day.Promotion}, day.pointers()...)...)
	})
}

func (w *Warehouse) entries(ctx context.Context, s warehouse.Snapshot, e *Extract, during string, dates []any) error {
	d := w.warehouse.Dialect()
	query := fmt.Sprintf("SELECT %s, l.stream, l.outcome, l.reason, sum(l.records) FROM %s AS l "+
		"GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4", d.Date("l.window_start"), d.Rows(w.ledger, during))
	return s.Query(ctx, doing, query, dates, func(row warehouse.Row) error {
		e.Entries = append(e.Entries, Entry{})
		entry := &e.Entries[len(e.Entries)-1]
		return row.Scan(&entry.Date, &entry.Stream, &entry.Outcome, &entry.Reason, &entry.Records)
	})
}

func (w *Warehouse) partitions(ctx context.Context, s warehouse.Snapshot, e *Extract) error {
	query := "SELECT p.stream, p.partition, p.watermark, p.updated_at FROM " +
		w.warehouse.Dialect().Rows(w.progress, "") + " AS p ORDER BY 1, 2"
	return s.Query(ctx, doing, query, nil, func(row warehouse.Row) error {
		var p Partition
		var watermark, updated table.Time
		err := row.Scan(&p.Stream, &p.Name, &watermark, &updated)
		p.Watermark, p.UpdatedAt = watermark.UTC(), updated.UTC()
		e.Partitions = append(e.Partitions, p)
		return err
	})
}

// whole reads what is not of single dates.
func (w *Warehouse) whole(ctx context.Context, s warehouse.Snapshot, e *Extract) error {
	query := "SELECT max(c.window_start) FROM " + w.warehouse.Dialect().Name(w.conversions.Name) + " AS c"
	err := s.Query(ctx, doing, query, nil, func(row warehouse.Row) error {
		var newest *table.Time
		err := row.Scan(&newest)
		if newest != nil {
			e.Newest = newest.UTC()
		}
		return err
	})
	if err != nil {
		return err
	}
	origin, err := s.Origin(ctx)
	if err != nil {
		return fmt.Errorf("reading the length of the windows: %w", err)
	}
	e.Window = origin.Window
	e.Written, err = s.Written(ctx)
	for _, p := range e.Partitions {
		if p.UpdatedAt.After(e.Written) {
			e.Written = p.UpdatedAt
		}
	}
	return err
}

// Steps adds up windows in steps of time. It orders by promotion and time.
func (w *Warehouse) Steps(ctx context.Context, q StepQuery) (all []Step, err error) {
	if len(q.Promotions) == 0 || q.Window <= 0 {
		return nil, nil
	}
	var args []any
	for _, p := range q.Promotions {
		args = append(args, p)
	}
	d := w.warehouse.Dialect()
	chosen := "r.promotion IN (?" + strings.Repeat(", ?", len(args)-1) + ")"
	query := fmt.Sprintf("SELECT c.promotion, %s, %s FROM %s AS c GROUP BY 1, 2 ORDER BY 1, 2",
		d.Start("c.window_start", q.Step), w.sums(), d.WindowRows(w.conversions, q.From, q.Before, q.Window, chosen))
	err = w.read(ctx, func(s warehouse.Snapshot) error {
		return s.Query(ctx, doing, query, args, func(row warehouse.Row) error {
			var step Step
			var at int64
			err := row.Scan(append([]any{&step.Promotion, &at}, step.pointers()...)...)
			step.At = time.Unix(at, 0).UTC()
			all = append(all, step)
			return err
		})
	})
	return all, err
}
