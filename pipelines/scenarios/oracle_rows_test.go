package scenarios

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"adtoorder/io/table"
	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/assert"
)

// rows returns the tables' rows, ordered by key.
func (o *oracle) rows() results {
	var r results
	cells := map[cell]bool{}
	for c := range o.clicks {
		cells[c] = true
	}
	for c := range o.orders {
		cells[c] = true
	}
	for c := range cells {
		var sum amounts
		for _, a := range o.orders[c] {
			sum = amounts{sum.lines + a.lines, addOrMax(sum.units, a.units), addOrMax(sum.micros, a.micros)}
		}
		var row engine.ConversionRow
		row.WindowStart, row.WindowEnd = table.Time(c.start), table.Time(c.start+o.window)
		row.Promotion = c.promotion
		row.Clicks, row.LateClicks = int64(len(o.clicks[c])), int64(len(o.late["clicks"][c]))
		row.Orders, row.LateOrders = int64(len(o.orders[c])), int64(len(o.late["orders"][c]))
		row.Lines, row.Units, row.RevenueMicros = sum.lines, sum.units, sum.micros
		row.Ratio = percent(row.Orders, row.Clicks)
		r.Conversions = append(r.Conversions, row)
		if row.Clicks > 0 {
			r.Clicks = append(r.Clicks, clicksOf(row))
		}
		if row.Orders > 0 {
			r.Orders = append(r.Orders, ordersOf(row))
		}
	}
	for booked, n := range o.ledger {
		booked.Records = n
		r.Ledger = append(r.Ledger, booked)
	}
	r.Rejects = append(r.Rejects, o.reject...)
	return results{sorted(r.Clicks), sorted(r.Orders), sorted(r.Conversions), sorted(r.Ledger), sorted(r.Rejects)}
}

// clicksOf is what the table of clicks has of a row.
func clicksOf(row engine.ConversionRow) (clicks engine.ClickRow) {
	clicks.WindowStart, clicks.WindowEnd, clicks.Promotion = row.WindowStart, row.WindowEnd, row.Promotion
	clicks.Clicks, clicks.LateClicks = row.Clicks, row.LateClicks
	return clicks
}

// ordersOf is what the table of orders has of a row.
func ordersOf(row engine.ConversionRow) (orders engine.OrderRow) {
	orders.WindowStart, orders.WindowEnd, orders.Promotion = row.WindowStart, row.WindowEnd, row.Promotion
	orders.Orders, orders.LateOrders = row.Orders, row.LateOrders
	orders.Lines, orders.Units, orders.RevenueMicros = row.Lines, row.Units, row.RevenueMicros
	return orders
}

// sorted orders rows by key. There is always a list, if an empty one.
func sorted[T any](rows []T) []T { return table.Reduce(table.Columns[T](), append([]T{}, rows...)) }

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

// assertRows compares rows with the oracle's. Interval bounds have tests of
// their own; here they must only be there where they can be.
func assertRows(t *testing.T, runner string, want, got results) {
	t.Helper()
	for i := range got.Conversions {
		r := &got.Conversions[i]
		assert.Equal(t, r.Clicks > 0 && r.Orders <= r.Clicks, r.RatioLow != nil && r.RatioHigh != nil)
		r.RatioLow, r.RatioHigh = nil, nil
		if i < len(want.Conversions) && r.Ratio != nil && want.Conversions[i].Ratio != nil {
			assert.InEpsilon(t, 1+*want.Conversions[i].Ratio, 1+*r.Ratio, 1e-12, runner)
			r.Ratio = want.Conversions[i].Ratio
		}
	}
	assert.Equal(t, want.Conversions, got.Conversions, runner)
	assert.Equal(t, want.Clicks, got.Clicks, runner)
	assert.Equal(t, want.Orders, got.Orders, runner)
	assert.Equal(t, want.Ledger, got.Ledger, runner)
	leavesOut := func(r engine.LedgerRow) bool { return r.Outcome == "not_promotion" }
	if len(withoutSamples(want.Rejects)) == len(want.Rejects) && slices.ContainsFunc(want.Ledger, leavesOut) {
		// Of a source whose positions don't count it is not known which samples are taken.
		got.Rejects = withoutSamples(got.Rejects)
	}
	assert.Equal(t, want.Rejects, got.Rejects, runner)
}
