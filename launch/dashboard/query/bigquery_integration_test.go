//go:build integration

package query_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"adtoorder/io/warehouse/bigquery/bigquerytest"
	"adtoorder/launch/dashboard/dashboardtest"
	"adtoorder/launch/dashboard/query"
	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the page shows of BigQuery is what it shows of SQLite, for the same input,
// also where every row has several versions.
func TestBigQueryIsReadAsSQLiteIs(t *testing.T) {
	dashboardtest.Empty(t) // readies Beam
	uri := bigquerytest.Start(t).URI("project-1", "d")
	big, err := query.Open(uri)
	require.NoError(t, err)
	var problem *query.Problem
	_, err = big.Version(t.Context())
	require.ErrorAs(t, err, &problem, "%v", err)
	assert.Contains(t, problem.Error(), "There is no warehouse in project-1.d yet")
	assert.Contains(t, problem.Error(), "Run the engine: go run ./pipelines/conversions "+
		"--warehouse=bigquery://project-1/d")

	path := filepath.Join(t.TempDir(), "w.db")
	sample(t, "sqlite:"+path)
	sample(t, uri)
	first, err := big.Version(t.Context())
	require.NoError(t, err)
	sample(t, uri)
	version := func() string {
		v, err := big.Version(t.Context())
		require.NoError(t, err)
		return v
	}
	require.Eventually(t, func() bool { return version() != first }, time.Minute, 500*time.Millisecond,
		"another run's rows")
	second := version()
	require.Never(t, func() bool { return version() != second }, 3*time.Second, 500*time.Millisecond, "nothing new")

	small := open(t, path)
	for _, dates := range [][2]string{{"", ""}, {"2026-11-01", "2026-11-02"}, {"2026-11-02", ""},
		{"1970-01-01", "1970-01-02"}} {
		want, got := extract(t, small, dates), extract(t, big, dates)
		assert.WithinDuration(t, time.Now(), got.Written, 10*time.Minute)
		want.Written, got.Written = time.Time{}, time.Time{}
		assert.Equal(t, want, got, "%v", dates)
	}
	whole := extract(t, small, [2]string{})
	require.NotEmpty(t, whole.Days)
	q := query.StepQuery{From: whole.Newest.Add(-48 * time.Hour).Truncate(time.Hour),
		Before: whole.Newest.Add(time.Hour), Window: time.Minute, Step: time.Hour}
	for _, d := range whole.Days[:3] {
		q.Promotions = append(q.Promotions, d.Promotion)
	}
	want, err := small.Steps(t.Context(), q)
	require.NoError(t, err)
	got, err := big.Steps(t.Context(), q)
	require.NoError(t, err)
	require.NotEmpty(t, want)
	assert.Equal(t, want, got)
}

func extract(t *testing.T, w *query.Warehouse, dates [2]string) query.Extract {
	t.Helper()
	e, err := w.Extract(t.Context(), dates[0], dates[1])
	require.NoError(t, err)
	return e
}

// sample runs the engine on the sample, into a warehouse.
func sample(t *testing.T, uri string) {
	t.Helper()
	const files = "../../../testdata/sample/"
	_, err := os.Stat(files)
	require.NoError(t, err)
	f := engine.Sample
	f.Runner, f.Lake, f.Warehouse = "direct", t.TempDir(), uri
	f.Clicks, f.Orders = []string{files + "clicks-*.jsonl"}, []string{files + "orders-*.jsonl"}
	o, err := engine.Parse(t.Context(), f)
	require.NoError(t, err)
	_, err = engine.Run(context.Background(), o)
	require.NoError(t, err)
}
