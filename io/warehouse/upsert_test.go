package warehouse_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"adtoorder/io/table"
	"adtoorder/io/warehouse"
	"adtoorder/io/warehouse/warehousetest"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/direct"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUpsert(t *testing.T) {
	var rows, want []row
	for i := range int64(2*warehouse.Batch + 500) {
		rows = append(rows, rowOf(table.Time(i%3000), "P1", i, 1))
	}
	for i := range int64(3000) {
		last := i + (int64(len(rows))-1-i)/3000*3000
		want = append(want, rowOf(table.Time(i), "P1", last, 1))
	}
	var batches []table.Batch[row]
	for some := range slices.Chunk(rows, 700) {
		batches = append(batches, batchOf(some...))
	}
	for _, runner := range []string{"prism", "direct"} {
		w := newWarehouse(t)
		for range 2 { // a second run changes nothing
			p, s := beam.NewPipelineWithRoot()
			warehouse.Upsert[row](s, w, tables[0], beam.CreateList(s, batches))
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

func batchOf(rows ...row) table.Batch[row] { return table.Batch[row]{Rows: rows} }

func noRefusal(t *testing.T) func(beam.EventTime, warehouse.Refused) {
	return func(_ beam.EventTime, r warehouse.Refused) { t.Errorf("refused: %v", r) }
}

func TestUpsertFnWritesEveryRowOfABundle(t *testing.T) {
	for _, n := range []int{0, 1, warehouse.Batch - 1, warehouse.Batch, warehouse.Batch + 1, 3*warehouse.Batch + 7} {
		w := newWarehouse(t)
		fn := &warehouse.UpsertFn[row]{Warehouse: w.String(), Table: "rows"}
		require.NoError(t, fn.Setup())
		for bundle := range 2 {
			fn.StartBundle(ctx, noRefusal(t))
			for i := range n {
				require.NoError(t, fn.ProcessElement(ctx, 0, batchOf(rowOf(table.Time(i), fmt.Sprint(bundle), 1, 1)),
					noRefusal(t)))
			}
			require.NoError(t, fn.FinishBundle(ctx, noRefusal(t)))
		}
		assert.Len(t, rowsOf(t, w), 2*n)
	}
}

func TestUpsertFnReturnsAnError(t *testing.T) {
	w := newWarehouse(t)
	for _, n := range []int{1, 2*warehouse.Batch + 1} { // met by the last batch, and on the way
		fn := &warehouse.UpsertFn[row]{Warehouse: w.String(), Table: "none"}
		require.NoError(t, fn.Setup())
		fn.StartBundle(ctx, noRefusal(t))
		var failed error
		for i := 0; i < n && failed == nil; i++ {
			failed = fn.ProcessElement(ctx, 0, batchOf(rowOf(table.Time(i), "a", 1, 1)), noRefusal(t))
		}
		if failed == nil {
			failed = fn.FinishBundle(ctx, noRefusal(t))
		}
		assert.ErrorContains(t, failed, "none")
	}
}

func TestABadRowNeverFailsItsBatch(t *testing.T) {
	told := warehousetest.Problems(t)
	fn := &warehouse.UpsertFn[row]{Warehouse: "picky:refuses", Table: "rows"}
	require.NoError(t, fn.Setup())
	var refused []warehouse.Refused
	emit := func(at beam.EventTime, r warehouse.Refused) {
		assert.Equal(t, beam.EventTime(len(refused)), at)
		refused = append(refused, r)
	}
	fn.StartBundle(ctx, emit)
	good, bad := written["good"].Load(), written["bad"].Load()
	for i := range 2 {
		bad, good := rowOf(5, fmt.Sprint("bad ", i+1), 1, 1), rowOf(5, fmt.Sprint("good ", i+1), 1, 1)
		require.NoError(t, fn.ProcessElement(ctx, beam.EventTime(i), batchOf(bad, good), emit))
	}
	require.NoError(t, fn.FinishBundle(ctx, emit))
	require.Len(t, refused, 2)
	assert.Equal(t, warehouse.Refused{Table: "rows", Key: "1970-01-01T00:00:00.005Z/bad 1", Row: refused[0].Row,
		Reason: "out of range"}, refused[0])
	assert.JSONEq(t, `{"start":"1970-01-01t00:00:00.005z","name":"bad 1","count":1,"total":1,"mean":1,"payload":"","cut":false}`, strings.ToLower(string(refused[0].Row)))
	assert.EqualValues(t, 2, written["good"].Load()-good)
	assert.EqualValues(t, 2, written["bad"].Load()-bad)
	assert.Contains(t, told(), "table rows of picky:refuses refuses row 1970-01-01T00:00:00.005Z/bad 2: out of range")
}

// A batch has rows of an hour; a row that is refused is told of at its own time, by which
// it is removed with its window.
func TestARefusedRowKeepsItsTime(t *testing.T) {
	warehousetest.Problems(t)
	fn := &warehouse.UpsertFn[row]{Warehouse: "picky:refuses", Table: "rows", Time: "start"}
	require.NoError(t, fn.Setup())
	var times []int64
	emit := func(at beam.EventTime, _ warehouse.Refused) { times = append(times, at.Milliseconds()) }
	fn.StartBundle(ctx, emit)
	rows := batchOf(rowOf(60_000, "good 1", 1, 1), rowOf(120_000, "bad 1", 1, 1), rowOf(180_000, "bad 2", 1, 1))
	require.NoError(t, fn.ProcessElement(ctx, mtime.FromMilliseconds(60_000), rows, emit))
	require.NoError(t, fn.FinishBundle(ctx, emit))
	assert.Equal(t, []int64{120_000, 180_000}, times)
}

// A bundle gives up when its first batch has: each more would take as long.
func TestABundleGivesUpOnce(t *testing.T) {
	fn := &warehouse.UpsertFn[row]{Warehouse: "picky:fails", Table: "rows"}
	require.NoError(t, fn.Setup())
	fn.StartBundle(ctx, noRefusal(t))
	var failed error
	for i := 0; i < 3*warehouse.Batch && failed == nil; i++ {
		failed = fn.ProcessElement(ctx, 0, batchOf(rowOf(0, []string{"first", "second", "second"}[i/warehouse.Batch], 1,
			1)), noRefusal(t))
	}
	if failed == nil {
		failed = fn.FinishBundle(ctx, noRefusal(t))
	}
	assert.ErrorContains(t, failed, "tried for 300ms")
	assert.Zero(t, written["second"].Load())
}

// Rejects have payloads of up to 64 KiB.
func TestLargePayloadsDoNotWaitUntilRowsAreMany(t *testing.T) {
	fn := &warehouse.UpsertFn[row]{Warehouse: "picky:refuses", Table: "rows"}
	require.NoError(t, fn.Setup())
	fn.StartBundle(ctx, noRefusal(t))
	before := written["good"].Load()
	const kilobytes = 64
	for i := range 3 * warehouse.BatchBytes >> 10 / kilobytes {
		r := row{Start: table.Time(i), Name: "good", Payload: make(table.Bytes, kilobytes<<10)}
		require.NoError(t, fn.ProcessElement(ctx, 0, batchOf(r), noRefusal(t)))
	}
	assert.GreaterOrEqual(t, written["good"].Load()-before, int64(2*warehouse.BatchBytes>>10/kilobytes),
		"before the bundle ends")
	require.NoError(t, fn.FinishBundle(ctx, noRefusal(t)))
}
