package scenarios

import (
	"database/sql"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"adtoorder/io/table"
	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// inWarehouse reads what flags' warehouse holds.
func inWarehouse(t *testing.T, f engine.Flags) results {
	t.Helper()
	return results{
		tableRows[engine.ClickRow](t, f, "clicks"), tableRows[engine.OrderRow](t, f, "orders"),
		tableRows[engine.ConversionRow](t, f, "conversions"), tableRows[engine.LedgerRow](t, f, "ledger"),
		tableRows[engine.RejectRow](t, f, "rejects"),
	}
}

// openWarehouse opens the SQLite file of flags' warehouse, as any program may while the
// engine writes it.
func openWarehouse(t *testing.T, f engine.Flags) *sql.DB {
	t.Helper()
	file := url.URL{Scheme: "file", OmitHost: true, Path: strings.TrimPrefix(f.Warehouse, "sqlite:"),
		RawQuery: url.Values{"mode": {"rw"}, "_pragma": {"busy_timeout(60000)"}}.Encode()}
	db, err := sql.Open("sqlite", file.String())
	require.NoError(t, err)
	return db
}

// tableRows reads a table that is there, ordered by key.
func tableRows[T any](t *testing.T, f engine.Flags, name string) []T {
	t.Helper()
	rows, err := selectRows[T](t, f, name, "true")
	require.NoError(t, err)
	return rows
}

// selectRows reads the rows of a table that meet a condition, ordered by key. The table
// may not be there yet, which is an error.
func selectRows[T any](t *testing.T, f engine.Flags, name, condition string, args ...any) ([]T, error) {
	t.Helper()
	db := openWarehouse(t, f)
	defer db.Close()
	columns := table.Columns[T]()
	var names, keys []string
	for _, c := range columns {
		names = append(names, c.Name)
		if c.Key {
			keys = append(keys, c.Name)
		}
	}
	found, err := db.Query("SELECT "+strings.Join(names, ", ")+" FROM "+name+
		" WHERE "+condition+" ORDER BY "+strings.Join(keys, ", "), args...)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	rows := []T{}
	for found.Next() {
		var row T
		var fields []any
		for _, c := range columns {
			fields = append(fields, c.Pointer(&row))
		}
		if err := found.Scan(fields...); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, found.Err()
}

// countedClicks adds up the clicks in the warehouse; 0 where it is not there yet.
func countedClicks(t *testing.T, f engine.Flags) (clicks int) {
	t.Helper()
	rows, _ := selectRows[engine.ConversionRow](t, f, "conversions", "true")
	for _, r := range rows {
		clicks += int(r.Clicks)
	}
	return clicks
}

// untilCounted waits until so many clicks are in the warehouse.
func untilCounted(t *testing.T, f engine.Flags, clicks int) {
	t.Helper()
	require.Eventually(t, func() bool { return countedClicks(t, f) >= clicks }, waitLimit, 100*time.Millisecond,
		"%d clicks are counted", clicks)
}

// behind is how far each partition's watermark is behind the clock. There is none where
// no partition has been read yet.
func behind(t *testing.T, f engine.Flags) (all []time.Duration) {
	t.Helper()
	rows, _ := selectRows[engine.ProgressRow](t, f, "progress", "true")
	for _, r := range rows {
		all = append(all, time.Since(time.UnixMilli(int64(r.Watermark))))
	}
	return all
}

// assertReadable fails if a visible file is not whole, or the warehouse is broken.
func assertReadable(t *testing.T, f engine.Flags) {
	t.Helper()
	if _, err := os.Stat(f.Lake); err == nil {
		inLake(t, f)
	}
	if _, err := os.Stat(strings.TrimPrefix(f.Warehouse, "sqlite:")); err != nil {
		return
	}
	db := openWarehouse(t, f)
	defer db.Close()
	var verdict string
	require.NoError(t, db.QueryRow("PRAGMA integrity_check").Scan(&verdict))
	assert.Equal(t, "ok", verdict)
}

// assertViewsAgree holds the graph's conversions and the views, which start from the
// tables of the two streams, against each other.
func assertViewsAgree(t *testing.T, f engine.Flags) {
	t.Helper()
	db := openWarehouse(t, f)
	defer db.Close()
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
