package lake

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"adtoorder/io/storage/storagetest"
	"adtoorder/io/table"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// inBucket returns the rows of a file in a bucket.
func inBucket(t *testing.T, file string) []row {
	t.Helper()
	content, err := opened(t).Read(ctx, file)
	require.NoError(t, err)
	rows, err := decode[row](JSONL, content)
	require.NoError(t, err)
	return rows
}

// An object goes away between our read and our put.
func TestMergeInABucketMakesAgainWhatIsRemoved(t *testing.T) {
	for _, s := range storagetest.Serve(t) {
		lake := Lake{s.URI + "/lake", JSONL}
		file := lake.path("d", start0, "0")
		require.NoError(t, merge(ctx, opened(t), rowOrder, JSONL, file, []row{rowOf(start0, "old", 1, 1)}))
		var once sync.Once
		s.Before = func(_ http.ResponseWriter, r *http.Request) bool {
			if storagetest.IsPut(r) {
				once.Do(func() { assert.NoError(t, opened(t).Remove(ctx, file)) })
			}
			return false
		}
		require.NoError(t, merge(ctx, opened(t), rowOrder, JSONL, file, []row{rowOf(start0, "new", 1, 1)}))
		assert.Equal(t, text([]row{rowOf(start0, "new", 1, 1)}), text(inBucket(t, file)), s.URI)
	}
}

func TestMergeInABucketLeavesAnUnchangedObjectAlone(t *testing.T) {
	for _, s := range storagetest.Serve(t) {
		file := s.URI + "/lake/d/x.jsonl"
		puts := s.Fail(0, 0)
		for _, count := range []int64{5, 4, 6} {
			require.NoError(t, merge(ctx, opened(t), rowOrder, JSONL, file, []row{rowOf(1, "P1", count, 1)}))
		}
		assert.EqualValues(t, 2, puts.Load(), s.URI)
	}
}

// A bucket takes about one write a second of an object.
func TestABundleWritesAnObjectOnce(t *testing.T) {
	for _, s := range storagetest.Serve(t) {
		fn := &writeFn[row]{Lake: Lake{s.URI + "/lake", JSONL}, Dataset: "d"}
		puts := s.Fail(0, 0)
		fn.Setup()
		fn.StartBundle(ctx, nil)
		for i := range int64(30) {
			process(t, fn, start0, []row{rowOf(start0, "P1", i%20, 1), rowOf(start0, "P2", 1, 1)})
			process(t, fn, start0+60_000, []row{rowOf(start0+60_000, "P1", 1, i)})
		}
		require.NoError(t, fn.FinishBundle(ctx, nil))
		require.NoError(t, fn.Teardown())
		assert.EqualValues(t, 2, puts.Load(), s.URI)
		assert.Equal(t, text([]row{rowOf(start0, "P1", 19, 1), rowOf(start0, "P2", 1, 1)}),
			text(inBucket(t, fn.Lake.path("d", start0, "0"))))
		assert.Equal(t, text([]row{rowOf(start0+60_000, "P1", 1, 29)}),
			text(inBucket(t, fn.Lake.path("d", start0+60_000, "0"))))
	}
}

// Of clients that are opened for each file, connections stay.
func TestConnectionsToBuckets(t *testing.T) {
	for _, s := range storagetest.Serve(t) {
		lake := Lake{s.URI + "/lake", JSONL}
		var many [][]row
		for i := range int64(50) {
			many = append(many, []row{rowOf(start0, "P1", i, 1)})
		}
		panes(t, &writeFn[row]{Lake: lake, Dataset: "d"}, start0, many...)
		for range 5 {
			_, err := allRows(lake, "d")
			require.NoError(t, err)
		}
		assert.Less(t, s.Connections.Load(), int64(20), s.URI)
	}
}

func TestLakeInABucket(t *testing.T) {
	for _, s := range storagetest.Serve(t) {
		lake := Lake{s.URI + "/lake", JSONL}
		origin, err := lake.Origin(ctx)
		require.NoError(t, err)
		assert.Equal(t, table.Origin{}, origin)
		want := table.Origin{Window: time.Minute, Format: JSONL, Sources: []table.Source{}}
		for range 2 {
			require.NoError(t, lake.SetOrigin(ctx, want))
		}
		origin, err = lake.Origin(ctx)
		require.NoError(t, err)
		assert.Equal(t, want, origin)

		panes(t, &writeFn[row]{Lake: lake, Dataset: "d"}, start0, []row{rowOf(start0, "P1", 1, 1)})
		mark := s.URI + "/lake/marked/.keep"
		require.NoError(t, opened(t).Update(ctx, mark, func([]byte) ([]byte, error) { return []byte("\n"), nil }))
		for dataset, want := range map[string]bool{"d": true, "other": false, "marked": false} {
			found, err := lake.Has(ctx, dataset)
			require.NoError(t, err)
			assert.Equal(t, want, found, dataset)
		}
		starts, err := lake.Windows(ctx, datasets)
		require.NoError(t, err)
		assert.Equal(t, []int64{start0}, starts)

		_, err = Lake{strings.Replace(s.URI, "ads", "none", 1) + "/lake", JSONL}.Origin(ctx)
		assert.ErrorContains(t, err, "is there such a bucket?", s.URI)
	}
}

// A lake of months in a bucket is not listed for what only disks have, nor for
// windows of which there are none to remove.
func TestNothingIsListedInVain(t *testing.T) {
	for _, s := range storagetest.Serve(t) {
		lake := Lake{s.URI + "/lake", JSONL}
		s.Before = func(_ http.ResponseWriter, r *http.Request) bool {
			t.Error(s.URI, r.Method, r.URL)
			return false
		}
		require.NoError(t, lake.Sweep(ctx, datasets))
		require.NoError(t, lake.RemoveWindows(ctx, datasets, nil))
	}
}
