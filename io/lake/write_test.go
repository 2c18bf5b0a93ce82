package lake

import (
	"context"
	"fmt"
	"math"
	"os"
	"testing"
	"time"
	"unicode/utf8"

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
	register.Emitter3[beam.EventTime, string, row]()
}

// timed emits a row at its own time.
func timed(r row, emit func(beam.EventTime, string, row)) {
	shard, _ := sharded(r)
	emit(mtime.FromMilliseconds(int64(r.Start)), shard, r)
}

// sharded shards rows by the length of their names.
func sharded(r row) (string, row) { return fmt.Sprint(len(r.Name)), r }

func TestWrite(t *testing.T) {
	rows := []row{
		rowOf(start0, "P1", 1, 5), rowOf(start0+59_999, "P2", 1, 1), rowOf(start0, "P1", 3, 2), // two versions of a row
		rowOf(start0, "P10", 1, 1),         // another shard
		rowOf(start0+60_000, "P1", 1, 1),   // another window
		rowOf(start0+3600_000, "P1", 1, 1), // another hour
	}
	want := map[string][]row{
		"00/20261101T000000Z-2": {rowOf(start0, "P1", 3, 5), rowOf(start0+59_999, "P2", 1, 1)},
		"00/20261101T000000Z-3": {rowOf(start0, "P10", 1, 1)},
		"00/20261101T000100Z-2": {rowOf(start0+60_000, "P1", 1, 1)},
		"01/20261101T010000Z-2": {rowOf(start0+3600_000, "P1", 1, 1)},
	}
	for _, runner := range []string{"prism", "direct"} {
		for _, lake := range lakes(t) {
			for range 2 { // a second run changes nothing
				p, s := beam.NewPipelineWithRoot()
				Write[row](s, lake, "d", windows.Policy{Size: time.Minute},
					beam.ParDo(s, timed, beam.CreateList(s, rows)))
				_, err := beam.Run(context.Background(), runner, p)
				require.NoError(t, err)
				for name, rows := range want {
					file := lake.Dir + "/d/year=2026/month=11/day=01/hour=" + name + "." + lake.Format
					assert.Equal(t, text(rows), text(rowsOf(t, file)), "%s on %s", file, runner)
				}
				assert.Len(t, files(t, lake.Dir), len(want))
			}
		}
	}
}

func TestLateRowsComeIntoTheirFile(t *testing.T) {
	for name, late := range map[string]row{
		"more complete": rowOf(start0+1, "P1", 5, 2),
		"less complete": rowOf(start0+1, "P1", 1, 2),
	} {
		t.Run(name, func(t *testing.T) {
			lake := Lake{t.TempDir(), JSONL}
			config := teststream.NewConfig()
			require.NoError(t, config.AddElements(start0+1, rowOf(start0+1, "P1", 3, 9)))
			require.NoError(t, config.AdvanceWatermark(start0+90_000))
			require.NoError(t, config.AddElements(start0+1, late))
			require.NoError(t, config.AdvanceWatermark(start0+121_000))
			require.NoError(t, config.AddElements(start0+1, rowOf(start0+1, "P1", 7, 70))) // expired
			require.NoError(t, config.AdvanceWatermarkToInfinity())
			p, s := beam.NewPipelineWithRoot()
			Write[row](s, lake, "d", windows.Policy{Size: time.Minute, AllowedLateness: time.Minute},
				beam.ParDo(s, sharded, teststream.Create(s, config)))
			ptest.RunAndValidate(t, p)
			assert.Equal(t, text([]row{rowOf(start0+1, "P1", max(3, late.Count), 9)}),
				text(rowsOf(t, lake.path("d", start0, "2"))))
			assert.Len(t, files(t, lake.Dir), 1)
		})
	}
}

// With any lateness the default trigger would hold a file back until its window
// expires.
func TestTriggerOfFiles(t *testing.T) {
	early := trigger.AfterEndOfWindow().EarlyFiring(trigger.AfterProcessingTime().PlusDelay(time.Second)).LateFiring(trigger.AfterCount(1))
	for lateness, want := range map[time.Duration]trigger.Trigger{0: trigger.DefaultTrigger{}, time.Minute: early} {
		t.Run(lateness.String(), func(t *testing.T) {
			p, s := beam.NewPipelineWithRoot()
			Write[row](s, Lake{t.TempDir(), JSONL}, "d", windows.Policy{Size: time.Minute, AllowedLateness: lateness},
				beam.ParDo(s, sharded, beam.CreateList(s, []row{{}})))
			edges, _, err := p.Build()
			require.NoError(t, err)
			groupings := 0
			for _, e := range edges {
				if e.Op == graph.CoGBK {
					groupings++
					assert.Equal(t, &window.WindowingStrategy{Fn: window.NewFixedWindows(time.Minute), Trigger: want,
						AccumulationMode: window.Accumulating, AllowedLateness: int(lateness.Milliseconds())},
						e.Input[0].From.WindowingStrategy())
				}
			}
			assert.Equal(t, 1, groupings)
		})
	}
}

// process gives a pane of one window to a bundle, as a runner does.
func process(t *testing.T, fn *writeFn[row], start int64, pane []row) {
	t.Helper()
	next := func(r *row) bool {
		if len(pane) == 0 {
			return false
		}
		*r, pane = pane[0], pane[1:]
		return true
	}
	w := window.IntervalWindow{Start: mtime.FromMilliseconds(start), End: mtime.FromMilliseconds(start + 60_000)}
	require.NoError(t, fn.ProcessElement(ctx, w, key(w, "0"), next, func(string) {}))
}

// panes writes panes of one window in one bundle after another.
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

// Rows of different windows have different keys: see keyFn.
func TestKeysTellWindowsApart(t *testing.T) {
	w := func(start int64) window.IntervalWindow {
		return window.IntervalWindow{Start: mtime.FromMilliseconds(start), End: mtime.FromMilliseconds(start + 60_000)}
	}
	one, r := (&keyFn[row]{}).ProcessElement(w(start0), "7", rowOf(start0, "P1", 3, 9))
	other, _ := (&keyFn[row]{}).ProcessElement(w(start0+60_000), "7", rowOf(start0, "P1", 3, 9))
	assert.NotEqual(t, one, other)
	assert.Equal(t, rowOf(start0, "P1", 3, 9), r)
	assert.True(t, utf8.ValidString(one), "runners in other languages read it")
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

// Some iterators set only what an element holds.
func TestWriteFnStartsEachRowAfresh(t *testing.T) {
	lake := Lake{t.TempDir(), JSONL}
	fn := &writeFn[row]{Lake: lake, Dataset: "d"}
	fn.Setup()
	fn.StartBundle(ctx, nil)
	n := 0
	next := func(r *row) bool {
		n++
		r.Name = fmt.Sprint("P", n)
		if n == 1 {
			r.Cut = true
		}
		return n < 3
	}
	w := window.IntervalWindow{Start: mtime.FromMilliseconds(start0), End: mtime.FromMilliseconds(start0 + 60_000)}
	require.NoError(t, fn.ProcessElement(ctx, w, key(w, "0"), next, func(string) {}))
	require.NoError(t, fn.FinishBundle(ctx, nil))
	assert.Equal(t, text([]row{{Name: "P1", Cut: true}, {Name: "P2"}}), text(rowsOf(t, lake.path("d", start0, "0"))))
}

func TestWriteFnWritesManyFilesABundle(t *testing.T) {
	lake := Lake{t.TempDir(), JSONL}
	fn := &writeFn[row]{Lake: lake, Dataset: "d"}
	fn.Setup()
	fn.StartBundle(ctx, nil)
	for i := range int64(3 * storage.Writers) {
		done := false
		next := func(r *row) bool {
			*r, done = rowOf(table.Time(i), "P1", i, i), !done
			return done
		}
		w := window.IntervalWindow{Start: mtime.FromMilliseconds(i * 1000), End: mtime.FromMilliseconds(i*1000 + 1000)}
		require.NoError(t, fn.ProcessElement(ctx, w, key(w, "0"), next, func(string) {}))
	}
	require.NoError(t, fn.FinishBundle(ctx, nil))
	rows, err := allRows(lake, "d")
	require.NoError(t, err)
	assert.Len(t, rows, 3*storage.Writers)
}

func TestWriteFnReturnsAnError(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(dir+"/lake", nil, 0o644))
	infinite := math.Inf(1)
	for want, fn := range map[string]*writeFn[row]{
		dir + "/lake/d/": {Lake: Lake{dir + "/lake", JSONL}, Dataset: "d"}, // a file where the lake should be
		"encoding " + dir + "/d/year=2026/month=11/day=01/hour=00/20261101T000000Z-0.jsonl": {Lake: Lake{dir, JSONL},
			Dataset: "d"},
	} {
		fn.Setup()
		fn.StartBundle(ctx, nil)
		done := false
		next := func(r *row) bool {
			*r, done = row{Mean: &infinite}, !done
			return done
		}
		w := window.IntervalWindow{Start: mtime.FromMilliseconds(start0), End: mtime.FromMilliseconds(start0 + 60_000)}
		require.NoError(t, fn.ProcessElement(ctx, w, key(w, "0"), next, func(string) {}))
		assert.ErrorContains(t, fn.FinishBundle(ctx, nil), want)
	}
}
