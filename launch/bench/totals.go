package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	_ "modernc.org/sqlite"
)

// totals add up result rows.
type totals struct {
	Rows          int64 `json:"rows"`
	Clicks        int64 `json:"clicks"`
	Orders        int64 `json:"orders"`
	OrderLines    int64 `json:"order_lines"`
	Units         int64 `json:"units"`
	RevenueMicros int64 `json:"revenue_micros"`
	// ClicksTimesOrders is the sum of each row's product: it differs where the
	// join puts the right clicks beside the wrong orders.
	ClicksTimesOrders int64 `json:"clicks_times_orders"`
}

// compare returns an error that names every total that is not as wanted.
func (t totals) compare(want totals) error {
	var wrong []string
	for _, c := range []struct {
		name      string
		got, want int64
	}{
		{"rows", t.Rows, want.Rows},
		{"clicks", t.Clicks, want.Clicks},
		{"orders", t.Orders, want.Orders},
		{"order_lines", t.OrderLines, want.OrderLines},
		{"units", t.Units, want.Units},
		{"revenue_micros", t.RevenueMicros, want.RevenueMicros},
		{"sum of clicks × orders", t.ClicksTimesOrders, want.ClicksTimesOrders},
	} {
		if c.got != c.want {
			wrong = append(wrong, fmt.Sprintf("%s %d, want %d", c.name, c.got, c.want))
		}
	}
	if wrong == nil {
		return nil
	}
	return errors.New(strings.Join(wrong, "; "))
}

const joinedTotals = `SELECT count(*), coalesce(sum(clicks), 0), coalesce(sum(orders), 0), coalesce(sum(order_lines), 0),
  coalesce(sum(units), 0), coalesce(sum(revenue_micros), 0), coalesce(sum(clicks * orders), 0) FROM conversions`

const separateTotals = `SELECT (SELECT coalesce(sum(clicks), 0) FROM clicks), coalesce(sum(orders), 0),
  coalesce(sum(order_lines), 0), coalesce(sum(units), 0), coalesce(sum(revenue_micros), 0) FROM orders`

// readTotals adds up the conversions of a finished warehouse, and fails if its
// tables of clicks and orders say otherwise.
func readTotals(ctx context.Context, path string) (t totals, err error) {
	db, err := openSQLite(path, "mode=ro")
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.QueryRowContext(ctx, joinedTotals).Scan(&t.Rows, &t.Clicks, &t.Orders, &t.OrderLines,
		&t.Units, &t.RevenueMicros, &t.ClicksTimesOrders)
	if err != nil {
		return t, fmt.Errorf("adding up the conversions in %s: %w", path, err)
	}
	separate := t
	err = db.QueryRowContext(ctx, separateTotals).Scan(&separate.Clicks, &separate.Orders, &separate.OrderLines,
		&separate.Units, &separate.RevenueMicros)
	if err != nil {
		return t, fmt.Errorf("adding up the clicks and orders in %s: %w", path, err)
	}
	if err := separate.compare(t); err != nil {
		return t, fmt.Errorf("tables clicks and orders differ from table conversions: %w", err)
	}
	return t, nil
}
