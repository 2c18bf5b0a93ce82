package engine

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"adtoorder/io/warehouse"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The inputs in testdata/rules show every rule; the rows beside them were
// written by hand.
func TestRulesGiveTheRowsWrittenByHand(t *testing.T) {
	lakes := map[string]map[string]string{}
	for _, runner := range Embedded {
		for _, format := range []string{"parquet", "jsonl"} {
			t.Run(runner+" "+format, func(t *testing.T) {
				f := place(t, runner)
				f.LakeFormat = format
				f.Clicks, f.Orders = []string{"../../testdata/rules/clicks.jsonl"}, []string{"../../testdata/rules/orders.jsonl"}
				summary, err := start(t, f)
				require.NoError(t, err)

				got := inWarehouse(t, f)
				assert.Equal(t, handwritten(t, "conversions.csv"), conversionLines(got.Conversions))
				assert.Equal(t, handwritten(t, "ledger.csv"), ledgerLines(got.Ledger))
				assert.Equal(t, got, inLake(t, f), "lake and warehouse hold the same rows")
				agree(t, warehouseOf(t, f))
				assert.Equal(t, Total{Clicks: 4, Orders: 4, RevenueMicros: 55_980_000}, summary.Promotions["P601"])

				lake := filesIn(t, f.Lake)
				if other, ok := lakes[format]; ok {
					assert.Equal(t, other, lake, "all runners leave the same bytes")
				}
				lakes[format] = lake
			})
		}
	}
}

// handwritten reads an expected table, without its header.
func handwritten(t *testing.T, name string) []string {
	t.Helper()
	in, err := os.Open(filepath.Join("../../testdata/rules", name))
	require.NoError(t, err)
	defer in.Close()
	records, err := csv.NewReader(in).ReadAll()
	require.NoError(t, err)
	var lines []string
	for _, r := range records[1:] {
		lines = append(lines, strings.Join(r, ","))
	}
	return lines
}

func conversionLines(rows []ConversionRow) (lines []string) {
	percent := func(p *float64) string {
		if p == nil {
			return ""
		}
		return fmt.Sprintf("%.6f", *p)
	}
	for _, r := range rows {
		lines = append(lines, fmt.Sprintf("%s,%s,%d,%d,%d,%d,%d,%s,%s,%s", r.WindowStart, r.Promotion, r.Clicks, r.Orders,
			r.Lines, r.Units, r.RevenueMicros, percent(r.Ratio), percent(r.RatioLow), percent(r.RatioHigh)))
	}
	return lines
}

func ledgerLines(rows []LedgerRow) (lines []string) {
	for _, r := range rows {
		lines = append(lines, fmt.Sprintf("%s,%s,%s,%s,%s,%d", r.WindowStart, r.Stream, r.Outcome, r.Reason, r.Promotion, r.Records))
	}
	return lines
}

// agree holds the graph's conversions and the views, which start from the
// tables of the two streams, against each other.
func agree(t *testing.T, w warehouse.SQLite) {
	t.Helper()
	db, err := w.DB()
	require.NoError(t, err)
	var rows, wrong int
	require.NoError(t, db.QueryRow(`
SELECT count(*), coalesce(sum(v.date IS NULL OR g.date IS NULL OR v.clicks != g.clicks OR v.orders != g.orders
  OR v.conversion_ratio IS NOT g.ratio OR coalesce(o.order_lines, 0) != g.order_lines
  OR coalesce(o.units, 0) != g.units OR coalesce(o.revenue_micros, 0) != g.revenue_micros), 0)
FROM (
  SELECT date(window_start) AS date, promotion, sum(clicks) AS clicks, sum(orders) AS orders,
    sum(order_lines) AS order_lines, 1000000 * sum(units / 1000000) + sum(units % 1000000) AS units,
    1000000 * sum(revenue_micros / 1000000) + sum(revenue_micros % 1000000) AS revenue_micros,
    CASE WHEN sum(clicks) > 0 THEN 100.0 * sum(orders) / sum(clicks) END AS ratio
  FROM conversions GROUP BY 1, 2
) AS g
FULL JOIN view_conversion_ratio AS v ON v.date = g.date AND v.promotion = g.promotion
LEFT JOIN view_orders_aggregate AS o ON o.date = g.date AND o.promotion = g.promotion`).Scan(&rows, &wrong))
	assert.NotZero(t, rows)
	assert.Zero(t, wrong, "of %d rows of view_conversion_ratio", rows)
}
