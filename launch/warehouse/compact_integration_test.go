//go:build integration

package main

import (
	"bytes"
	"testing"

	"adtoorder/io/warehouse"
	"adtoorder/io/warehouse/bigquery/bigquerytest"
	"adtoorder/io/warehouse/warehousetest"
	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Two runs over the sample, into lakes of their own, leave two versions of each row; compacting leaves one,
// with the same numbers, ratios included.
func TestCompactASample(t *testing.T) {
	uri := bigquerytest.Start(t).URI("project-1", "d")
	f := engine.Sample
	f.Runner, f.Warehouse = "direct", uri
	f.Clicks = []string{"../../testdata/sample/clicks-*.jsonl"}
	f.Orders = []string{"../../testdata/sample/orders-*.jsonl"}
	for range 2 {
		f.Lake = t.TempDir()
		o, err := engine.Parse(t.Context(), f)
		require.NoError(t, err)
		_, err = engine.Run(t.Context(), o)
		require.NoError(t, err)
	}
	w, err := warehouse.Open(uri)
	require.NoError(t, err)
	t.Cleanup(func() { w.Close() })
	d, conversions := w.Dialect(), engine.TableNamed("conversions")
	digest := func() (versions, rows, sum any) {
		t.Helper()
		all := warehousetest.Query(t, w, "SELECT COUNT(*) FROM "+d.Name("conversions")+" AS c", 1)
		merged := warehousetest.Query(t, w, "SELECT COUNT(*), SUM(m.clicks * 3 + m.orders * 5 + m.revenue_micros * 7) "+
			"FROM "+d.Rows(conversions, "")+" AS m", 2)
		return all[0][0], merged[0][0], merged[0][1]
	}
	versions, rows, sum := digest()
	assert.Equal(t, rows.(int64)*2, versions)

	var out, errs bytes.Buffer
	require.Equal(t, 0, run(t.Context(), []string{"compact", "--warehouse", uri, "--before", "2100-01-01"}, &out,
		&errs), "%s", &errs)
	assert.Contains(t, out.String(), "conversions of 2026-")
	assert.Contains(t, out.String(), "Before 2100-01-01, every row of project-1.d has one version")
	versions, after, afterSum := digest()
	assert.Equal(t, rows, versions)
	assert.Equal(t, rows, after)
	assert.Equal(t, sum, afterSum)

	wrong := warehousetest.Query(t, w, "SELECT COUNTIF(c.conversion_ratio IS DISTINCT FROM IF(c.clicks > 0, 100 * "+
		"c.orders / c.clicks, NULL)), COUNTIF(c.ratio_low IS NULL) FROM `project-1.d.conversions` AS c WHERE c.clicks "+
		">= c.orders AND c.clicks > 0", 2)
	assert.EqualValues(t, 0, wrong[0][0])
	assert.EqualValues(t, 0, wrong[0][1])

	out.Reset()
	require.Equal(t, 0, run(t.Context(), []string{"compact", "--warehouse", uri, "--before", "2100-01-01"}, &out,
		&errs))
	assert.Contains(t, out.String(), "; 0 were folded")
}

// What was erased is in no version of a row, and in no merged one when a run gives the
// row again, in which compacting leaves nothing of it.
func TestEraseInBigQuery(t *testing.T) {
	uri := bigquerytest.Start(t).URI("project-1", "d")
	f := engine.Sample
	f.Runner, f.Lake, f.Warehouse = "direct", t.TempDir(), uri
	f.Clicks = []string{"../../testdata/sample/clicks-*.jsonl"}
	f.Orders = []string{"../../testdata/sample/orders-*.jsonl"}
	convert := func() {
		t.Helper()
		o, err := engine.Parse(t.Context(), f)
		require.NoError(t, err)
		_, err = engine.Run(t.Context(), o)
		require.NoError(t, err)
	}
	w, err := warehouse.Open(uri)
	require.NoError(t, err)
	t.Cleanup(func() { w.Close() })
	withPayload := func(rows string) any {
		t.Helper()
		return warehousetest.Query(t, w, "SELECT COUNTIF(r.payload != '') FROM "+rows+" AS r", 1)[0][0]
	}
	versions, merged := w.Dialect().Name("rejects"), w.Dialect().Rows(engine.TableNamed("rejects"), "")
	called := func(args ...string) {
		t.Helper()
		var out, errs bytes.Buffer
		require.Equal(t, 0, run(t.Context(), append(args, "--warehouse", uri, "--before", "2100-01-01"), &out, &errs),
			"%s", &errs)
	}
	convert()
	assert.NotZero(t, withPayload(merged))
	called("erase")
	assert.Zero(t, withPayload(versions))
	convert()
	assert.Zero(t, withPayload(merged))
	called("compact")
	assert.Zero(t, withPayload(versions))
}
