package scenarios

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"adtoorder/io/lake"
	"adtoorder/io/table"
	"adtoorder/io/warehouse"
	"adtoorder/pipelines/engine"
	"adtoorder/pipelines/generate/traffic"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// place returns flags of a run into a fresh directory.
func place(t *testing.T, runner string) engine.Flags {
	t.Helper()
	dir := t.TempDir()
	f := engine.Sample
	f.Runner, f.Lake, f.Warehouse = runner, dir+"/lake", "sqlite:"+dir+"/warehouse.db"
	return f
}

// start parses flags and runs the engine.
func start(t *testing.T, f engine.Flags) (engine.Summary, error) {
	t.Helper()
	o, err := engine.Parse(t.Context(), f)
	require.NoError(t, err)
	return engine.Run(t.Context(), o)
}

// assertTotal compares a promotion's total in a summary.
func assertTotal(t *testing.T, clicks, orders, revenueMicros int64, got engine.Total) {
	t.Helper()
	assert.Equal(t, []int64{clicks, orders, revenueMicros}, []int64{got.Clicks, got.Orders, got.RevenueMicros})
}

// results are the rows that a run has left in the warehouse, ordered by key.
type results struct {
	Clicks      []engine.ClickRow
	Orders      []engine.OrderRow
	Conversions []engine.ConversionRow
	Ledger      []engine.LedgerRow
	Rejects     []engine.RejectRow
}

// inWarehouse reads what flags' warehouse holds.
func inWarehouse(t *testing.T, f engine.Flags) results {
	t.Helper()
	w := warehouseOf(t, f)
	return results{
		tableRows[engine.ClickRow](t, w, "clicks"), tableRows[engine.OrderRow](t, w, "orders"),
		tableRows[engine.ConversionRow](t, w, "conversions"), tableRows[engine.LedgerRow](t, w, "ledger"),
		tableRows[engine.RejectRow](t, w, "rejects"),
	}
}

func warehouseOf(t *testing.T, f engine.Flags) warehouse.SQLite {
	t.Helper()
	w := warehouse.SQLite{Path: strings.TrimPrefix(f.Warehouse, "sqlite:")}
	t.Cleanup(func() { w.Close() })
	return w
}

func tableRows[T any](t *testing.T, w warehouse.SQLite, name string) []T {
	t.Helper()
	db, err := w.DB()
	require.NoError(t, err)
	columns := table.Columns[T]()
	var names, keys []string
	for _, c := range columns {
		names = append(names, c.Name)
		if c.Key {
			keys = append(keys, c.Name)
		}
	}
	found, err := db.Query("SELECT " + strings.Join(names, ", ") + " FROM " + name + " ORDER BY " + strings.Join(keys, ", "))
	require.NoError(t, err)
	defer found.Close()
	rows := []T{}
	for found.Next() {
		var row T
		var fields []any
		for _, c := range columns {
			fields = append(fields, c.Pointer(&row))
		}
		require.NoError(t, found.Scan(fields...))
		rows = append(rows, row)
	}
	require.NoError(t, found.Err())
	return rows
}

// inLake reads what flags' lake holds.
func inLake(t *testing.T, f engine.Flags) results {
	t.Helper()
	lake := lake.Lake{Dir: f.Lake, Format: f.LakeFormat}
	return results{
		lakeRows[engine.ClickRow](t, lake, "click-stream"), lakeRows[engine.OrderRow](t, lake, "order-stream"),
		lakeRows[engine.ConversionRow](t, lake, "conversions"), lakeRows[engine.LedgerRow](t, lake, "ledger"),
		lakeRows[engine.RejectRow](t, lake, "rejects"),
	}
}

// lakeRows fails if two files hold rows of one key: a reader never has to merge.
func lakeRows[T any](t *testing.T, in lake.Lake, dataset string) []T {
	t.Helper()
	var rows []T
	var err error
	for some, failure := range lake.Scan[T](context.Background(), in, dataset) {
		rows, err = append(rows, some...), failure
	}
	require.NoError(t, err)
	reduced := table.Reduce(table.Columns[T](), append([]T{}, rows...))
	require.Len(t, reduced, len(rows), "%s has two rows of one key", dataset)
	return reduced
}

// filesIn reads all files below a directory, by their names in it.
func filesIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		found[name] = string(content)
		return err
	}))
	return found
}

// readable fails if a visible file is not whole, or the warehouse is broken.
func readable(t *testing.T, f engine.Flags) {
	t.Helper()
	if _, err := os.Stat(f.Lake); err == nil {
		inLake(t, f)
	}
	path := strings.TrimPrefix(f.Warehouse, "sqlite:")
	if _, err := os.Stat(path); err != nil {
		return
	}
	w := warehouseOf(t, f)
	db, err := w.DB()
	require.NoError(t, err)
	var verdict string
	require.NoError(t, db.QueryRow("PRAGMA integrity_check").Scan(&verdict))
	assert.Equal(t, "ok", verdict)
	require.NoError(t, w.Close())
}

// generated writes generated traffic.
func generated(t *testing.T, o traffic.Options) (clicks, orders []string) {
	t.Helper()
	dir := t.TempDir()
	g, err := traffic.New(o)
	require.NoError(t, err)
	_, _, err = g.WriteDir(dir)
	require.NoError(t, err)
	return []string{filepath.Join(dir, traffic.ClicksFile)}, []string{filepath.Join(dir, traffic.OrdersFile)}
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
