package scenarios

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"adtoorder/io/lake"
	"adtoorder/io/table"
	"adtoorder/pipelines/engine"
	"adtoorder/pipelines/generate/traffic"
	"adtoorder/transforms/ledger"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// waitLimit bounds what is waited for, on a machine that is busy with others.
const waitLimit = 5 * time.Minute

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

// withoutSamples returns the rows of records that could not be used.
func withoutSamples(rejects []engine.RejectRow) []engine.RejectRow {
	return slices.DeleteFunc(slices.Clone(rejects), func(r engine.RejectRow) bool {
		return r.Outcome == ledger.NotPromotion
	})
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
