package ledger

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"adtoorder/io/record"
	windows "adtoorder/io/window"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/direct"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/passert"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/teststream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func init() {
	beam.RegisterType(reflect.TypeFor[booked]())
	register.Function1x3(book)
	register.Function1x2(unbook)
	register.Function2x0(collect)
	register.Function2x0(each)
	register.Emitter1[Row]()
}

// booked is a booking as an element.
type booked struct {
	Time    int64
	Entry   Entry
	Records int64
}

// minutes are the windows that book books in.
var minutes = windows.Policy{Size: time.Minute}

func book(b booked) (beam.EventTime, string, Bookings) {
	stream, bookings := unbook(b)
	return mtime.FromMilliseconds(b.Time), stream, bookings
}

// unbook keeps the time that an element has from its stream.
func unbook(b booked) (string, Bookings) {
	return b.Entry.Stream, Bookings{[]Booking{{minutes.StartOf(b.Time), b.Entry, b.Records}}}
}

func each(rows []Row, emit func(Row)) {
	for _, r := range rows {
		emit(r)
	}
}

func TestBookRead(t *testing.T) {
	fn := &bookReadFn{Stream: Orders, Windows: minutes}
	at, stream, bookings := fn.ProcessElement(record.Count{Time: 61_000, Records: 7})
	assert.EqualValues(t, 119_999, at.Milliseconds())
	assert.Equal(t, Orders, stream)
	assert.Equal(t, Bookings{[]Booking{{60_000, Entry{Orders, Read, ""}, 7}}}, bookings)
}

func TestSum(t *testing.T) {
	other, malformed := Entry{Clicks, NotPromotion, ""}, Entry{Clicks, Malformed, "no_event"}
	want := []Row{
		{0, Entry{Clicks, Read, ""}, "", 30},
		{0, Entry{Orders, Read, ""}, "", 5},
		{0, other, "", 3},
		{60_000, other, "", 8},
		{0, malformed, "", 4},
		{0, Entry{Clicks, Malformed, "no_timestamp"}, "", 9},
	}
	for _, runner := range []string{"prism", "direct"} {
		for _, policy := range []windows.Policy{minutes, {Size: time.Minute, Group: time.Hour, Keys: 1}} {
			p, s := beam.NewPipelineWithRoot()
			rows := Sum(s, policy,
				BookRead(s, policy, Clicks, beam.CreateList(s, []record.Count{{Records: 10}, {Records: 20}})),
				BookRead(s, policy, Orders, beam.CreateList(s, []record.Count{{Records: 5}})),
				beam.ParDo(s, book, beam.CreateList(s, []booked{
					{0, other, 1}, {59_999, other, 2}, {60_000, other, 8}, {0, malformed, 1}})),
				beam.ParDo(s, book, beam.CreateList(s, []booked{
					{1, malformed, 3}, {0, Entry{Clicks, Malformed, "no_timestamp"}, 9}})))
			passert.EqualsList(s, beam.ParDo(s, each, beam.WindowInto(s, window.NewGlobalWindows(), rows)), want)
			_, err := beam.Run(context.Background(), runner, p)
			require.NoError(t, err, runner)
		}
	}
}

// collected holds the rows that this process has seen, by the number of their
// pane: Prism can hand out an older pane after a newer one.
var collected struct {
	sync.Mutex
	rows map[int64]Row
}

func collect(pane beam.PaneInfo, rows []Row) {
	collected.Lock()
	defer collected.Unlock()
	collected.rows[pane.Index] = rows[0]
}

func TestLateBookingsAddUpInTheirWindow(t *testing.T) {
	e := Entry{Clicks, NotPromotion, ""}
	config := teststream.NewConfig()
	require.NoError(t, config.AddElements(5, booked{5, e, 1}, booked{6, e, 1}))
	require.NoError(t, config.AdvanceWatermark(70_000))
	require.NoError(t, config.AddElements(7, booked{7, e, 3}))
	require.NoError(t, config.AdvanceWatermark(121_000))
	require.NoError(t, config.AddElements(8, booked{8, e, 100})) // its window has expired
	require.NoError(t, config.AdvanceWatermarkToInfinity())
	p, s := beam.NewPipelineWithRoot()
	collected.rows = map[int64]Row{}
	late := windows.Policy{Size: time.Minute, AllowedLateness: time.Minute}
	beam.ParDo0(s, collect, Sum(s, late, beam.ParDo(s, unbook, teststream.Create(s, config))))
	ptest.RunAndValidate(t, p)
	indexes := slices.Sorted(maps.Keys(collected.rows))
	require.NotEmpty(t, indexes)
	assert.Equal(t, Row{0, e, "", 2}, collected.rows[indexes[0]], "the pane of the window's end")
	assert.Equal(t, Row{0, e, "", 5}, collected.rows[indexes[len(indexes)-1]])
}

func TestSumFn(t *testing.T) {
	e, other := Entry{Orders, Malformed, "overflow"}, Entry{Orders, NotPromotion, ""}
	elements := []Bookings{{[]Booking{{60_000, e, 1}, {0, e, 5}}}, {}, {[]Booking{{60_000, e, 42}, {60_000, other, 7}}}}
	next := func(b *Bookings) bool {
		if len(elements) == 0 {
			return false
		}
		*b, elements = elements[0], elements[1:]
		return true
	}
	assert.ElementsMatch(t, []Row{{60_000, e, "", 43}, {0, e, "", 5}, {60_000, other, "", 7}},
		(&sumFn{}).ProcessElement(Orders, next))
}
