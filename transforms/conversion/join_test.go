package conversion

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"adtoorder/io/dofn"
	windows "adtoorder/io/window"
	"adtoorder/transforms/event"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/passert"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/teststream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func init() {
	beam.RegisterType(reflect.TypeFor[arrival]())
	dofn.Batchwise(&arriveFn{})
	register.Function2x0(collect)
	register.Function2x0(single)
	register.Emitter1[Row]()
}

// arrival is one record of either stream.
type arrival struct {
	IsOrder bool
	Click   event.Click
	Order   event.Order
}

// arriveFn is arrival -> KV<key, Partials>, each arrival counted alone.
type arriveFn struct{ Windows windows.Policy }

func (fn *arriveFn) ProcessElement(a arrival, emit emitPartials) {
	elements := batches{}
	window := fn.Windows.StartOf(a.Click.Time + a.Order.Time)
	if !a.IsOrder {
		clicks := &Clicks{}
		clicks.Add(a.Click)
		elements.add(fn.Windows, Partial{Window: window, Promotion: a.Click.Promotion, Clicks: clicks}, emit)
	}
	for i, part := range a.Order.Parts {
		orders := &Orders{}
		orders.Add(a.Order, part, i == 0)
		elements.add(fn.Windows, Partial{Window: window, Promotion: part.Promotion, Orders: orders}, emit)
	}
	elements.flush(fn.Windows, emit)
}

func aClick(name string, time int64, late bool, promotion string) arrival {
	return arrival{Click: event.Click{ID: id(name), Time: time, Late: late, Promotion: promotion}}
}

func anOrder(name string, time int64, late bool, parts ...event.Part) arrival {
	return arrival{IsOrder: true, Order: event.Order{ID: id(name), Time: time, Late: late, Parts: parts}}
}

func part(promotion string, lines, units, revenue int64) event.Part {
	return event.Part{Promotion: promotion, Amounts: event.Amounts{Lines: lines, Units: units, RevenueMicros: revenue}}
}

// joined counts and joins arrivals in windows of a minute.
func joined(s beam.Scope, lateness time.Duration, arrivals beam.PCollection) beam.PCollection {
	minutes := windows.Policy{Size: time.Minute, AllowedLateness: lateness}
	return Join(s, minutes, beam.ParDo(s, &arriveFn{minutes}, arrivals))
}

func TestJoin(t *testing.T) {
	arrivals := []arrival{
		aClick("", 0, false, "P1"), aClick("", 59_999, false, "P1"), aClick("a", 1, false, "P1"),
		aClick("a", 2, false, "P1"),
		aClick("a", 60_000, false, "P1"), // another window, another click
		aClick("a", 3, false, "P2"),      // another promotion, another click
		aClick("", 5, false, "clicks alone"),
		anOrder("o1", 4, false, part("P1", 2, 3, 50), part("P2", 1, 1, 7)),
		anOrder("o1", 5, false, part("P1", 1, 4, 40), part("P2", 1, 1, 7)),
		anOrder("o2", 6, false, part("P1", 1, 1, 10)),
		anOrder("", 7, false, part("P2", 1, 1, 1)), anOrder("", 7, false, part("P2", 1, 1, 1)),
		anOrder("o2", 119_999, false, part("P1", 1, 1, 10)),
		anOrder("o3", 59_999, false, part("orders alone", 1, 2, 3)),
	}
	want := []Row{
		rowOf(0, 60_000, "P1", 3, 0, 2, 0, 3, 5, 60, 2, 1, 1),
		rowOf(60_000, 120_000, "P1", 1, 0, 1, 0, 1, 1, 10, 1, 0, 0),
		rowOf(0, 60_000, "P2", 1, 0, 3, 0, 3, 3, 9, 2, 0, 0),
		rowOf(0, 60_000, "clicks alone", 1, 0, 0, 0, 0, 0, 0, 0, 0, 0),
		rowOf(0, 60_000, "orders alone", 0, 0, 1, 0, 1, 2, 3, 1, 0, 0),
	}
	for _, runner := range []string{"prism", "direct"} {
		p, s := beam.NewPipelineWithRoot()
		rows := joined(s, 0, beam.CreateList(s, arrivals))
		passert.EqualsList(s, beam.WindowInto(s, window.NewGlobalWindows(), beam.ParDo(s, single, rows)), want)
		_, err := beam.Run(context.Background(), runner, p)
		require.NoError(t, err, runner)
	}
}

func TestJoinInWindowsOfAnySize(t *testing.T) {
	const at = 1_793_491_200_000 + 3_599_999
	for _, size := range []time.Duration{time.Second, 7 * time.Second, time.Hour, 24 * time.Hour} {
		start := int64(at - at%size.Milliseconds())
		p, s := beam.NewPipelineWithRoot()
		arrivals := beam.CreateList(s, []arrival{aClick("", at, false, "P1"), aClick("", start, false, "P1"),
			anOrder("", start+size.Milliseconds()-1, false, part("P1", 1, 1, 1))})
		sized := windows.Policy{Size: size}
		rows := Join(s, sized, beam.ParDo(s, &arriveFn{sized}, arrivals))
		passert.Equals(s, beam.WindowInto(s, window.NewGlobalWindows(), beam.ParDo(s, single, rows)),
			rowOf(start, start+size.Milliseconds(), "P1", 2, 0, 1, 0, 1, 1, 1, 1, 0, 0))
		ptest.RunAndValidate(t, p)
	}
}

// Finished input is grouped by more than a window, under a few keys.
func TestJoinByGroupsOfWindows(t *testing.T) {
	var arrivals []arrival
	var want []Row
	for window := int64(0); window < 7_200_000; window += 420_000 {
		for _, promotion := range []string{"P1", "P2", "P3"} {
			arrivals = append(arrivals, aClick("a", window, false, promotion),
				aClick("a", window+419_999, false, promotion),
				anOrder("o", window+1, false, part(promotion, 1, 2, 3)))
			want = append(want, rowOf(window, window+420_000, promotion, 1, 0, 1, 0, 1, 2, 3, 1, 1, 0))
		}
	}
	for _, keys := range []int{1, 2} {
		p, s := beam.NewPipelineWithRoot()
		all := beam.CreateList(s, arrivals)
		grouped := windows.Policy{Size: 7 * time.Minute, Group: time.Hour, Keys: keys}
		rows := Join(s, grouped, beam.ParDo(s, &arriveFn{grouped}, all))
		passert.EqualsList(s, beam.WindowInto(s, window.NewGlobalWindows(), beam.ParDo(s, single, rows)), want)
		ptest.RunAndValidate(t, p)
	}
}

// collected holds the rows that this process has seen, by the number of their
// pane: Prism can hand out an older pane after a newer one.
var collected struct {
	sync.Mutex
	rows map[int64][]Row
}

func collect(pane beam.PaneInfo, rows []Row) {
	collected.Lock()
	defer collected.Unlock()
	collected.rows[pane.Index] = append(collected.rows[pane.Index], rows...)
}

// single turns batches of rows into rows.
func single(rows []Row, emit func(Row)) {
	for _, r := range rows {
		emit(r)
	}
}

// step is what a live source does: it emits records, then its watermark moves.
type step struct {
	arrivals  []arrival
	watermark int64
}

// panes runs steps through the join with a minute of lateness, and returns the
// rows of each promotion's first window in the order of their panes.
func panes(t *testing.T, steps ...step) map[string][]Row {
	config := teststream.NewConfig()
	for _, step := range steps {
		for _, a := range step.arrivals { // each is a bundle of its own
			require.NoError(t, config.AddElements(a.Click.Time+a.Order.Time, a))
		}
		require.NoError(t, config.AdvanceWatermark(step.watermark))
	}
	require.NoError(t, config.AdvanceWatermarkToInfinity())
	p, s := beam.NewPipelineWithRoot()
	collected.rows = map[int64][]Row{}
	beam.ParDo0(s, collect, joined(s, time.Minute, teststream.Create(s, config)))
	ptest.RunAndValidate(t, p)
	rows := map[string][]Row{}
	for _, index := range slices.Sorted(maps.Keys(collected.rows)) {
		for _, r := range collected.rows[index] {
			if r.WindowStart == 0 {
				rows[r.Promotion] = append(rows[r.Promotion], r)
				require.Len(t, rows[r.Promotion], int(index)+1, "panes are numbered from 0")
			}
		}
	}
	return rows
}

// first returns the first pane.
func first(t *testing.T, rows []Row) Row {
	t.Helper()
	require.NotEmpty(t, rows)
	return rows[0]
}

// last returns the last pane, once it is sure that no other says more.
func last(t *testing.T, rows []Row) Row {
	t.Helper()
	require.NotEmpty(t, rows)
	complete := rows[len(rows)-1]
	for _, r := range rows {
		for i := range reflect.TypeFor[Row]().NumField() {
			if f := reflect.ValueOf(r).Field(i); f.CanInt() {
				require.LessOrEqual(t, f.Int(), reflect.ValueOf(complete).Field(i).Int(), "a number shrinks: %+v", rows)
			}
		}
	}
	return complete
}

func TestRowsOfRecordsInTime(t *testing.T) {
	rows := panes(t,
		step{[]arrival{aClick("a", 5, false, "P1"), anOrder("o1", 6, false, part("P1", 1, 2, 30))}, 10_000},
		step{[]arrival{aClick("b", 59_999, false, "P1"), aClick("a", 30_000, false, "P1")}, 60_000},
		step{[]arrival{aClick("c", 60_000, false, "P1")}, 200_000})
	want := rowOf(0, 60_000, "P1", 2, 0, 1, 0, 1, 2, 30, 1, 1, 0)
	assert.Equal(t, want, last(t, rows["P1"]))
	assert.Equal(t, want, first(t, rows["P1"]), "the pane of the window's end")
}

// The pane of the window's end does not know the late records; the later one
// knows all, and finds the duplicates of both.
func TestLateRowsWithinTheLatenessCorrectTheCount(t *testing.T) {
	rows := panes(t,
		step{[]arrival{
			aClick("a", 5, false, "P1"), aClick("", 5, false, "P1"), aClick("", 7, false, "P2"),
			anOrder("o1", 6, false, part("P1", 1, 2, 30)), anOrder("", 6, false, part("P1", 1, 1, 5)),
		}, 70_000},
		step{[]arrival{
			aClick("a", 8, true, "P1"), aClick("b", 59_999, true, "P1"), aClick("b", 9, true, "P1"),
			aClick("", 10, true, "P1"),
			anOrder("o1", 20, true, part("P1", 2, 1, 30)), anOrder("o2", 21, true, part("P1", 1, 1, 10),
				part("P3", 1, 1, 1)),
		}, 119_999},
		step{nil, 200_000})
	assert.Equal(t, rowOf(0, 60_000, "P1", 2, 0, 2, 0, 2, 3, 35, 2, 0, 0), first(t, rows["P1"]),
		"the pane of the window's end")
	assert.Equal(t, rowOf(0, 60_000, "P1", 4, 3, 3, 2, 4, 4, 45, 3, 2, 1), last(t, rows["P1"]))
	assert.Equal(t, rowOf(0, 60_000, "P2", 1, 0, 0, 0, 0, 0, 0, 0, 0, 0), last(t, rows["P2"]), "nothing late came")
	assert.Equal(t, rowOf(0, 60_000, "P3", 0, 0, 1, 1, 1, 1, 1, 0, 0, 0), last(t, rows["P3"]), "nothing came in time")
}

func TestRecordsBeyondTheLatenessAreInNoPane(t *testing.T) {
	rows := panes(t,
		step{[]arrival{aClick("a", 5, false, "P1")}, 70_000},
		step{[]arrival{aClick("b", 6, true, "P1")}, 121_000},
		step{[]arrival{aClick("c", 7, true, "P1"), anOrder("o1", 8, true, part("P1", 1, 1, 1)),
			aClick("d", 9, true, "P2")}, 300_000})
	want := rowOf(0, 60_000, "P1", 2, 1, 0, 0, 0, 0, 0, 0, 0, 0)
	assert.Equal(t, want, last(t, rows["P1"]))
	assert.NotContains(t, rows, "P2")
}

// A record may come as late as in the last moment of the lateness.
func TestTheEdgeOfTheLateness(t *testing.T) {
	for watermark, want := range map[int64]int64{119_999: 2, 120_000: 1} {
		rows := panes(t,
			step{[]arrival{aClick("a", 5, false, "P1")}, watermark},
			step{[]arrival{aClick("b", 6, true, "P1")}, 300_000})
		assert.EqualValues(t, want, last(t, rows["P1"]).Clicks, "watermark %d", watermark)
	}
}

// joinOf returns the elements that joinFn makes of partial sums that come in batches.
func joinOf(windows windows.Policy, batches ...Partials) (elements [][]Row) {
	(&joinFn{Windows: windows}).ProcessElement("", iterate(batches),
		func(rows []Row) { elements = append(elements, rows) })
	return elements
}

func TestJoinFn(t *testing.T) {
	minutes := windows.Policy{Size: time.Minute}
	clicks := Clicks{Anonymous: 1, IDs: []event.ID{id("a")}}
	orders := Orders{IDs: []Version{versionOf(id("o"), false, true, 1, 5, 9), versionOf(id("o"), false, true, 2, 4, 9)}}
	got := joinOf(minutes,
		Partials{[]Partial{{60_000, "P2", &clicks, nil}, {60_000, "P1", &clicks, nil}, {60_000, "P1", nil, &orders}}},
		Partials{},
		Partials{[]Partial{{0, "P1", &clicks, nil}, {60_000, "P1", &Clicks{LateIDs: []event.ID{id("a")}}, &Orders{}}}})
	assert.Equal(t, [][]Row{{
		rowOf(0, 60_000, "P1", 2, 0, 0, 0, 0, 0, 0, 0, 0, 0),
		rowOf(60_000, 120_000, "P1", 2, 1, 1, 0, 2, 5, 9, 1, 1, 1),
		rowOf(60_000, 120_000, "P2", 2, 0, 0, 0, 0, 0, 0, 0, 0, 0),
	}}, got)
	assert.Equal(t, []event.ID{id("a")}, clicks.IDs, "an element must not be changed")
	assert.Equal(t, versionOf(id("o"), false, true, 1, 5, 9), orders.IDs[0], "an element must not be changed")
	assert.Empty(t, joinOf(minutes))
}

func TestJoinedRowsComeInBatches(t *testing.T) {
	var sums []Partial
	for i := range 2*maxRows + 1 {
		sums = append(sums, Partial{Window: int64(i) * 1_000, Promotion: "P1", Clicks: &Clicks{Anonymous: 1}})
	}
	elements := joinOf(windows.Policy{Size: time.Second, Group: 24 * time.Hour}, Partials{sums})
	require.Len(t, elements, 3)
	assert.Equal(t, []int{maxRows, maxRows, 1}, []int{len(elements[0]), len(elements[1]), len(elements[2])})
	for i, r := range slices.Concat(elements...) {
		require.Equal(t, int64(i)*1_000, r.WindowStart)
	}
}

// iterate is a runner's iterator over values.
func iterate[T any](values []T) func(*T) bool {
	values = slices.Clone(values)
	return func(next *T) bool {
		if len(values) == 0 {
			return false
		}
		*next, values = values[0], values[1:]
		return true
	}
}
