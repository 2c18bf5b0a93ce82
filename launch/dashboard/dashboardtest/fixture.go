// Package dashboardtest makes warehouses for the dashboard's tests: by the engine
// itself, and with rows of any kind added.
package dashboardtest

import (
	"database/sql"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"adtoorder/io/testenv"
	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/require"
)

// Run has the engine make a warehouse from finished lines, with windows of a
// length such as 1m, and returns its path.
func Run(t testing.TB, window string, clicks, orders []string) string {
	t.Helper()
	testenv.SetUp()
	dir := t.TempDir()
	f := engine.Sample
	path := filepath.Join(dir, "warehouse.db")
	f.Runner, f.Window, f.Lake, f.Warehouse = "direct", window, filepath.Join(dir, "lake"), "sqlite:"+path
	f.Clicks, f.Orders = []string{filepath.Join(dir, "clicks.jsonl")}, []string{filepath.Join(dir, "orders.jsonl")}
	require.NoError(t, os.WriteFile(f.Clicks[0], []byte(strings.Join(clicks, "\n")), 0o644))
	require.NoError(t, os.WriteFile(f.Orders[0], []byte(strings.Join(orders, "\n")), 0o644))
	o, err := engine.Parse(t.Context(), f)
	require.NoError(t, err)
	_, err = engine.Run(t.Context(), o)
	require.NoError(t, err)
	return path
}

// Empty makes a warehouse without rows.
func Empty(t testing.TB) string {
	t.Helper()
	path := Run(t, "1m", nil, nil)
	Exec(t, path, "DELETE FROM ledger")
	return path
}

// Open opens a warehouse for writing.
func Open(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)")
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

// Exec runs a statement on a warehouse.
func Exec(t testing.TB, path, statement string, args ...any) {
	t.Helper()
	db := Open(t, path)
	_, err := db.ExecContext(t.Context(), statement, args...)
	require.NoError(t, err)
	require.NoError(t, db.Close())
}

// Row is a promotion in a window.
type Row struct {
	Start                                  time.Time
	Promotion                              string
	Clicks, Orders, LateClicks, LateOrders int64
	Lines, Units, RevenueMicros            int64
}

// Put writes rows to the three tables, in windows of a minute.
func Put(t testing.TB, path string, rows ...Row) {
	t.Helper()
	db := Open(t, path)
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	replace := func(table string, row map[string]any) {
		names := slices.Sorted(maps.Keys(row))
		var values []any
		for _, name := range names {
			values = append(values, row[name])
		}
		_, err := tx.ExecContext(t.Context(), "REPLACE INTO "+table+" ("+strings.Join(names, ", ")+
			") VALUES (?"+strings.Repeat(", ?", len(names)-1)+")", values...)
		require.NoError(t, err)
	}
	for _, r := range rows {
		key := map[string]any{
			"window_start": r.Start.UTC().Format(time.RFC3339),
			"window_end":   r.Start.Add(time.Minute).UTC().Format(time.RFC3339),
			"promotion":    r.Promotion,
		}
		clicks := map[string]any{"clicks": r.Clicks, "late_clicks": r.LateClicks}
		orders := map[string]any{"orders": r.Orders, "late_orders": r.LateOrders,
			"order_lines": r.Lines, "units": r.Units, "revenue_micros": r.RevenueMicros}
		replace("clicks", merged(key, clicks))
		replace("orders", merged(key, orders))
		replace("conversions", merged(key, clicks, orders))
	}
	require.NoError(t, tx.Commit())
	require.NoError(t, db.Close())
}

// merged returns the columns of all maps.
func merged(all ...map[string]any) map[string]any {
	row := map[string]any{}
	for _, columns := range all {
		maps.Copy(row, columns)
	}
	return row
}
