package engine

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"adtoorder/io/lake"
	"adtoorder/io/table"
	"adtoorder/io/warehouse"

	"github.com/stretchr/testify/require"
)

// place returns flags of a run into a fresh directory.
func place(t *testing.T, runner string) Flags {
	t.Helper()
	dir := t.TempDir()
	f := Sample
	f.Runner, f.Lake, f.Warehouse = runner, dir+"/lake", "sqlite:"+dir+"/warehouse.db"
	return f
}

// start parses flags and runs the engine.
func start(t *testing.T, f Flags) (Summary, error) {
	t.Helper()
	o, err := Parse(t.Context(), f)
	require.NoError(t, err)
	return Run(t.Context(), o)
}

// results are the rows that a run has left in the warehouse, ordered by key.
type results struct {
	Clicks      []ClickRow
	Orders      []OrderRow
	Conversions []ConversionRow
	Ledger      []LedgerRow
	Rejects     []RejectRow
}

// inWarehouse reads what flags' warehouse holds.
func inWarehouse(t *testing.T, f Flags) results {
	t.Helper()
	w := warehouseOf(t, f)
	return results{
		tableRows[ClickRow](t, w, clicksTable), tableRows[OrderRow](t, w, ordersTable),
		tableRows[ConversionRow](t, w, conversionsTable), tableRows[LedgerRow](t, w, ledgerTable),
		tableRows[RejectRow](t, w, rejectsTable),
	}
}

func warehouseOf(t *testing.T, f Flags) warehouse.SQLite {
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
func inLake(t *testing.T, f Flags) results {
	t.Helper()
	lake := lake.Lake{Dir: f.Lake, Format: f.LakeFormat}
	return results{
		lakeRows[ClickRow](t, lake, clicksDataset), lakeRows[OrderRow](t, lake, ordersDataset),
		lakeRows[ConversionRow](t, lake, conversionsDataset), lakeRows[LedgerRow](t, lake, ledgerDataset),
		lakeRows[RejectRow](t, lake, rejectsDataset),
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
