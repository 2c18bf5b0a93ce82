package sqlite

import (
	"context"
	"testing"

	"adtoorder/io/table"
	"adtoorder/io/warehouse"
	"adtoorder/io/warehouse/warehousetest"

	"github.com/stretchr/testify/require"
)

type row = warehousetest.Row

var (
	rowOf   = warehousetest.RowOf
	tables  = warehousetest.Tables // a warehouse has the first one at first
	noViews = warehousetest.NoViews
	rowsOf  = warehousetest.Stored
	ctx     = context.Background()
)

const start0 = warehousetest.Start

func TestSQLiteIsAWarehouse(t *testing.T) {
	warehousetest.Run(t, func(t *testing.T) warehouse.Warehouse {
		w := Warehouse{t.TempDir() + "/w.db"}
		t.Cleanup(func() { require.NoError(t, w.Close()) })
		return w
	}, warehousetest.Write(t))
}

// newWarehouse returns a warehouse with an empty table called rows.
func newWarehouse(t *testing.T) Warehouse {
	w := Warehouse{t.TempDir() + "/a dir/w?%.db"} // which must not be taken for a URL's parts
	t.Cleanup(func() { require.NoError(t, w.Close()) })
	require.NoError(t, w.Create(ctx, tables[:1], noViews))
	return w
}

// upsert writes rows to a table.
func upsert(w Warehouse, name string, rows []row) error {
	_, err := w.Write(ctx, table.Of[row](name, "start"), table.Rows(rows))
	return err
}
