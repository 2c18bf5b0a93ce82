package warehouse

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"adtoorder/io/table"
	"adtoorder/io/testenv"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { testenv.Main(m) }

func init() {
	beam.RegisterType(reflect.TypeFor[row]())
	Register[row]()
}

// row has a column of every type and of every part in merging.
type row struct {
	Start   table.Time  `parquet:"start,timestamp(millisecond)" table:"key"`
	Name    string      `parquet:"name" table:"key"`
	Count   int64       `parquet:"count" table:"max"`
	Total   int64       `parquet:"total" table:"max"`
	Mean    *float64    `parquet:"mean" table:"derived"`
	Payload table.Bytes `parquet:"payload"`
	Cut     bool        `parquet:"cut"`
}

// Derive implements table.Deriver.
func (r *row) Derive() {
	r.Mean = nil
	if r.Count > 0 {
		mean := float64(r.Total) / float64(r.Count)
		r.Mean = &mean
	}
}

// rowOf returns a row with its mean.
func rowOf(start table.Time, name string, count, total int64) row {
	r := row{Start: start, Name: name, Count: count, Total: total, Payload: table.Bytes{}}
	r.Derive()
	return r
}

var ctx = context.Background()

// tables are the tables of the tests; a warehouse has the first one at first.
var tables = []Table{TableOf[row]("rows", "start"), TableOf[row]("others", "start")}

func noViews(Dialect) []View { return nil }

// newWarehouse returns a warehouse with an empty table called rows.
func newWarehouse(t *testing.T) SQLite {
	w := SQLite{t.TempDir() + "/a dir/w?%.db"} // which must not be taken for a URL's parts
	t.Cleanup(func() { require.NoError(t, w.Close()) })
	require.NoError(t, w.Create(ctx, tables[:1], noViews))
	return w
}

// rowsOf returns the table's rows in the order of their keys.
func rowsOf(t *testing.T, w SQLite) (all []row) {
	t.Helper()
	db, err := w.DB()
	require.NoError(t, err)
	found, err := db.QueryContext(ctx, "SELECT start, name, count, total, mean, payload, cut FROM rows")
	require.NoError(t, err)
	defer found.Close()
	for found.Next() {
		var r row
		require.NoError(t, found.Scan(&r.Start, &r.Name, &r.Count, &r.Total, &r.Mean, &r.Payload, &r.Cut))
		all = append(all, r)
	}
	require.NoError(t, found.Err())
	// Not by SQL: as text, a time with a fraction comes before one without.
	slices.SortFunc(all, func(a, b row) int { return table.Compare(table.Columns[row](), a, b) })
	return all
}
