package warehouse

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"adtoorder/io/table"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/direct"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUpsertMerges(t *testing.T) {
	for name, test := range map[string]struct {
		batches [][]row
		want    []row
	}{
		"nothing":                  {[][]row{nil}, nil},
		"new rows":                 {[][]row{{rowOf(0, "b", 1, 2)}, {rowOf(0, "a", 1, 2)}}, []row{rowOf(0, "a", 1, 2), rowOf(0, "b", 1, 2)}},
		"counters by max":          {[][]row{{rowOf(0, "a", 1, 9)}, {rowOf(0, "a", 5, 2)}}, []row{rowOf(0, "a", 5, 9)}},
		"an older row":             {[][]row{{rowOf(0, "a", 5, 9)}, {rowOf(0, "a", 1, 2)}}, []row{rowOf(0, "a", 5, 9)}},
		"a row again":              {[][]row{{rowOf(0, "a", 5, 9)}, {rowOf(0, "a", 5, 9)}}, []row{rowOf(0, "a", 5, 9)}},
		"versions in one batch":    {[][]row{{rowOf(0, "a", 1, 9), rowOf(0, "b", 1, 1), rowOf(0, "a", 5, 2)}}, []row{rowOf(0, "a", 5, 9), rowOf(0, "b", 1, 1)}},
		"derived columns afresh":   {[][]row{{rowOf(0, "a", 0, 9)}, {rowOf(0, "a", 2, 1)}}, []row{rowOf(0, "a", 2, 9)}},
		"keys by all their parts":  {[][]row{{rowOf(0, "a", 1, 1)}, {rowOf(1, "a", 2, 2)}, {rowOf(0, "A", 3, 3)}}, []row{rowOf(0, "A", 3, 3), rowOf(0, "a", 1, 1), rowOf(1, "a", 2, 2)}},
		"the largest numbers":      {[][]row{{rowOf(0, "a", math.MaxInt64, 1)}, {rowOf(0, "a", 1, math.MaxInt64)}}, []row{rowOf(0, "a", math.MaxInt64, math.MaxInt64)}},
		"other columns from later": {[][]row{{{Payload: table.Bytes("old"), Cut: true}}, {{Payload: table.Bytes("new")}}}, []row{{Payload: table.Bytes("new")}}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWarehouse(t)
			for range 2 { // a second time changes nothing
				for _, batch := range test.batches {
					require.NoError(t, upsert(ctx, w, "rows", slices.Clone(batch)))
				}
				assert.Equal(t, test.want, rowsOf(t, w))
			}
		})
	}
}

func TestPayloadsAreTextOrBlobs(t *testing.T) {
	w := newWarehouse(t)
	want := map[string]string{"text é😀": "text", "": "text", "a\xff": "blob", "\x00": "text", "data:;base64,Yf8=": "text", "'); DROP TABLE rows": "text", "17": "text"}
	for payload := range want {
		for range 2 {
			require.NoError(t, upsert(ctx, w, "rows", []row{{Name: fmt.Sprintf("%q", payload), Payload: table.Bytes(payload)}}))
		}
	}
	db, err := w.DB()
	require.NoError(t, err)
	for payload, kind := range want {
		var got table.Bytes
		var is string
		require.NoError(t, db.QueryRow("SELECT payload, typeof(payload) FROM rows WHERE name = ?", fmt.Sprintf("%q", payload)).Scan(&got, &is))
		assert.Equal(t, payload, string(got))
		assert.Equal(t, kind, is, "%q", payload)
	}
}

// Half of the writers are as of another process, with a handle of their own.
func TestUpsertsAtOnceLoseNothing(t *testing.T) {
	w := newWarehouse(t)
	other := SQLite{filepath.Dir(w.Path) + "/./" + filepath.Base(w.Path)}
	defer other.Close()
	const seed = 1
	var writers sync.WaitGroup
	for i := range int64(8) {
		writers.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(i)))
			for _, n := range random.Perm(20) {
				batch := []row{rowOf(0, "shared", int64(n), 20-int64(n)), rowOf(1, fmt.Sprint(i), int64(n), 1), rowOf(0, "also", i, int64(n))}
				assert.NoError(t, upsert(ctx, []SQLite{w, other}[i%2], "rows", batch))
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
	_, err = db.Exec("CREATE TRIGGER no BEFORE INSERT ON rows WHEN NEW.name = 'z' BEGIN SELECT RAISE(ABORT, 'never a z'); END")
	require.NoError(t, err)
	err = upsert(ctx, w, "rows", []row{rowOf(0, "a", 1, 1), {Name: "z", Mean: &infinite}})
	assert.ErrorContains(t, err, "never a z")
	assert.ErrorContains(t, err, "inserting into rows")
	assert.ErrorContains(t, err, w.Path)
	assert.Empty(t, rowsOf(t, w))
	require.NoError(t, upsert(ctx, w, "rows", []row{rowOf(0, "a", 1, 1)}), "the transaction has ended")
}

func TestUpsert(t *testing.T) {
	var rows, want []row
	for i := range int64(2*batch + 500) {
		rows = append(rows, rowOf(table.Time(i%3000), "P1", i, 1))
	}
	for i := range int64(3000) {
		n := i
		if i+3000 < int64(len(rows)) {
			n = i + 3000
		}
		want = append(want, rowOf(table.Time(i), "P1", n, 1))
	}
	for _, runner := range []string{"prism", "direct"} {
		w := newWarehouse(t)
		for range 2 { // a second run changes nothing
			p, s := beam.NewPipelineWithRoot()
			Upsert[row](s, w, tables[0], beam.CreateList(s, rows))
			_, err := beam.Run(context.Background(), runner, p)
			require.NoError(t, err)
			got := rowsOf(t, w)
			require.Len(t, got, len(want))
			for i := range want {
				require.Equal(t, want[i], got[i], runner)
			}
		}
	}
}

func noRefusal(t *testing.T) func(beam.EventTime, Refused) {
	return func(_ beam.EventTime, r Refused) { t.Errorf("refused: %v", r) }
}

func TestUpsertFnWritesEveryRowOfABundle(t *testing.T) {
	for _, n := range []int{0, 1, batch - 1, batch, batch + 1, 3*batch + 7} {
		w := newWarehouse(t)
		fn := &upsertFn[row]{Warehouse: w.String(), Table: "rows"}
		require.NoError(t, fn.Setup())
		for bundle := range 2 {
			fn.StartBundle(ctx, noRefusal(t))
			for i := range n {
				require.NoError(t, fn.ProcessElement(ctx, 0, rowOf(table.Time(i), fmt.Sprint(bundle), 1, 1), noRefusal(t)))
			}
			require.NoError(t, fn.FinishBundle(ctx, noRefusal(t)))
		}
		assert.Len(t, rowsOf(t, w), 2*n)
	}
}

func TestUpsertFnReturnsAnError(t *testing.T) {
	w := newWarehouse(t)
	for _, n := range []int{1, 2*batch + 1} { // met by the last batch, and on the way
		fn := &upsertFn[row]{Warehouse: w.String(), Table: "none"}
		require.NoError(t, fn.Setup())
		fn.StartBundle(ctx, noRefusal(t))
		var failed error
		for i := 0; i < n && failed == nil; i++ {
			failed = fn.ProcessElement(ctx, 0, rowOf(table.Time(i), "a", 1, 1), noRefusal(t))
		}
		if failed == nil {
			failed = fn.FinishBundle(ctx, noRefusal(t))
		}
		assert.ErrorContains(t, failed, "none")
	}
}
