package lake

import (
	"context"
	"fmt"
	"math"
	"os"
	"testing"
	"time"

	"adtoorder/io/progress"
	"adtoorder/io/storage"
	"adtoorder/io/table"
	windows "adtoorder/io/window"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window/trigger"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/teststream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func init() {
	register.Function2x0(timed)
	register.Function1x2(sharded)
	register.Emitter3[beam.EventTime, string, table.Batch[row]]()
}

// timed emits a row at its own time, in a batch.
func timed(r row, emit func(beam.EventTime, string, table.Batch[row])) {
	shard, batch := sharded(r)
	emit(mtime.FromMilliseconds(int64(r.Start)), shard, batch)
}

// sharded shards rows by the length of their names.
func sharded(r row) (string, table.Batch[row]) {
	return fmt.Sprint(len(r.Name)), table.Batch[row]{Rows: []row{r}}
}

// write runs Write over rows.
func write(t *testing.T, runner string, lake Lake, windows windows.Policy, rows []row) {
	t.Helper()
	p, s := beam.NewPipelineWithRoot()
	Write[row](s, lake, "d", windows, beam.ParDo(s, timed, beam.CreateList(s, rows)))
	_, err := beam.Run(context.Background(), runner, p)
	require.NoError(t, err)
}

func TestWrite(t *testing.T) {
	rows := []row{
		rowOf(start0, "P1", 1, 5), rowOf(start0+59_999, "P2", 1, 1), rowOf(start0, "P1", 3, 2), // two versions of a row
		rowOf(start0, "P10", 1, 1),         // another shard
		rowOf(start0+60_000, "P1", 1, 1),   // another window
		rowOf(start0+3600_000, "P1", 1, 1), // another hour
	}
	want := map[string][]row{
		"00/20261101T00-2": {rowOf(start0, "P1", 3, 5), rowOf(start0+60_000, "P1", 1, 1),
			rowOf(start0+59_999, "P2", 1, 1)},
		"00/20261101T00-3": {rowOf(start0, "P10", 1, 1)},
		"01/20261101T01-2": {rowOf(start0+3600_000, "P1", 1, 1)},
	}
	for _, runner := range []string{"prism", "direct"} {
		for _, lake := range lakes(t) {
			for range 2 { // a second run changes nothing
				write(t, runner, lake, windows.Policy{Size: time.Minute, Keys: 1}, rows)
				for name, rows := range want {
					file := lake.Dir + "/d/year=2026/month=11/day=01/hour=" + name + "." + lake.Format
					assert.Equal(t, text(rows), text(rowsOf(t, file)), "%s on %s", file, runner)
				}
				assert.Len(t, files(t, lake.Dir), len(want))
			}
		}
	}
}

// Rows of one file share a key, and no others.
func TestEachFileHasAKey(t *testing.T) {
	const hour = 3600_000
	keys := map[string]int{}
	for _, dataset := range []string{"d", "e"} {
		fn := &keyFn[row]{dataset, windows.Policy{Size: time.Minute}}
		for _, at := range []int64{start0, start0 + hour - 1, start0 + hour} {
			for _, shard := range []string{"0", "1"} {
				key, _ := fn.ProcessElement(mtime.FromMilliseconds(at), shard, table.Batch[row]{})
				keys[key]++
			}
		}
	}
	assert.Equal(t, map[string]int{
		"d/1793491200000/0": 2, "d/1793491200000/1": 2, "d/1793494800000/0": 1, "d/1793494800000/1": 1,
		"e/1793491200000/0": 2, "e/1793491200000/1": 2, "e/1793494800000/0": 1, "e/1793494800000/1": 1,
	}, keys)
}

// A window that ends in another hour than it begins is in the file of the first; one
// that is longer than an hour has a file of its own.
func TestWriteOfWindowsThatAreNoPartsOfAnHour(t *testing.T) {
	const minute = 60_000
	for size, want := range map[time.Duration][]string{
		7 * time.Minute:  {"hour=00/20261101T00-2.jsonl", "hour=01/20261101T01-2.jsonl"},
		90 * time.Minute: {"hour=00/20261101T00-2.jsonl", "hour=01/20261101T0130-2.jsonl"},
		24 * time.Hour:   {"hour=00/20261101T00-2.jsonl"},
	} {
		policy := windows.Policy{Size: size, Keys: 1}
		var rows []row
		for at := int64(start0 + 7*minute); at < start0+120*minute; at += minute {
			rows = append(rows, rowOf(table.Time(policy.StartOf(at)), "P1", 1, at))
		}
		lake := Lake{t.TempDir(), JSONL}
		write(t, "direct", lake, policy, rows)
		var names []string
		var found []row
		for _, name := range want {
			names = append(names, "d/year=2026/month=11/day=01/"+name)
			found = append(found, rowsOf(t, lake.Dir+"/"+names[len(names)-1])...)
		}
		assert.Equal(t, names, files(t, lake.Dir), size)
		assert.Equal(t, text(reduce(rowOrder, rows)), text(found), size)
	}
}

func TestLateRowsComeIntoTheirFile(t *testing.T) {
	const hour, start = 3600_000, start0 + 59*60_000
	for name, late := range map[string]row{
		"more complete": rowOf(start, "P1", 5, 2),
		"less complete": rowOf(start, "P1", 1, 2),
	} {
		t.Run(name, func(t *testing.T) {
			lake := Lake{t.TempDir(), JSONL}
			config := teststream.NewConfig()
			require.NoError(t, config.AddElements(start, rowOf(start, "P1", 3, 9)))
			require.NoError(t, config.AdvanceWatermark(start0+hour+60_000)) // a window may end so much later
			require.NoError(t, config.AddElements(start, late))
			require.NoError(t, config.AdvanceWatermark(start0+hour+119_000))
			require.NoError(t, config.AddElements(start, rowOf(start, "P2", 1, 1)))
			require.NoError(t, config.AdvanceWatermark(start0+hour+121_000))
			require.NoError(t, config.AddElements(start, rowOf(start, "P1", 7, 70))) // expired
			require.NoError(t, config.AdvanceWatermarkToInfinity())
			p, s := beam.NewPipelineWithRoot()
			Write[row](s, lake, "d", windows.Policy{Size: time.Minute, AllowedLateness: time.Minute},
				beam.ParDo(s, sharded, teststream.Create(s, config)))
			ptest.RunAndValidate(t, p)
			assert.Equal(t, text([]row{rowOf(start, "P1", max(3, late.Count), 9), rowOf(start, "P2", 1, 1)}),
				text(rowsOf(t, lake.path("d", start0, "2"))))
			assert.Len(t, files(t, lake.Dir), 1)
		})
	}
}

// With any lateness the default trigger would hold a file back until its partition
// expires.
func TestTriggerOfFiles(t *testing.T) {
	early := func(delay time.Duration) trigger.Trigger {
		after := trigger.AfterProcessingTime().PlusDelay(delay)
		return trigger.AfterEndOfWindow().EarlyFiring(after).LateFiring(after)
	}
	for name, test := range map[string]struct {
		dir      string
		windows  windows.Policy
		want     trigger.Trigger
		lateness time.Duration
	}{
		"finished": {"/lake", windows.Policy{Size: time.Minute, Keys: 1}, trigger.DefaultTrigger{}, 0},
		"unbounded": {"/lake", windows.Policy{Size: time.Minute, AllowedLateness: time.Minute}, early(time.Second),
			2 * time.Minute},
		"without lateness":   {"/lake", windows.Policy{Size: 7 * time.Minute}, early(time.Second), 7 * time.Minute},
		"in a bucket":        {"gs://b/lake", windows.Policy{Size: time.Minute}, early(10 * time.Second), time.Minute},
		"finished in bucket": {"gs://b/lake", windows.Policy{Size: time.Minute, Keys: 16}, trigger.DefaultTrigger{}, 0},
	} {
		p, s := beam.NewPipelineWithRoot()
		Write[row](s, Lake{test.dir, JSONL}, "d", test.windows, beam.ParDo(s, sharded, beam.CreateList(s, []row{{}})))
		edges, _, err := p.Build()
		require.NoError(t, err)
		groupings := 0
		for _, e := range edges {
			if e.Op == graph.CoGBK {
				groupings++
				assert.Equal(t, &window.WindowingStrategy{Fn: window.NewFixedWindows(time.Hour), Trigger: test.want,
					AccumulationMode: window.Discarding, AllowedLateness: int(test.lateness.Milliseconds())},
					e.Input[0].From.WindowingStrategy(), name)
			}
		}
		assert.Equal(t, 1, groupings)
	}
}

// partition is that of an hour.
func partition(start int64) window.IntervalWindow {
	return window.IntervalWindow{Start: mtime.FromMilliseconds(start), End: mtime.FromMilliseconds(start + 3600_000)}
}

// process gives a pane of a partition to a bundle, as a runner does: a row a batch.
func process(t *testing.T, fn *writeFn[row], start int64, pane []row) {
	t.Helper()
	next := func(b *table.Batch[row]) bool {
		if len(pane) == 0 {
			return false
		}
		b.Rows, pane = pane[:1], pane[1:]
		return true
	}
	require.NoError(t, fn.ProcessElement(ctx, partition(start), "0", next, func(string) {}))
}

// panes writes panes of one partition in one bundle after another.
func panes(t *testing.T, fn *writeFn[row], start int64, panes ...[]row) {
	t.Helper()
	fn.Setup()
	for _, pane := range panes {
		fn.StartBundle(ctx, nil)
		process(t, fn, start, pane)
		require.NoError(t, fn.FinishBundle(ctx, nil))
	}
	require.NoError(t, fn.Teardown())
}

func TestAnOlderPaneAfterANewerChangesNothing(t *testing.T) {
	for _, lake := range lakes(t) {
		fn := &writeFn[row]{Lake: lake, Dataset: "d"}
		panes(t, fn, start0, []row{rowOf(start0, "P1", 3, 9), rowOf(start0, "P2", 1, 1)},
			[]row{rowOf(start0, "P1", 2, 8)})
		assert.Equal(t, text([]row{rowOf(start0, "P1", 3, 9), rowOf(start0, "P2", 1, 1)}),
			text(rowsOf(t, lake.path("d", start0, "0"))))
	}
}

func TestWriteFnWritesManyFilesABundle(t *testing.T) {
	lake := Lake{t.TempDir(), JSONL}
	fn := &writeFn[row]{Lake: lake, Dataset: "d"}
	fn.Setup()
	fn.StartBundle(ctx, nil)
	for i := range int64(3 * storage.Writers) {
		process(t, fn, i*3600_000, []row{rowOf(table.Time(i), "P1", i, i)})
	}
	require.NoError(t, fn.FinishBundle(ctx, nil))
	rows, err := allRows(lake, "d")
	require.NoError(t, err)
	assert.Len(t, rows, 3*storage.Writers)
}

// A bundle may have months of full files, which can't be held in memory together.
func TestABundleHoldsFewRows(t *testing.T) {
	fn := &writeFn[row]{Lake: Lake{t.TempDir(), JSONL}, Dataset: "d"}
	fn.Setup()
	fn.StartBundle(ctx, nil)
	for i := range int64(6) {
		many := make([]row, maxRows/3)
		process(t, fn, i*3600_000, many)
		assert.LessOrEqual(t, fn.rows, maxRows)
		held := 0
		for _, rows := range fn.gathered {
			held += len(rows)
		}
		assert.Equal(t, held, fn.rows)
	}
	process(t, fn, 0, make([]row, 2*maxRows)) // a file of more
	require.NoError(t, fn.FinishBundle(ctx, nil))
	assert.True(t, writing.TryAcquire(maxRows), "all are released")
	writing.Release(maxRows)
}

// The windows that something was written of are counted, not the files.
func TestWindowsAreCounted(t *testing.T) {
	before := progress.Windows()
	const long = 4_000_000_000_000 // which no other test has
	panes(t, &writeFn[row]{Lake: Lake{t.TempDir(), JSONL}, Dataset: "d"}, long,
		[]row{rowOf(long, "P1", 1, 1), rowOf(long, "P2", 1, 1),
			rowOf(long+60_000, "P1", 1, 1)}, []row{rowOf(long, "P1", 2, 1)})
	assert.EqualValues(t, 2, progress.Windows()-before)
}

func TestWriteFnReturnsAnError(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(dir+"/lake", nil, 0o644))
	infinite := math.Inf(1)
	for want, fn := range map[string]*writeFn[row]{
		dir + "/lake/d/": {Lake: Lake{dir + "/lake", JSONL}, Dataset: "d"}, // a file where the lake should be
		"encoding " + dir + "/d/year=2026/month=11/day=01/hour=00/20261101T00-0.jsonl": {Lake: Lake{dir, JSONL},
			Dataset: "d"},
	} {
		fn.Setup()
		fn.StartBundle(ctx, nil)
		process(t, fn, start0, []row{{Mean: &infinite}})
		assert.ErrorContains(t, fn.FinishBundle(ctx, nil), want)
	}
}
