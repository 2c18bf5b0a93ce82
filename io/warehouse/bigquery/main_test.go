package bigquery

import (
	"context"
	"log/slog"
	"os"
	"testing"

	"adtoorder/io/table"
	"adtoorder/io/warehouse/warehousetest"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // the tests' faults are told of
	os.Exit(m.Run())
}

type row = warehousetest.Row

var (
	rowOf    = warehousetest.RowOf
	tables   = warehousetest.Tables
	noViews  = warehousetest.NoViews
	problems = warehousetest.Problems
	ctx      = context.Background()
)

const start0 = warehousetest.Start

// appendRows writes rows to a table.
func appendRows(ctx context.Context, b Warehouse, to table.Table, rows []row) (map[int]string, error) {
	to.Columns = table.Columns[row]()
	return b.Write(ctx, to, table.Rows(rows))
}
