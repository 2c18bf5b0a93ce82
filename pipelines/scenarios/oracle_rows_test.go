package engine

import (
	"math"
	"math/big"

	"adtoorder/io/table"
	"adtoorder/transforms/conversion"
	"adtoorder/transforms/event"
)

// rows returns the tables' rows, ordered by key.
func (o *oracle) rows() results {
	r := results{[]ClickRow{}, []OrderRow{}, []ConversionRow{}, []LedgerRow{}, []RejectRow{}}
	cells := map[cell]bool{}
	for c := range o.clicks {
		cells[c] = true
	}
	for c := range o.orders {
		cells[c] = true
	}
	for c := range cells {
		at := Window{table.Time(c.start), table.Time(c.start + o.window), c.promotion}
		clicks, orders := int64(len(o.clicks[c])), int64(len(o.orders[c]))
		var sum amounts
		for _, a := range o.orders[c] {
			sum = amounts{sum.lines + a.lines, addOrMax(sum.units, a.units), addOrMax(sum.micros, a.micros)}
		}
		lateClicks, lateOrders := int64(len(o.late["clicks"][c])), int64(len(o.late["orders"][c]))
		counted := conversion.Counters{
			ClickCounters: conversion.ClickCounters{Clicks: clicks, LateClicks: lateClicks},
			OrderCounters: conversion.OrderCounters{Orders: orders, LateOrders: lateOrders,
				Amounts: event.Amounts{Lines: sum.lines, Units: sum.units, RevenueMicros: sum.micros}},
		}
		if clicks > 0 {
			r.Clicks = append(r.Clicks, ClickRow{at, counted.ClickCounters})
		}
		if orders > 0 {
			r.Orders = append(r.Orders, OrderRow{at, counted.OrderCounters})
		}
		r.Conversions = append(r.Conversions, ConversionRow{at, counted, percent(orders, clicks), nil, nil})
	}
	for booked, n := range o.ledger {
		booked.Records = n
		r.Ledger = append(r.Ledger, booked)
	}
	r.Rejects = append(r.Rejects, o.reject...)
	return results{sorted(r.Clicks), sorted(r.Orders), sorted(r.Conversions), sorted(r.Ledger), sorted(r.Rejects)}
}

func sorted[T any](rows []T) []T { return table.Reduce(table.Columns[T](), rows) }

// percent is the exact ratio, rounded to a float64 once.
func percent(orders, clicks int64) *float64 {
	if clicks == 0 {
		return nil
	}
	ratio, _ := big.NewRat(100*orders, clicks).Float64()
	return &ratio
}

// addOrMax adds; what 64 bits can't hold is the largest that they can.
func addOrMax(a, b int64) int64 {
	if sum := new(big.Int).Add(big.NewInt(a), big.NewInt(b)); !sum.IsInt64() {
		return math.MaxInt64
	}
	return a + b
}
