package query_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"adtoorder/launch/dashboard/dashboardtest"
	"adtoorder/launch/dashboard/query"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func open(t *testing.T, path string) *query.Warehouse {
	t.Helper()
	w, err := query.Open("sqlite:" + path)
	require.NoError(t, err)
	return w
}

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

// Random rows: the dates' sums are those of the views.
func TestExtractGivesTheViewsNumbers(t *testing.T) {
	path := dashboardtest.Empty(t)
	random := rand.New(rand.NewPCG(3, 5))
	var rows []dashboardtest.Row
	for range 2000 {
		rows = append(rows, dashboardtest.Row{
			Start:     at("2026-11-01T00:00:00Z").Add(time.Duration(random.IntN(4*1440)) * time.Minute),
			Promotion: fmt.Sprint("P", random.IntN(20)),
			Clicks:    random.Int64N(50), Orders: random.Int64N(5), Lines: random.Int64N(9),
			Units: random.Int64N(1 << 50), RevenueMicros: random.Int64N(1 << 62)})
	}
	// What would overflow SQLite's sum is left out: 8 rows a group at most reach it.
	for i := range rows {
		rows[i].RevenueMicros >>= 8
	}
	dashboardtest.Put(t, path, rows...)
	got, err := open(t, path).Extract(t.Context(), "", "")
	require.NoError(t, err)
	want := map[string]query.Counters{}
	found, err := dashboardtest.Open(t, path).Query(`SELECT r.date, r.promotion, r.clicks, r.orders, o.order_lines, o.units, o.revenue_micros
FROM view_conversion_ratio AS r JOIN view_orders_aggregate AS o USING (date, promotion)`)
	require.NoError(t, err)
	defer found.Close()
	for found.Next() {
		var date, promotion string
		var c query.Counters
		require.NoError(t, found.Scan(&date, &promotion, &c.Clicks, &c.Orders, &c.Lines, &c.Units, &c.RevenueMicros))
		want[date+" "+promotion] = c
	}
	require.Len(t, got.Days, len(want))
	for _, d := range got.Days {
		assert.Equal(t, want[d.Date+" "+d.Promotion], d.Counters, "%s %s", d.Date, d.Promotion)
	}
	assert.Equal(t, time.Minute, got.Window)
}

func TestExtractOfSomeDates(t *testing.T) {
	path := dashboardtest.Empty(t)
	for day := 1; day <= 4; day++ {
		dashboardtest.Put(t, path, dashboardtest.Row{Start: at(fmt.Sprintf("2026-11-%02dT23:59:00Z", day)),
			Promotion: "P", Clicks: int64(day)})
	}
	got, err := open(t, path).Extract(t.Context(), "2026-11-02", "2026-11-04")
	require.NoError(t, err)
	require.Len(t, got.Days, 2)
	assert.Equal(t, "2026-11-02", got.Days[0].Date)
	assert.Equal(t, "2026-11-03", got.Days[1].Date)
	assert.Equal(t, at("2026-11-04T23:59:00Z"), got.Newest, "of all dates")
}

func TestStepsAddUpWindows(t *testing.T) {
	path := dashboardtest.Empty(t)
	start := at("2026-11-01T10:00:00Z")
	dashboardtest.Put(t, path,
		dashboardtest.Row{Start: start.Add(-time.Minute), Promotion: "A", Clicks: 100},
		dashboardtest.Row{Start: start, Promotion: "A", Clicks: 1, Orders: 1},
		dashboardtest.Row{Start: start.Add(4 * time.Minute),
			Promotion: "A", Clicks: 2, LateClicks: 1},
		dashboardtest.Row{Start: start.Add(5 * time.Minute),
			Promotion: "A", Clicks: 4},
		dashboardtest.Row{Start: start.Add(5 * time.Minute),
			Promotion: "B'", Clicks: 8},
		dashboardtest.Row{Start: start.Add(6 * time.Minute),
			Promotion: "C", Clicks: 16},
		dashboardtest.Row{Start: start.Add(10 * time.Minute),
			Promotion: "A", Clicks: 100})
	got, err := open(t, path).Steps(t.Context(), query.StepQuery{Promotions: []string{"A", "B'"}, From: start,
		Before: start.Add(10 * time.Minute), Window: time.Minute, Step: 5 * time.Minute})
	require.NoError(t, err)
	assert.Equal(t, []query.Step{
		{Promotion: "A", At: start, Counters: query.Counters{Clicks: 3, Orders: 1, LateClicks: 1}},
		{Promotion: "A", At: start.Add(5 * time.Minute), Counters: query.Counters{Clicks: 4}},
		{Promotion: "B'", At: start.Add(5 * time.Minute), Counters: query.Counters{Clicks: 8}},
	}, got)
}

func TestVersionTellsOfChanges(t *testing.T) {
	path := dashboardtest.Empty(t)
	w := open(t, path)
	version := func() string {
		v, err := w.Version(t.Context())
		require.NoError(t, err)
		return v
	}
	time.Sleep(100 * time.Millisecond) // a file just written counts as changing
	first := version()
	assert.Equal(t, first, version(), "nothing has changed")
	dashboardtest.Put(t, path, dashboardtest.Row{Start: at("2026-11-01T00:00:00Z"), Promotion: "P", Clicks: 1})
	second := version()
	assert.NotEqual(t, first, second)

	other := dashboardtest.Empty(t)
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.Rename(other, path))
	assert.NotEqual(t, second, version(), "another file in its place")
	got, err := w.Extract(t.Context(), "", "")
	require.NoError(t, err)
	assert.Empty(t, got.Days)
}

func TestProgressAndWritten(t *testing.T) {
	path := dashboardtest.Empty(t)
	dashboardtest.Exec(t, path, "INSERT INTO progress VALUES ('clicks', 'kafka://x/0', '7', "+
		"'2026-11-01T00:00:00.5Z', '2026-11-01T00:01:00Z')")
	got, err := open(t, path).Extract(t.Context(), "", "")
	require.NoError(t, err)
	assert.Equal(t, []query.Partition{{Stream: "clicks", Name: "kafka://x/0", Watermark: at("2026-11-01T00:00:00.5Z"),
		UpdatedAt: at("2026-11-01T00:01:00Z")}}, got.Partitions)
	assert.WithinDuration(t, time.Now(), got.Written, time.Minute)
}

// What is wrong with a warehouse is said, with what to do about it.
func TestProblems(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		return path
	}
	older := dashboardtest.Empty(t)
	dashboardtest.Exec(t, older, "ALTER TABLE conversions DROP COLUMN late_orders")
	locked := dashboardtest.Empty(t)
	dashboardtest.Exec(t, locked, "PRAGMA journal_mode = DELETE") // with a log, a lock keeps no reader out
	lock, err := dashboardtest.Open(t, locked).Conn(t.Context())
	require.NoError(t, err)
	_, err = lock.ExecContext(t.Context(), "BEGIN EXCLUSIVE")
	require.NoError(t, err)
	defer lock.Close()
	for name, test := range map[string]struct{ path, what, do string }{
		"missing":    {filepath.Join(dir, "none.db"), "There is no warehouse at", "Run the engine"},
		"empty file": {write("empty.db", ""), "is empty", "Run the engine"},
		"no database": {write("text.db", "this is a text, and none of SQLite's files; long enough to have a header of "+
			"a hundred bytes, which is looked at"), "is no SQLite database", "--warehouse"},
		"older schema": {older, "late_orders", "this version's engine"},
		"locked":       {locked, "has locked", "goes on by itself"},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t, test.path)
			_, err := w.Extract(t.Context(), "", "")
			var problem *query.Problem
			require.True(t, errors.As(err, &problem), "%v", err)
			assert.Contains(t, problem.What, test.what)
			assert.Contains(t, problem.Do, test.do)
		})
	}
}

func TestAWarehouseThatComesLater(t *testing.T) {
	path := filepath.Join(t.TempDir(), "warehouse.db")
	w := open(t, path)
	_, err := w.Version(t.Context())
	require.ErrorContains(t, err, "There is no warehouse at")
	require.NoError(t, os.Rename(dashboardtest.Empty(t), path))
	_, err = w.Version(t.Context())
	assert.NoError(t, err)
}

func TestNothingIsWritten(t *testing.T) {
	path := dashboardtest.Empty(t)
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	w := open(t, path)
	_, err = w.Version(t.Context())
	require.NoError(t, err)
	_, err = w.Extract(t.Context(), "", "")
	require.NoError(t, err)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, before, after)
}

// A writer that ends leaves no log behind because somebody reads: it would be
// taken for the next file's.
func TestAWriterFoldsItsLogWhileOthersRead(t *testing.T) {
	path := dashboardtest.Empty(t)
	w := open(t, path)
	db := dashboardtest.Open(t, path)
	for n := range 3 {
		_, err := db.Exec("INSERT INTO ledger VALUES ('2026-11-01T00:00:00Z', 'clicks', 'counted', '', ?, 1)",
			fmt.Sprint(n))
		require.NoError(t, err)
		_, err = w.Extract(t.Context(), "", "")
		require.NoError(t, err)
	}
	log, err := os.Stat(path + "-wal")
	require.NoError(t, err)
	assert.Positive(t, log.Size(), "otherwise this test shows nothing")
	require.NoError(t, db.Close())
	if log, err = os.Stat(path + "-wal"); err == nil {
		assert.Zero(t, log.Size())
	}
}

// A reader sees one moment, though a writer changes rows all the time, and is
// never refused.
func TestReadingWhileTheEngineWrites(t *testing.T) {
	path := dashboardtest.Empty(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	db := dashboardtest.Open(t, path)
	go func() { done <- moveClicks(ctx, db) }()
	w := open(t, path)
	for range 200 {
		_, err := w.Version(t.Context())
		require.NoError(t, err)
		e, err := w.Extract(t.Context(), "", "")
		require.NoError(t, err)
		var sum int64
		for _, d := range e.Days {
			sum += d.Clicks
		}
		if len(e.Days) > 0 {
			assert.EqualValues(t, 100, sum)
		}
	}
	cancel()
	require.NoError(t, <-done)
}

// moveClicks keeps the sum of two promotions at 100, in each transaction.
func moveClicks(ctx context.Context, db *sql.DB) error {
	for n := int64(0); ctx.Err() == nil; n = (n + 1) % 100 {
		_, err := db.Exec(`REPLACE INTO conversions (window_start, window_end, promotion, clicks, late_clicks, orders, late_orders, order_lines, units, revenue_micros)
VALUES ('2026-11-01T00:00:00Z', '2026-11-01T00:01:00Z', 'A', ?, 0, 0, 0, 0, 0, 0), ('2026-11-01T00:00:00Z', '2026-11-01T00:01:00Z', 'B', ?, 0, 0, 0, 0, 0, 0)`, n, 100-n)
		if err != nil {
			return err
		}
	}
	return nil
}

func TestURIs(t *testing.T) {
	for _, uri := range []string{"", "sqlite:", "out/warehouse.db"} {
		t.Run(uri, func(t *testing.T) {
			_, err := query.Open(uri)
			assert.ErrorContains(t, err, "--warehouse="+uri+": must be sqlite:FILE or bigquery://PROJECT/DATASET")
		})
	}
	_, err := query.Open("sqlite:" + t.TempDir())
	assert.ErrorContains(t, err, "is a directory")
	_, err = query.Open("bigquery://x")
	assert.ErrorContains(t, err, "must be bigquery://PROJECT/DATASET")
}
