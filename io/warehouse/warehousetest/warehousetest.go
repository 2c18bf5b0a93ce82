// Package warehousetest tests what every kind of warehouse has to do, and has the rows
// that the kinds' own tests use.
package warehousetest

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"adtoorder/io/progress"
	"adtoorder/io/table"
	"adtoorder/io/warehouse"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Row has a column of every type and of every part in merging.
type Row struct {
	Start   table.Time  `parquet:"start,timestamp(millisecond)" table:"key"`
	Name    string      `parquet:"name" table:"key"`
	Count   int64       `parquet:"count" table:"max"`
	Total   int64       `parquet:"total" table:"max"`
	Mean    *float64    `parquet:"mean" table:"derived"`
	Payload table.Bytes `parquet:"payload"`
	Cut     bool        `parquet:"cut"`
}

// Derive implements table.Deriver.
func (r *Row) Derive() {
	r.Mean = nil
	if r.Count > 0 {
		mean := float64(r.Total) / float64(r.Count)
		r.Mean = &mean
	}
}

// RowOf returns a row with its mean.
func RowOf(start table.Time, name string, count, total int64) Row {
	r := Row{Start: start, Name: name, Count: count, Total: total, Payload: table.Bytes{}}
	r.Derive()
	return r
}

// Tables are the tables of the tests.
var Tables = []table.Table{table.Of[Row]("rows", "start"), table.Of[Row]("others", "start")}

// NoViews makes none.
func NoViews(table.Dialect) []table.View { return nil }

// Start is 2026-11-01T00:00:00Z.
const Start = 1793491200000

// Problems gathers what is told of until the test's end.
func Problems(t *testing.T) func() string {
	var told atomic.Pointer[string]
	told.Store(new(string))
	progress.OnProblem(func(text string) {
		for {
			old := told.Load()
			more := *old + text + "\n"
			if told.CompareAndSwap(old, &more) {
				return
			}
		}
	})
	t.Cleanup(func() { progress.OnProblem(func(string) {}) })
	return func() string { return *told.Load() }
}

// Writing writes rows, in some way that must not matter.
type Writing func(w warehouse.Warehouse, to table.Table, rows []Row) (map[int]string, error)

// Write returns a Writing that just writes.
func Write(t *testing.T) Writing {
	return func(w warehouse.Warehouse, to table.Table, rows []Row) (map[int]string, error) {
		return w.Write(t.Context(), to, table.Rows(rows))
	}
}

// Run tests what every warehouse has to do.
func Run(t *testing.T, fresh func(*testing.T) warehouse.Warehouse, write Writing) {
	t.Run("rows", func(t *testing.T) { testRows(t, fresh(t), write) })
	t.Run("random rows", func(t *testing.T) { testRandomRows(t, fresh(t), write) })
	t.Run("origin", func(t *testing.T) { testOrigin(t, fresh(t)) })
	t.Run("windows", func(t *testing.T) { testWindows(t, fresh(t), write) })
	t.Run("views", func(t *testing.T) { testViews(t, fresh(t), write) })
	t.Run("older schemas", func(t *testing.T) { testOlderSchemas(t, fresh(t), write) })
}

// Sorted reads a table's rows that meet a condition, by their keys.
func Sorted(t *testing.T, w warehouse.Warehouse, name, condition string, args ...any) []Row {
	t.Helper()
	rows, err := warehouse.Select[Row](t.Context(), w, name, condition, args...)
	require.NoError(t, err)
	slices.SortFunc(rows, func(a, b Row) int { return table.Compare(table.Columns[Row](), a, b) })
	return rows
}

// Stored returns what the table rows of a SQLite warehouse holds, derived columns
// included, by their keys.
func Stored(t *testing.T, w warehouse.Warehouse) (rows []Row) {
	t.Helper()
	columns := Tables[0].Columns
	query := "SELECT " + strings.Join(table.Names(columns), ", ") + " FROM rows"
	err := w.Query(t.Context(), "testing", query, nil, func(found warehouse.Row) error {
		var row Row
		err := found.Scan(table.Pointers(columns, &row)...)
		rows = append(rows, row)
		return err
	})
	require.NoError(t, err)
	// Not by SQL: as text, a time with a fraction comes before one without.
	slices.SortFunc(rows, func(a, b Row) int { return table.Compare(columns, a, b) })
	return rows
}

func testRows(t *testing.T, w warehouse.Warehouse, write Writing) {
	const late = table.Time(253402300799999) // the last instant of 9999
	require.NoError(t, w.Create(t.Context(), Tables, NoViews))
	batches := [][]Row{
		{RowOf(0, "b", 1, 2), RowOf(0, "a", 1, 9), RowOf(late, "a", 1, 1)},
		{RowOf(0, "a", 5, 2), RowOf(0, "A", 3, 3), RowOf(1, "", 0, 7), RowOf(Start+1, "é😀'\"`\\\x00 \n", 1, 3)},
		{RowOf(0, "c", math.MaxInt64, 1), RowOf(0, "c", 1, math.MaxInt64)},
		nil,
	}
	for i, payload := range []string{"text é😀", "", "a\xff", "\x00", "data:;base64,Yf8=", "'); DROP TABLE rows", "17"} {
		r := RowOf(2, fmt.Sprint(i), 1, 1)
		r.Payload, r.Cut = table.Bytes(payload), i%2 == 1
		batches = append(batches, []Row{r})
	}
	var all []Row
	for _, batch := range batches {
		all = append(all, batch...)
	}
	want := table.Reduce(table.Columns[Row](), slices.Clone(all))
	for range 2 { // a second time, in the other order, by another handle, changes nothing
		for _, batch := range batches {
			refused, err := write(w, Tables[0], slices.Clone(batch))
			require.NoError(t, err)
			assert.Empty(t, refused)
		}
		slices.Reverse(batches)
		assert.Equal(t, want, Sorted(t, w, "rows", "true"))
		require.NoError(t, w.Close())
		require.NoError(t, w.Create(t.Context(), Tables, NoViews))
	}
	assert.Equal(t, want[:3], Sorted(t, w, "rows", "start = ? AND name <> ?", table.Time(0), "c")[:3])
	assert.Empty(t, Sorted(t, w, "others", "true"))
	_, err := warehouse.Select[Row](t.Context(), w, "none", "true")
	assert.ErrorContains(t, err, "none")
}

func testRandomRows(t *testing.T, w warehouse.Warehouse, write Writing) {
	const seed = 7
	random := rand.New(rand.NewPCG(seed, 0))
	require.NoError(t, w.Create(t.Context(), Tables, NoViews))
	var all []Row
	for range 3000 {
		all = append(all, RowOf(table.Time(Start+random.Int64N(3)*60_000), fmt.Sprintf("P%d", random.IntN(200)), random.Int64N(1000), random.Int64N(1000)))
	}
	for some := range slices.Chunk(slices.Clone(all), 700) {
		_, err := write(w, Tables[0], slices.Clone(some))
		require.NoError(t, err)
	}
	assert.Equal(t, table.Reduce(table.Columns[Row](), all), Sorted(t, w, "rows", "true"), "seed %d", seed)
}

func testOrigin(t *testing.T, w warehouse.Warehouse) {
	require.NoError(t, w.Create(t.Context(), Tables, NoViews))
	got, err := w.Origin(t.Context())
	require.NoError(t, err)
	assert.Equal(t, table.Origin{}, got)
	for _, path := range []string{"gs://b/a's \"file\"", "b"} {
		found := table.Found{Records: 3, Undated: map[string]int64{"no_timestamp": 1},
			Reached: []table.Span{{From: Start, Until: Start + 3_600_000, Records: 2}}}
		want := table.Origin{Window: time.Minute, Sources: []table.Source{{Stream: "clicks", Path: path,
			Size: math.MaxInt64, Sum: 7, State: table.Begun, Found: &found}},
			Forgotten: &table.Forgotten{Before: Start, Files: map[string]table.Found{"clicks": found}}}
		require.NoError(t, w.SetOrigin(t.Context(), want))
		got, err := w.Origin(t.Context())
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}

func testWindows(t *testing.T, w warehouse.Warehouse, write Writing) {
	require.NoError(t, w.Create(t.Context(), Tables, NoViews))
	got, err := warehouse.Windows(t.Context(), w, Tables)
	require.NoError(t, err)
	assert.Empty(t, got, "no origin")
	require.NoError(t, w.SetOrigin(t.Context(), table.Origin{Window: time.Minute}))
	times := []table.Time{0, Start - 1, Start, Start + 59_999, Start + 60_000, Start + 86_400_000}
	var rows []Row
	for _, at := range times {
		rows = append(rows, RowOf(at, "a", 1, 1))
	}
	_, err = write(w, Tables[0], rows)
	require.NoError(t, err)
	_, err = write(w, Tables[1], []Row{RowOf(Start+500, "a", 1, 1)})
	require.NoError(t, err)
	got, err = warehouse.Windows(t.Context(), w, Tables)
	require.NoError(t, err)
	assert.Equal(t, []int64{0, Start - 60_000, Start, Start + 60_000, Start + 86_400_000}, got)

	for range 2 {
		require.NoError(t, w.RemoveWindows(t.Context(), Tables, []int64{0, Start, Start + 86_400_000, Start + 120_000}))
		assert.Empty(t, Sorted(t, w, "others", "true"))
		left := Sorted(t, w, "rows", "true")
		require.Len(t, left, 2)
		assert.Equal(t, []table.Time{Start - 1, Start + 60_000}, []table.Time{left[0].Start, left[1].Start})
	}
	require.NoError(t, w.RemoveWindows(t.Context(), Tables, nil))
	_, err = write(w, Tables[0], rows[:1])
	require.NoError(t, err)
	assert.Len(t, Sorted(t, w, "rows", "true"), 3, "a removed row comes back")
}

func testViews(t *testing.T, w warehouse.Warehouse, write Writing) {
	views := func(d table.Dialect) []table.View {
		days := "SELECT " + d.Date("r.start") + " AS day, sum(r.count) AS count, " + d.Sum("r.total") + " AS total FROM " + d.Rows(Tables[0], "") + " AS r GROUP BY " + d.Date("r.start")
		return []table.View{{Name: "days", Query: days}, {Name: "totals", Query: "SELECT d.day AS day, d.count AS count, d.total AS total FROM " + d.Name("days") + " AS d"}}
	}
	for range 2 { // again
		require.NoError(t, w.Create(t.Context(), Tables, views))
		_, err := write(w, Tables[0], []Row{RowOf(Start, "a", 5, 1<<62-1), RowOf(Start+1, "a", 6, 3), RowOf(Start, "a", 3, 1), RowOf(Start+86_400_000, "a", 1, 1)})
		require.NoError(t, err)
	}
	assert.Equal(t, [][]string{{"2026-11-01", "11", "4611686018427387906"}, {"2026-11-02", "1", "1"}}, totals(t, w))
}

// An older engine's Tables get the columns that they lack, and views the new query.
func testOlderSchemas(t *testing.T, w warehouse.Warehouse, write Writing) {
	older := table.Of[Row]("rows", "start")
	older.Columns = slices.DeleteFunc(slices.Clone(older.Columns), func(c table.Column) bool { return c.Name == "payload" || c.Name == "mean" })
	view := func(of table.Table, text string) func(table.Dialect) []table.View {
		return func(d table.Dialect) []table.View {
			return []table.View{{Name: "v", Query: "SELECT " + text + " AS x FROM " + d.Rows(of, "") + " AS r"}}
		}
	}
	require.NoError(t, w.Create(t.Context(), []table.Table{older}, view(older, "r.name")))
	statement(t, w, "INSERT INTO %s (start, name, count, total, cut) VALUES ({time}, 'old', 2, 3, false)", "rows")
	for range 2 {
		require.NoError(t, w.Create(t.Context(), Tables, view(Tables[0], "r.payload")))
	}
	_, err := write(w, Tables[0], []Row{RowOf(5, "new", 1, 1)})
	require.NoError(t, err)
	old := RowOf(5, "old", 2, 3)
	got := Sorted(t, w, "rows", "true")
	require.Len(t, got, 2)
	got[1].Derive() // the older engine has left it out
	assert.Equal(t, []Row{RowOf(5, "new", 1, 1), old}, got, "a column that an older row lacks is empty")
	statement(t, w, "SELECT x FROM %s", "v")

	other := table.Of[struct {
		Start int64  `parquet:"start" table:"key"`
		Name  string `parquet:"name" table:"key"`
	}]("rows", "start")
	assert.ErrorContains(t, w.Create(t.Context(), []table.Table{other}, NoViews), "column start of table rows is T")
	assert.Error(t, w.Create(t.Context(), []table.Table{table.Of[Row]("v", "start")}, NoViews), "v is a view")
}

// statement runs one on a table or view. {time} is 5 ms after the Unix epoch.
func statement(t *testing.T, w warehouse.Warehouse, text, name string) {
	t.Helper()
	at := map[bool]string{true: "'1970-01-01T00:00:00.005Z'", false: "TIMESTAMP_MILLIS(5)"}[w.File() != ""]
	Query(t, w, strings.ReplaceAll(fmt.Sprintf(text, w.Dialect().Name(name)), "{time}", at), 0)
}

// totals reads the view totals as text.
func totals(t *testing.T, w warehouse.Warehouse) (all [][]string) {
	t.Helper()
	for _, row := range Query(t, w, "SELECT t.day, t.count, t.total FROM "+w.Dialect().Name("totals")+" AS t ORDER BY 1", 3) {
		total := fmt.Sprint(row[2])
		if w.File() == "" {
			exact, ok := row[2].(*big.Rat)
			require.True(t, ok, "%T", row[2])
			total = exact.RatString()
		}
		all = append(all, []string{fmt.Sprint(row[0]), fmt.Sprint(row[1]), total})
	}
	return all
}

// Query returns the rows of a query that has a number of columns, as the driver has
// them.
func Query(t *testing.T, q warehouse.Queryer, query string, columns int) (rows [][]any) {
	t.Helper()
	err := q.Query(t.Context(), "testing", query, nil, func(found warehouse.Row) error {
		values, pointers := make([]any, columns), make([]any, columns)
		for i := range values {
			pointers[i] = &values[i]
		}
		rows = append(rows, values)
		if columns == 0 {
			return nil
		}
		return found.Scan(pointers...)
	})
	require.NoError(t, err)
	return rows
}
