// Package dashboardtest makes warehouses for the dashboard's tests: by the engine
// itself, and with rows of any kind added.
package dashboardtest

import (
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"adtoorder/pipelines/engine"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/stretchr/testify/require"
)

// setUp readies Beam, once.
var setUp = sync.OnceFunc(func() {
	beam.Init()
	slog.SetDefault(slog.New(slog.DiscardHandler))
})

// Run has the engine make a warehouse from finished lines, with windows of a
// length such as 1m, and returns its path.
func Run(t testing.TB, window string, clicks, orders []string) string {
	t.Helper()
	setUp()
	dir := t.TempDir()
	f := engine.Sample
	f.Runner, f.Window, f.Lake, f.Warehouse = "direct", window, filepath.Join(dir, "lake"), "sqlite:"+filepath.Join(dir, "warehouse.db")
	f.Clicks, f.Orders = []string{filepath.Join(dir, "clicks.jsonl")}, []string{filepath.Join(dir, "orders.jsonl")}
	require.NoError(t, os.WriteFile(f.Clicks[0], []byte(strings.Join(clicks, "\n")), 0o644))
	require.NoError(t, os.WriteFile(f.Orders[0], []byte(strings.Join(orders, "\n")), 0o644))
	o, err := engine.Parse(t.Context(), f)
	require.NoError(t, err)
	_, err = engine.Run(t.Context(), o)
	require.NoError(t, err)
	return filepath.Join(dir, "warehouse.db")
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
	for _, r := range rows {
		start, end := r.Start.UTC().Format(time.RFC3339), r.Start.Add(time.Minute).UTC().Format(time.RFC3339)
		for statement, args := range map[string][]any{
			"REPLACE INTO clicks (window_start, window_end, promotion, clicks, late_clicks) VALUES (?, ?, ?, ?, ?)": {start, end, r.Promotion, r.Clicks, r.LateClicks},
			"REPLACE INTO orders (window_start, window_end, promotion, orders, late_orders, order_lines, units, revenue_micros) VALUES (?, ?, ?, ?, ?, ?, ?, ?)": {
				start, end, r.Promotion, r.Orders, r.LateOrders, r.Lines, r.Units, r.RevenueMicros},
			"REPLACE INTO conversions (window_start, window_end, promotion, clicks, late_clicks, orders, late_orders, order_lines, units, revenue_micros) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)": {
				start, end, r.Promotion, r.Clicks, r.LateClicks, r.Orders, r.LateOrders, r.Lines, r.Units, r.RevenueMicros},
		} {
			_, err := tx.ExecContext(t.Context(), statement, args...)
			require.NoError(t, err)
		}
	}
	require.NoError(t, tx.Commit())
	require.NoError(t, db.Close())
}
