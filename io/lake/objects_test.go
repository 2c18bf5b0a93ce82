package lake

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"adtoorder/io/table"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// inBucket returns the rows of a file in a bucket.
func inBucket(t *testing.T, file string) []row {
	t.Helper()
	content, err := open(t, file).read(ctx, file)
	require.NoError(t, err)
	rows, err := decode[row](JSONL, content)
	require.NoError(t, err)
	return rows
}

// Another process writes between our read and our put: an object that was not
// there, then one that was.
func TestMergeInABucketKeepsWhatAnotherWrites(t *testing.T) {
	for _, s := range services(t) {
		file := s.uri + "/lake/d/x.jsonl"
		other := open(t, file).(objects)
		var theirs []row
		var between atomic.Bool
		s.before = func(_ http.ResponseWriter, r *http.Request) bool {
			if isPut(r) && between.CompareAndSwap(true, false) {
				content, was, err := other.get(ctx, file)
				assert.NoError(t, err)
				more, err := encode(JSONL, theirs)
				assert.NoError(t, err)
				assert.NoError(t, other.put(ctx, other.key(file), was, append(content, more...)))
			}
			return false
		}
		var want []row
		for i := range int64(2) {
			theirs = []row{rowOf(1, fmt.Sprint("theirs", i), 1, 1)}
			ours := []row{rowOf(1, fmt.Sprint("ours", i), 1, 1)}
			between.Store(true)
			require.NoError(t, merge(ctx, open(t, file), columns, JSONL, file, ours))
			want = append(want, append(theirs, ours...)...)
			assert.ElementsMatch(t, text(want), text(inBucket(t, file)), s.uri)
			assert.False(t, between.Load(), "nothing was written")
		}
	}
}

// An object goes away between our read and our put.
func TestMergeInABucketMakesAgainWhatIsRemoved(t *testing.T) {
	for _, s := range services(t) {
		lake := Lake{s.uri + "/lake", JSONL}
		file := lake.path("d", start0, "0")
		require.NoError(t, merge(ctx, open(t, file), columns, JSONL, file, []row{rowOf(1, "old", 1, 1)}))
		var once sync.Once
		s.before = func(_ http.ResponseWriter, r *http.Request) bool {
			if isPut(r) {
				once.Do(func() { assert.NoError(t, lake.RemoveWindows(ctx, []int64{start0})) })
			}
			return false
		}
		require.NoError(t, merge(ctx, open(t, file), columns, JSONL, file, []row{rowOf(1, "new", 1, 1)}))
		assert.Equal(t, text([]row{rowOf(1, "new", 1, 1)}), text(inBucket(t, file)), s.uri)
	}
}

// Writers of other processes don't wait for one another: here each has no lock.
func TestManyWritersOfAnObjectLoseNothing(t *testing.T) {
	for _, s := range services(t) {
		file := s.uri + "/lake/d/x.jsonl"
		var writers sync.WaitGroup
		var want []row
		for i := range 12 {
			want = append(want, rowOf(1, string(rune('a'+i)), 1, 1))
			writers.Go(func() {
				o := open(t, file).(objects)
				for {
					there, was, err := o.get(ctx, file)
					assert.NoError(t, err)
					rows, err := decode[row](JSONL, there)
					assert.NoError(t, err)
					content, err := encode(JSONL, table.Reduce(columns, append(rows, want[i])))
					assert.NoError(t, err)
					if err = o.put(ctx, o.key(file), was, content); err != errChanged {
						assert.NoError(t, err)
						return
					}
				}
			})
		}
		writers.Wait()
		assert.Equal(t, text(want), text(inBucket(t, file)), s.uri)
	}
}

func TestMergeInABucketLeavesAnUnchangedObjectAlone(t *testing.T) {
	for _, s := range services(t) {
		file := s.uri + "/lake/d/x.jsonl"
		puts := s.failing(0, 0)
		for _, count := range []int64{5, 4, 6} {
			require.NoError(t, merge(ctx, open(t, file), columns, JSONL, file, []row{rowOf(1, "P1", count, 1)}))
		}
		assert.EqualValues(t, 2, puts.Load(), s.uri)
	}
}

// A bucket takes about one write a second of an object.
func TestABundleWritesAnObjectOnce(t *testing.T) {
	for _, s := range services(t) {
		fn := &writeFn[row]{Lake: Lake{s.uri + "/lake", JSONL}, Dataset: "d"}
		puts := s.failing(0, 0)
		require.NoError(t, fn.Setup(ctx))
		fn.StartBundle(ctx, nil)
		for i := range int64(30) {
			process(t, fn, start0, []row{rowOf(start0, "P1", i%20, 1), rowOf(start0, "P2", 1, 1)})
			process(t, fn, start0+60_000, []row{rowOf(start0+60_000, "P1", 1, i)})
		}
		require.NoError(t, fn.FinishBundle(ctx, nil))
		require.NoError(t, fn.Teardown())
		assert.EqualValues(t, 2, puts.Load(), s.uri)
		assert.Equal(t, text([]row{rowOf(start0, "P1", 19, 1), rowOf(start0, "P2", 1, 1)}), text(inBucket(t, fn.Lake.path("d", start0, "0"))))
		assert.Equal(t, text([]row{rowOf(start0+60_000, "P1", 1, 29)}), text(inBucket(t, fn.Lake.path("d", start0+60_000, "0"))))
	}
}

// Of clients that are opened for each file, connections stay.
func TestConnectionsToBuckets(t *testing.T) {
	for _, s := range services(t) {
		lake := Lake{s.uri + "/lake", JSONL}
		var many [][]row
		for i := range int64(50) {
			many = append(many, []row{rowOf(start0, "P1", i, 1)})
		}
		panes(t, &writeFn[row]{Lake: lake, Dataset: "d"}, start0, many...)
		for range 5 {
			_, err := allRows(lake, "d")
			require.NoError(t, err)
		}
		assert.Less(t, s.connections.Load(), int64(20), s.uri)
	}
}

func TestLakeInABucket(t *testing.T) {
	for _, s := range services(t) {
		lake := Lake{s.uri + "/lake", JSONL}
		origin, err := lake.Origin(ctx)
		require.NoError(t, err)
		assert.Equal(t, table.Origin{}, origin)
		want := table.Origin{Format: JSONL, Sources: []table.Source{}}
		for range 2 {
			require.NoError(t, lake.SetOrigin(ctx, want))
		}
		origin, err = lake.Origin(ctx)
		require.NoError(t, err)
		assert.Equal(t, want, origin)

		panes(t, &writeFn[row]{Lake: lake, Dataset: "d"}, start0, []row{rowOf(start0, "P1", 1, 1)})
		mark := s.uri + "/lake/marked/.keep"
		require.NoError(t, open(t, mark).update(ctx, mark, func([]byte) ([]byte, error) { return []byte("\n"), nil }))
		for dataset, want := range map[string]bool{"d": true, "other": false, "marked": false} {
			found, err := lake.Has(ctx, dataset)
			require.NoError(t, err)
			assert.Equal(t, want, found, dataset)
		}
		starts, err := lake.Windows(ctx)
		require.NoError(t, err)
		assert.Equal(t, []int64{start0}, starts)

		_, err = Lake{strings.Replace(s.uri, "ads", "none", 1) + "/lake", JSONL}.Origin(ctx)
		assert.ErrorContains(t, err, "is there such a bucket?", s.uri)
	}
}

// A lake of months in a bucket is not listed for what only disks have, nor for
// windows of which there are none to remove.
func TestNothingIsListedInVain(t *testing.T) {
	for _, s := range services(t) {
		lake := Lake{s.uri + "/lake", JSONL}
		s.before = func(_ http.ResponseWriter, r *http.Request) bool {
			t.Error(s.uri, r.Method, r.URL)
			return false
		}
		require.NoError(t, lake.Sweep(ctx))
		require.NoError(t, lake.RemoveWindows(ctx, nil))
	}
}
