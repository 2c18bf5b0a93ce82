package warehouse

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"adtoorder/io/table"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSQLiteIsAWarehouse holds both kinds of warehouse together, with
// TestBigQueryIsAWarehouse.
func TestSQLiteIsAWarehouse(t *testing.T) {
	testWarehouse(t, func(t *testing.T) Warehouse {
		w := SQLite{t.TempDir() + "/w.db"}
		t.Cleanup(func() { require.NoError(t, w.Close()) })
		return w
	}, func(w Warehouse, to Table, rows []row) (map[int]string, error) {
		return write(ctx, w, to, rows)
	})
}

// writing writes rows, in some way that must not matter.
type writing func(w Warehouse, to Table, rows []row) (map[int]string, error)

// testWarehouse tests what every warehouse has to do.
func testWarehouse(t *testing.T, fresh func(*testing.T) Warehouse, write writing) {
	t.Run("rows", func(t *testing.T) { testRows(t, fresh(t), write) })
	t.Run("random rows", func(t *testing.T) { testRandomRows(t, fresh(t), write) })
	t.Run("origin", func(t *testing.T) { testOrigin(t, fresh(t)) })
	t.Run("windows", func(t *testing.T) { testWindows(t, fresh(t), write) })
	t.Run("views", func(t *testing.T) { testViews(t, fresh(t), write) })
	t.Run("older schemas", func(t *testing.T) { testOlderSchemas(t, fresh(t), write) })
}

// sorted reads a table's rows that meet a condition, by their keys.
func sorted(t *testing.T, w Warehouse, name, condition string, args ...any) []row {
	t.Helper()
	rows, err := Select[row](ctx, w, name, condition, args...)
	require.NoError(t, err)
	slices.SortFunc(rows, func(a, b row) int { return table.Compare(table.Columns[row](), a, b) })
	return rows
}

func testRows(t *testing.T, w Warehouse, write writing) {
	const late = table.Time(253402300799999) // the last instant of 9999
	require.NoError(t, w.Create(ctx, tables, noViews))
	batches := [][]row{
		{rowOf(0, "b", 1, 2), rowOf(0, "a", 1, 9), rowOf(late, "a", 1, 1)},
		{rowOf(0, "a", 5, 2), rowOf(0, "A", 3, 3), rowOf(1, "", 0, 7), rowOf(start0+1, "é😀'\"`\\\x00 \n", 1, 3)},
		{rowOf(0, "c", math.MaxInt64, 1), rowOf(0, "c", 1, math.MaxInt64)},
		nil,
	}
	for i, payload := range []string{"text é😀", "", "a\xff", "\x00", "data:;base64,Yf8=", "'); DROP TABLE rows", "17"} {
		r := rowOf(2, fmt.Sprint(i), 1, 1)
		r.Payload, r.Cut = table.Bytes(payload), i%2 == 1
		batches = append(batches, []row{r})
	}
	var all []row
	for _, batch := range batches {
		all = append(all, batch...)
	}
	want := table.Reduce(table.Columns[row](), slices.Clone(all))
	for range 2 { // a second time, in the other order, by another handle, changes nothing
		for _, batch := range batches {
			refused, err := write(w, tables[0], slices.Clone(batch))
			require.NoError(t, err)
			assert.Empty(t, refused)
		}
		slices.Reverse(batches)
		assert.Equal(t, want, sorted(t, w, "rows", "true"))
		require.NoError(t, w.Close())
		require.NoError(t, w.Create(ctx, tables, noViews))
	}
	assert.Equal(t, want[:3], sorted(t, w, "rows", "start = ? AND name <> ?", table.Time(0), "c")[:3])
	assert.Empty(t, sorted(t, w, "others", "true"))
	_, err := Select[row](ctx, w, "none", "true")
	assert.ErrorContains(t, err, "none")
}

func testRandomRows(t *testing.T, w Warehouse, write writing) {
	const seed = 7
	random := rand.New(rand.NewPCG(seed, 0))
	require.NoError(t, w.Create(ctx, tables, noViews))
	var all []row
	for range 3000 {
		all = append(all, rowOf(table.Time(start0+random.Int64N(3)*60_000), fmt.Sprintf("P%d", random.IntN(200)), random.Int64N(1000), random.Int64N(1000)))
	}
	for some := range slices.Chunk(slices.Clone(all), 700) {
		_, err := write(w, tables[0], slices.Clone(some))
		require.NoError(t, err)
	}
	assert.Equal(t, table.Reduce(table.Columns[row](), all), sorted(t, w, "rows", "true"), "seed %d", seed)
}

func testOrigin(t *testing.T, w Warehouse) {
	require.NoError(t, w.Create(ctx, tables, noViews))
	got, err := w.Origin(ctx)
	require.NoError(t, err)
	assert.Equal(t, table.Origin{}, got)
	for _, path := range []string{"gs://b/a's \"file\"", "b"} {
		want := table.Origin{Window: time.Minute, Sources: []table.Source{{Stream: "clicks", Path: path, Size: math.MaxInt64, Sum: 7}}}
		require.NoError(t, w.SetOrigin(ctx, want))
		got, err := w.Origin(ctx)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}

func testWindows(t *testing.T, w Warehouse, write writing) {
	require.NoError(t, w.Create(ctx, tables, noViews))
	got, err := w.Windows(ctx, tables)
	require.NoError(t, err)
	assert.Empty(t, got, "no origin")
	require.NoError(t, w.SetOrigin(ctx, table.Origin{Window: time.Minute}))
	times := []table.Time{0, start0 - 1, start0, start0 + 59_999, start0 + 60_000, start0 + 86_400_000}
	var rows []row
	for _, at := range times {
		rows = append(rows, rowOf(at, "a", 1, 1))
	}
	_, err = write(w, tables[0], rows)
	require.NoError(t, err)
	_, err = write(w, tables[1], []row{rowOf(start0+500, "a", 1, 1)})
	require.NoError(t, err)
	got, err = w.Windows(ctx, tables)
	require.NoError(t, err)
	assert.Equal(t, []int64{0, start0 - 60_000, start0, start0 + 60_000, start0 + 86_400_000}, got)

	for range 2 {
		require.NoError(t, w.RemoveWindows(ctx, tables, []int64{0, start0, start0 + 86_400_000, start0 + 120_000}))
		assert.Empty(t, sorted(t, w, "others", "true"))
		left := sorted(t, w, "rows", "true")
		require.Len(t, left, 2)
		assert.Equal(t, []table.Time{start0 - 1, start0 + 60_000}, []table.Time{left[0].Start, left[1].Start})
	}
	require.NoError(t, w.RemoveWindows(ctx, tables, nil))
	_, err = write(w, tables[0], rows[:1])
	require.NoError(t, err)
	assert.Len(t, sorted(t, w, "rows", "true"), 3, "a removed row comes back")
}

func testViews(t *testing.T, w Warehouse, write writing) {
	views := func(d Dialect) []View {
		days := "SELECT " + d.Date("r.start") + " AS day, sum(r.count) AS count, " + d.Sum("r.total") + " AS total FROM " + d.Rows("rows") + " AS r GROUP BY " + d.Date("r.start")
		return []View{{"days", days}, {"totals", "SELECT d.day AS day, d.count AS count, d.total AS total FROM " + d.View("days") + " AS d"}}
	}
	for range 2 { // again
		require.NoError(t, w.Create(ctx, tables, views))
		_, err := write(w, tables[0], []row{rowOf(start0, "a", 5, 1<<62-1), rowOf(start0+1, "a", 6, 3), rowOf(start0, "a", 3, 1), rowOf(start0+86_400_000, "a", 1, 1)})
		require.NoError(t, err)
	}
	assert.Equal(t, [][]string{{"2026-11-01", "11", "4611686018427387906"}, {"2026-11-02", "1", "1"}}, totals(t, w))
}

// An older engine's tables get the columns that they lack, and views the new query.
func testOlderSchemas(t *testing.T, w Warehouse, write writing) {
	older := TableOf[row]("rows", "start")
	older.Columns = slices.DeleteFunc(slices.Clone(older.Columns), func(c table.Column) bool { return c.Name == "payload" || c.Name == "mean" })
	view := func(text string) func(Dialect) []View {
		return func(d Dialect) []View {
			return []View{{"v", "SELECT " + text + " AS x FROM " + d.Rows("rows") + " AS r"}}
		}
	}
	require.NoError(t, w.Create(ctx, []Table{older}, view("r.name")))
	statement(t, w, "INSERT INTO %s (start, name, count, total, cut) VALUES ({time}, 'old', 2, 3, false)", "rows")
	for range 2 {
		require.NoError(t, w.Create(ctx, tables, view("r.payload")))
	}
	_, err := write(w, tables[0], []row{rowOf(5, "new", 1, 1)})
	require.NoError(t, err)
	old := rowOf(5, "old", 2, 3)
	got := sorted(t, w, "rows", "true")
	require.Len(t, got, 2)
	got[1].Derive() // the older engine has left it out
	assert.Equal(t, []row{rowOf(5, "new", 1, 1), old}, got, "a column that an older row lacks is empty")
	statement(t, w, "SELECT x FROM %s", "v")

	other := TableOf[struct {
		Start int64  `parquet:"start" table:"key"`
		Name  string `parquet:"name" table:"key"`
	}]("rows", "start")
	assert.ErrorContains(t, w.Create(ctx, []Table{other}, noViews), "column start of table rows is T")
	assert.Error(t, w.Create(ctx, []Table{TableOf[row]("v", "start")}, noViews), "v is a view")
}

// statement runs one on a table or view. {time} is 5 ms after the Unix epoch.
func statement(t *testing.T, w Warehouse, text, name string) {
	t.Helper()
	switch w := w.(type) {
	case SQLite:
		db, err := w.DB()
		require.NoError(t, err)
		_, err = db.Exec(strings.ReplaceAll(fmt.Sprintf(text, name), "{time}", "'1970-01-01T00:00:00.005Z'"))
		require.NoError(t, err)
	case BigQuery:
		_, err := w.Query(ctx, "running", strings.ReplaceAll(fmt.Sprintf(text, w.Name(name)), "{time}", "TIMESTAMP_MILLIS(5)"))
		require.NoError(t, err)
	}
}

// totals reads the view totals as text.
func totals(t *testing.T, w Warehouse) (all [][]string) {
	t.Helper()
	const query = "SELECT t.day, t.count, t.total FROM %s AS t ORDER BY 1"
	switch w := w.(type) {
	case SQLite:
		db, err := w.DB()
		require.NoError(t, err)
		rows, err := db.Query(fmt.Sprintf(query, "totals"))
		require.NoError(t, err)
		defer rows.Close()
		for rows.Next() {
			values := make([]string, 3)
			require.NoError(t, rows.Scan(&values[0], &values[1], &values[2]))
			all = append(all, values)
		}
		require.NoError(t, rows.Err())
	case BigQuery:
		rows, err := w.Query(ctx, "reading totals", fmt.Sprintf(query, w.Name("totals")))
		require.NoError(t, err)
		for _, row := range rows {
			total, ok := row[2].(*big.Rat)
			require.True(t, ok, "%T", row[2])
			all = append(all, []string{fmt.Sprint(row[0]), fmt.Sprint(row[1]), total.RatString()})
		}
	}
	return all
}
