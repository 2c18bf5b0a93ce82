package sqlite

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"adtoorder/io/table"
	"adtoorder/io/warehouse"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUpsertMerges(t *testing.T) {
	for name, test := range map[string]struct {
		batches [][]row
		want    []row
	}{
		"nothing": {[][]row{nil}, nil},
		"new rows": {[][]row{{rowOf(0, "b", 1, 2)}, {rowOf(0, "a", 1, 2)}},
			[]row{rowOf(0, "a", 1, 2), rowOf(0, "b", 1, 2)}},
		"counters by max": {[][]row{{rowOf(0, "a", 1, 9)}, {rowOf(0, "a", 5, 2)}}, []row{rowOf(0, "a", 5, 9)}},
		"an older row":    {[][]row{{rowOf(0, "a", 5, 9)}, {rowOf(0, "a", 1, 2)}}, []row{rowOf(0, "a", 5, 9)}},
		"a row again":     {[][]row{{rowOf(0, "a", 5, 9)}, {rowOf(0, "a", 5, 9)}}, []row{rowOf(0, "a", 5, 9)}},
		"versions in one batch": {[][]row{{rowOf(0, "a", 1, 9), rowOf(0, "b", 1, 1), rowOf(0, "a", 5, 2)}},
			[]row{rowOf(0, "a", 5, 9), rowOf(0, "b", 1, 1)}},
		"derived columns afresh": {[][]row{{rowOf(0, "a", 0, 9)}, {rowOf(0, "a", 2, 1)}}, []row{rowOf(0, "a", 2, 9)}},
		"keys by all their parts": {[][]row{{rowOf(0, "a", 1, 1)}, {rowOf(1, "a", 2, 2)}, {rowOf(0, "A", 3, 3)}},
			[]row{rowOf(0, "A", 3, 3), rowOf(0, "a", 1, 1), rowOf(1, "a", 2, 2)}},
		"the largest numbers": {[][]row{{rowOf(0, "a", math.MaxInt64, 1)}, {rowOf(0, "a", 1, math.MaxInt64)}},
			[]row{rowOf(0, "a", math.MaxInt64, math.MaxInt64)}},
		"other columns from later": {[][]row{{{Payload: table.Bytes("old"), Cut: true}},
			{{Payload: table.Bytes("new")}}}, []row{{Payload: table.Bytes("new")}}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWarehouse(t)
			for range 2 { // a second time changes nothing
				for _, batch := range test.batches {
					require.NoError(t, upsert(w, "rows", slices.Clone(batch)))
				}
				assert.Equal(t, test.want, rowsOf(t, w))
			}
		})
	}
}

// Of rows that one statement writes, only some are there, and only some of those have a
// larger counter.
func TestUpsertMergesRowsAmongOthers(t *testing.T) {
	w := newWarehouse(t)
	var old, new, want []row
	for i := range int64(3*statementRows + 7) {
		r := rowOf(table.Time(i), "a", 5, 5)
		switch i % 5 {
		case 1:
			old = append(old, rowOf(table.Time(i), "a", 4, 5))
		case 2:
			old = append(old, rowOf(table.Time(i), "a", 5, 6))
			want = append(want, rowOf(table.Time(i), "a", 5, 6))
		case 3:
			old = append(old, rowOf(table.Time(i), "a", 9, 4))
			want = append(want, rowOf(table.Time(i), "a", 9, 5))
		}
		if new = append(new, r); len(want) < len(new) {
			want = append(want, r)
		}
	}
	require.NoError(t, upsert(w, "rows", old))
	for range 2 {
		require.NoError(t, upsert(w, "rows", slices.Clone(new)))
		assert.Equal(t, want, rowsOf(t, w))
	}
}

// As text, a time with a fraction comes before the same one without.
func TestUpsertMergesTimes(t *testing.T) {
	type reached struct {
		Name string     `parquet:"name" table:"key"`
		Time table.Time `parquet:"time" table:"max"`
		Note string     `parquet:"note"`
	}
	w := newWarehouse(t)
	to := table.Of[reached]("reached", "")
	require.NoError(t, w.Create(ctx, []table.Table{to}, noViews))
	for i, at := range []table.Time{start0, start0 + 500, start0 + 250, start0 - 1, start0 + 1000, 253402300800000,
		start0} {
		_, err := w.Write(ctx, to, table.Rows([]reached{{"a", at, fmt.Sprint(i)}}))
		require.NoError(t, err)
		got, err := warehouse.Select[reached](ctx, w, "reached", "true")
		require.NoError(t, err)
		latest := []table.Time{start0, start0 + 500, start0 + 500, start0 + 500, start0 + 1000, 253402300800000,
			253402300800000}[i]
		assert.Equal(t, []reached{{"a", latest, fmt.Sprint(i)}}, got)
	}
}

func TestUpsertOfKeysAlone(t *testing.T) {
	type seen struct {
		Name string `parquet:"name" table:"key"`
	}
	w := newWarehouse(t)
	to := table.Of[seen]("seen", "")
	require.NoError(t, w.Create(ctx, []table.Table{to}, noViews))
	for range 2 {
		_, err := w.Write(ctx, to, table.Rows([]seen{{"a"}, {"b"}}))
		require.NoError(t, err)
	}
	got, err := warehouse.Select[seen](ctx, w, "seen", "true ORDER BY name")
	require.NoError(t, err)
	assert.Equal(t, []seen{{"a"}, {"b"}}, got)
}

func TestPayloadsAreTextOrBlobs(t *testing.T) {
	w := newWarehouse(t)
	want := map[string]string{"text é😀": "text", "": "text", "a\xff": "blob", "\x00": "text",
		"data:;base64,Yf8=": "text", "'); DROP TABLE rows": "text", "17": "text"}
	for payload := range want {
		for range 2 {
			require.NoError(t, upsert(w, "rows", []row{{Name: fmt.Sprintf("%q", payload),
				Payload: table.Bytes(payload)}}))
		}
	}
	db, err := w.DB()
	require.NoError(t, err)
	for payload, kind := range want {
		var got table.Bytes
		var is string
		require.NoError(t, db.QueryRow("SELECT payload, typeof(payload) FROM rows WHERE name = ?",
			fmt.Sprintf("%q", payload)).Scan(&got, &is))
		assert.Equal(t, payload, string(got))
		assert.Equal(t, kind, is, "%q", payload)
	}
}

func TestUpsertsAtOnceLoseNothing(t *testing.T) {
	w := newWarehouse(t)
	other := Warehouse{filepath.Dir(w.Path) + "/./" + filepath.Base(w.Path)}
	defer other.Close()
	const seed = 1
	var writers sync.WaitGroup
	for i := range int64(8) {
		writers.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(i)))
			for _, n := range random.Perm(20) {
				batch := []row{rowOf(0, "shared", int64(n), 20-int64(n)), rowOf(1, fmt.Sprint(i), int64(n), 1),
					rowOf(0, "also", i, int64(n))}
				assert.NoError(t, upsert([]Warehouse{w, other}[i%2], "rows", batch))
			}
		})
	}
	writers.Wait()
	want := []row{rowOf(0, "also", 7, 19), rowOf(0, "shared", 19, 20)}
	for i := range int64(8) {
		want = append(want, rowOf(1, fmt.Sprint(i), 19, 1))
	}
	assert.Equal(t, want, rowsOf(t, w), "seed %d", seed)
}

func TestUpsertWritesAllOfABatchOrNothing(t *testing.T) {
	w := newWarehouse(t)
	infinite := math.NaN() // which SQLite takes for NULL
	db, err := w.DB()
	require.NoError(t, err)
	_, err = db.Exec("CREATE TRIGGER no BEFORE INSERT ON rows WHEN NEW.name = 'z' BEGIN SELECT " +
		"RAISE(ABORT, 'never a z'); END")
	require.NoError(t, err)
	err = upsert(w, "rows", []row{rowOf(0, "a", 1, 1), {Name: "z", Mean: &infinite}})
	assert.ErrorContains(t, err, "never a z")
	assert.ErrorContains(t, err, "inserting into rows")
	assert.ErrorContains(t, err, w.Path)
	assert.Empty(t, rowsOf(t, w))
	require.NoError(t, upsert(w, "rows", []row{rowOf(0, "a", 1, 1)}), "the transaction has ended")
}
