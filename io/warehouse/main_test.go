package warehouse_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"adtoorder/io/table"
	"adtoorder/io/testenv"
	"adtoorder/io/warehouse"
	"adtoorder/io/warehouse/sqlite"
	"adtoorder/io/warehouse/warehousetest"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { testenv.Main(m) }

func init() {
	beam.RegisterType(reflect.TypeFor[row]())
	warehouse.Register[row]()
	warehouse.RegisterBackend(warehouse.Backend{Scheme: "picky", Usage: "picky:WHAT, a fake that only these tests have",
		Open: openPicky})
}

type row = warehousetest.Row

var (
	rowOf  = warehousetest.RowOf
	tables = warehousetest.Tables
	rowsOf = warehousetest.Stored
	ctx    = context.Background()
)

// newWarehouse returns a warehouse with an empty table called rows.
func newWarehouse(t *testing.T) sqlite.Warehouse {
	w := sqlite.Warehouse{Path: t.TempDir() + "/w.db"}
	t.Cleanup(func() { require.NoError(t, w.Close()) })
	require.NoError(t, w.Create(ctx, tables[:1], warehousetest.NoViews))
	return w
}

// picky is a warehouse that refuses bad rows, or fails at all rows.
type picky struct {
	warehouse.Warehouse
	fails bool
}

// written counts the rows that picky warehouses were told to write, by their first word.
var written = map[string]*atomic.Int64{"good": {}, "bad": {}, "first": {}, "second": {}}

func openPicky(uri string) (warehouse.Warehouse, error) {
	return picky{fails: uri == "picky:fails"}, nil
}

// Write implements warehouse.Warehouse.
func (p picky) Write(_ context.Context, _ table.Table, rows []any) (map[int]string, error) {
	refused := map[int]string{}
	for i, r := range rows {
		word, _, _ := strings.Cut(r.(*row).Name, " ")
		written[word].Add(1)
		if word == "bad" {
			refused[i] = "out of range"
		}
	}
	if p.fails {
		return nil, errors.New("tried for 300ms")
	}
	return refused, nil
}
