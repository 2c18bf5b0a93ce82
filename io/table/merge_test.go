package table

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// row has a column of every part in merging.
type row struct {
	Start Time     `json:"start" parquet:"start,timestamp(millisecond)" table:"key"`
	Name  string   `json:"name" parquet:"name" table:"key"`
	Count int64    `json:"count" parquet:"count" table:"max"`
	Total int64    `json:"total" parquet:"total" table:"max"`
	Note  string   `json:"note" parquet:"note"`
	Mean  *float64 `json:"mean" parquet:"mean" table:"derived"`
}

func (r *row) Derive() {
	r.Mean = nil
	if r.Count > 0 {
		mean := float64(r.Total) / float64(r.Count)
		r.Mean = &mean
	}
}

// plain has no derived columns.
type plain struct {
	Key   int64 `parquet:"key" table:"key"`
	Count int64 `parquet:"count" table:"max"`
}

func mean(f float64) *float64 { return &f }

func TestColumns(t *testing.T) {
	type column struct {
		name     string
		of       reflect.Type
		key, max bool
	}
	var got []column
	for _, c := range Columns[row]() {
		got = append(got, column{c.Name, c.Type, c.Key, c.Max})
	}
	assert.Equal(t, []column{
		{"start", reflect.TypeFor[Time](), true, false},
		{"name", reflect.TypeFor[string](), true, false},
		{"count", reflect.TypeFor[int64](), false, true},
		{"total", reflect.TypeFor[int64](), false, true},
		{"note", reflect.TypeFor[string](), false, false},
		{"mean", reflect.TypeFor[*float64](), false, false},
	}, got)
}

func TestColumnReadsAndWritesItsField(t *testing.T) {
	columns := Columns[row]()
	r := row{5, "a", 1, 2, "n", nil}
	var values []any
	for _, c := range columns {
		values = append(values, c.Value(&r))
	}
	assert.Equal(t, []any{Time(5), "a", int64(1), int64(2), "n", (*float64)(nil)}, values)
	*columns[1].Pointer(&r).(*string) = "b"
	*columns[0].Pointer(&r).(*Time) = 7
	assert.Equal(t, row{7, "b", 1, 2, "n", nil}, r)
}

func TestMerge(t *testing.T) {
	for name, test := range map[string]struct{ old, newer, want row }{
		"counters by max, one by one": {row{1, "a", 4, 9, "", nil}, row{1, "a", 5, 8, "", nil},
			row{1, "a", 5, 9, "", mean(1.8)}},
		"other columns from the newer": {row{1, "a", 4, 9, "old", nil}, row{1, "a", 1, 1, "new", nil},
			row{1, "a", 4, 9, "new", mean(2.25)}},
		"derived columns afresh": {row{1, "a", 4, 8, "", mean(7)}, row{1, "a", 4, 8, "", mean(8)},
			row{1, "a", 4, 8, "", mean(2)}},
		"derived columns that go": {row{1, "a", 0, 8, "", mean(7)}, row{1, "a", 0, 8, "", mean(8)},
			row{1, "a", 0, 8, "", nil}},
		"the smallest and the largest": {row{1, "a", math.MinInt64, 0, "", nil},
			row{1, "a", math.MaxInt64, -1, "", nil}, row{1, "a", math.MaxInt64, 0, "", mean(0)}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, Merge(Columns[row](), test.old, test.newer))
		})
	}
	assert.Equal(t, plain{1, 3}, Merge(Columns[plain](), plain{1, 3}, plain{1, 2}))
}

func TestMergeLeavesItsArgumentsAlone(t *testing.T) {
	old, newer := row{1, "a", 4, 9, "old", mean(1)}, row{1, "a", 5, 8, "new", mean(2)}
	Merge(Columns[row](), old, newer)
	assert.Equal(t, row{1, "a", 4, 9, "old", mean(1)}, old)
	assert.Equal(t, row{1, "a", 5, 8, "new", mean(2)}, newer)
	assert.Equal(t, 2.0, *newer.Mean)
}

func TestCompare(t *testing.T) {
	for name, test := range map[string]struct {
		a, b row
		want int
	}{
		"equal keys, other columns differ": {row{1, "a", 1, 2, "x", nil}, row{1, "a", 3, 4, "y", mean(1)}, 0},
		"the first key decides":            {row{1, "b", 0, 0, "", nil}, row{2, "a", 0, 0, "", nil}, -1},
		"then the second":                  {row{1, "b", 0, 0, "", nil}, row{1, "a", 0, 0, "", nil}, 1},
		"times as numbers":                 {row{9, "", 0, 0, "", nil}, row{10, "", 0, 0, "", nil}, -1},
		"names as text":                    {row{1, "P9", 0, 0, "", nil}, row{1, "P10", 0, 0, "", nil}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, Compare(Columns[row](), test.a, test.b))
			assert.Equal(t, -test.want, Compare(Columns[row](), test.b, test.a))
		})
	}
}

func TestReduce(t *testing.T) {
	columns := Columns[row]()
	assert.Empty(t, Reduce(columns, []row(nil)))
	assert.Equal(t, []row{
		{1, "a", 7, 2, "third", mean(2.0 / 7)},
		{1, "b", 1, 0, "", nil}, // one version alone stays as it is
		{2, "a", 1, 1, "late", mean(1)},
	}, Reduce(columns, []row{
		{2, "a", 1, 1, "early", nil}, {1, "a", 7, 1, "first", nil}, {1, "b", 1, 0, "", nil},
		{1, "a", 1, 2, "second", nil}, {2, "a", 1, 1, "late", nil}, {1, "a", 5, 2, "third", nil},
	}))
}

func TestReduceKeepsWhatTheLastOfManyRowsSays(t *testing.T) {
	var rows []row
	for i := range 200 {
		rows = append(rows, row{Start: Time(i % 3), Note: fmt.Sprint(i)})
	}
	assert.Equal(t, []row{{Start: 0, Note: "198"}, {Start: 1, Note: "199"}, {Start: 2, Note: "197"}},
		Reduce(Columns[row](), rows))
}

func TestReduceNeedsNoOrder(t *testing.T) {
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 0))
		var rows []row
		for range 40 {
			rows = append(rows, row{Time(random.IntN(3)), string(rune('a' + random.IntN(3))), random.Int64N(9),
				random.Int64N(9), "", nil})
		}
		columns := Columns[row]()
		want := Reduce(columns, slices.Clone(rows))
		random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		cut := random.IntN(len(rows))
		first := Reduce(columns, slices.Clone(rows[:cut]))
		got := Reduce(columns, append(first, rows[cut-cut/2:]...)) // with some rows again
		for i := range want {                                      // a row without a second version is not derived
			want[i].Derive()
			got[i].Derive()
		}
		require.Equal(t, want, got, "seed %d", seed)
	}
}

// counters are embedded in two kinds of rows.
type counters struct {
	Clicks int64 `parquet:"clicks" table:"max"`
	amounts
}

type amounts struct {
	Units int64 `parquet:"units" table:"max"`
}

func TestColumnsOfEmbeddedStructs(t *testing.T) {
	type embedding struct {
		Name string `parquet:"name" table:"key"`
		counters
		Note string `parquet:"note"`
	}
	columns := Columns[embedding]()
	names := []string{}
	for _, c := range columns {
		names = append(names, c.Name)
	}
	assert.Equal(t, []string{"name", "clicks", "units", "note"}, names)
	old, newer := embedding{"a", counters{7, amounts{1}}, "old"}, embedding{"a", counters{5, amounts{3}}, "new"}
	assert.Equal(t, embedding{"a", counters{7, amounts{3}}, "new"}, Merge(columns, old, newer))
	assert.EqualValues(t, 3, columns[2].Value(&newer))
}
