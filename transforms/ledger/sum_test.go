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
}

// booked is a booking as an element.
type booked struct {
	Time    int64
	Entry   Entry
	Records int64
}

func book(b booked) (beam.EventTime, Entry, int64) {
	return mtime.FromMilliseconds(b.Time), b.Entry, b.Records
}

func TestBookRead(t *testing.T) {
	at, entry, n := (&bookReadFn{Stream: Orders}).ProcessElement(record.Count{Time: 61_000, Records: 7})
	assert.EqualValues(t, 61_000, at.Milliseconds())
	assert.Equal(t, Entry{Orders, Read, ""}, entry)
	assert.EqualValues(t, 7, n)
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
		t.Run(runner, func(t *testing.T) {
			p, s := beam.NewPipelineWithRoot()
			rows := Sum(s, windows.Policy{Size: time.Minute},
				BookRead(s, Clicks, beam.CreateList(s, []record.Count{{Records: 10}, {Records: 20}})),
				BookRead(s, Orders, beam.CreateList(s, []record.Count{{Records: 5}})),
				beam.ParDo(s, book, beam.CreateList(s, []booked{{0, other, 1}, {59_999, other, 2}, {60_000, other, 8},
					{0, malformed, 1}})),
				beam.ParDo(s, book, beam.CreateList(s, []booked{{1, malformed, 3},
					{0, Entry{Clicks, Malformed, "no_timestamp"}, 9}})))
			passert.EqualsList(s, beam.WindowInto(s, window.NewGlobalWindows(), rows), want)
			_, err := beam.Run(context.Background(), runner, p)
			require.NoError(t, err)
		})
	}
}

// collected holds the rows that this process has seen, by the number of their
// pane: Prism can hand out an older pane after a newer one.
var collected struct {
	sync.Mutex
	rows map[int64]Row
}

func collect(pane beam.PaneInfo, r Row) {
	collected.Lock()
	defer collected.Unlock()
	collected.rows[pane.Index] = r
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
	beam.ParDo0(s, collect, Sum(s, windows.Policy{Size: time.Minute, AllowedLateness: time.Minute},
		beam.ParDo(s, unbook, teststream.Create(s, config))))
	ptest.RunAndValidate(t, p)
	indexes := slices.Sorted(maps.Keys(collected.rows))
	require.NotEmpty(t, indexes)
	assert.Equal(t, Row{0, e, "", 2}, collected.rows[indexes[0]], "the pane of the window's end")
	assert.Equal(t, Row{0, e, "", 5}, collected.rows[indexes[len(indexes)-1]])
}

// unbook keeps the time that an element has from its stream.
func unbook(b booked) (Entry, int64) { return b.Entry, b.Records }

func TestSumFn(t *testing.T) {
	counts := []int64{1, 2, 40}
	next := func(n *int64) bool {
		if len(counts) == 0 {
			return false
		}
		*n, counts = counts[0], counts[1:]
		return true
	}
	e := Entry{Orders, Malformed, "overflow"}
	w := window.IntervalWindow{Start: mtime.FromMilliseconds(60_000), End: mtime.FromMilliseconds(120_000)}
	assert.Equal(t, Row{60_000, e, "", 43}, (&sumFn{}).ProcessElement(w, e, next))
}
