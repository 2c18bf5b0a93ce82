package event

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"adtoorder/io/record"
	"adtoorder/io/window"
	"adtoorder/transforms/ledger"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/direct"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/passert"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func init() {
	register.Function2x0(eachClick)
	register.Function2x0(eachOrder)
	register.Function2x1(describeBooking)
	register.Emitter1[string]()
}

// decoded is what a bundle gives.
type decoded[E any] struct {
	batches  [][]E
	rejects  []Reject
	bookings map[string]int64
}

// bundle runs a bundle of batches.
func bundle[E any, P event[E]](fn *decodeFn[E, P], batches ...[]record.Record) decoded[E] {
	d := decoded[E]{bookings: map[string]int64{}}
	emit := func(events []E) { d.batches = append(d.batches, events) }
	reject := func(_ beam.EventTime, r Reject) { d.rejects = append(d.rejects, r) }
	book := func(at beam.EventTime, e ledger.Entry, n int64) {
		d.bookings[fmt.Sprint(at.Milliseconds(), " ", e)] += n
	}
	for _, batch := range batches {
		fn.ProcessElement(batch, emit, reject, book)
	}
	fn.FinishBundle(emit, reject, book)
	return d
}

func newClickFn() *decodeFn[Click, *Click] {
	fn := &decodeFn[Click, *Click]{Classifier: classifier{Stream: ledger.Clicks, Windows: minutes}}
	fn.Setup()
	return fn
}

func clickRecord(name string, offset int64) record.Record {
	r := of(fmt.Sprintf(`{"EventType":"Promotion","Event":%q,"Timestamp":"2026-11-01T00:00:00Z"}`, name))
	r.Source, r.Offset = "/a", offset
	return r
}

func TestDecodeFnFilesEveryRecord(t *testing.T) {
	fn := newClickFn()
	for range 2 { // a DoFn lives longer than its bundle
		got := bundle(fn,
			[]record.Record{clickRecord("P1", 0), of(`{"EventType":"Search","Timestamp":"2026-11-01T00:01:30Z"}`), of("x")},
			[]record.Record{of(`{"Timestamp":"2026-11-01T00:01:59.999Z"}`), of(`{"EventType":"Promotion","Timestamp":"2026-11-01T00:02:00Z"}`), clickRecord("P2", 99), of("y")},
			nil)
		assert.Equal(t, [][]Click{{{Time: start0, Promotion: "P1"}}, {{Time: start0, Promotion: "P2"}}, {}},
			got.batches)
		assert.Equal(t, map[string]int64{
			fmt.Sprint(start0+60_000, " {clicks not_promotion }"):      2,
			fmt.Sprint(start0+120_000, " {clicks malformed no_event}"): 1,
			"0 {clicks malformed not_json_object}":                     2,
		}, got.bookings)
		require.Len(t, got.rejects, 3)
		assert.Equal(t, "x", string(got.rejects[0].Payload))
		assert.Equal(t, NoEvent, got.rejects[1].Reason)
		assert.EqualValues(t, start0+120_000, got.rejects[1].Time)
		assert.Equal(t, "y", string(got.rejects[2].Payload))
	}
	assert.Equal(t, decoded[Click]{bookings: map[string]int64{}}, bundle(fn))
}

func TestDecodeFnKeepsTheOrderOfBatches(t *testing.T) {
	var batches [][]record.Record
	var want []string
	for i := range 50 {
		var batch []record.Record
		for j := range 200 / (i + 1) { // the later, the shorter
			batch = append(batch, clickRecord(fmt.Sprintf("P%d-%d", i, j), 0))
			want = append(want, fmt.Sprintf("P%d-%d", i, j))
		}
		batches = append(batches, append(batch, of(fmt.Sprint("bad ", i))))
	}
	got := bundle(newClickFn(), batches...)
	require.Len(t, got.batches, len(batches))
	var names []string
	for _, batch := range got.batches {
		for _, c := range batch {
			names = append(names, c.Promotion)
		}
	}
	assert.Equal(t, want, names)
	for i, r := range got.rejects {
		assert.Equal(t, fmt.Sprint("bad ", i), string(r.Payload))
	}
}

func TestDecodeFnTellsWhatIsLate(t *testing.T) {
	inTime, late := clickRecord("P1", 0), clickRecord("P1", 0)
	inTime.Watermark, late.Watermark = start0+59_999, start0+60_000
	got := bundle(newClickFn(), []record.Record{inTime, late, clickRecord("P1", 0)})
	var flags []bool
	for _, c := range got.batches[0] {
		flags = append(flags, c.Late)
	}
	assert.Equal(t, []bool{false, true, false}, flags)
}

func TestDecodeFnOfOrders(t *testing.T) {
	fn := &decodeFn[Order, *Order]{Classifier: classifier{Stream: ledger.Orders, Windows: minutes}}
	fn.Setup()
	late := of(orderOf(line("P1", "1", "2")))
	late.Watermark = start0 + 60_000
	got := bundle(fn, []record.Record{late, of(orderOf(line("", "1", "2"))), of(orderOf(line("P1", "-1", "2")))})
	assert.Equal(t, [][]Order{{{ID: NewID([]byte("O1")), Time: start0, Late: true,
		Parts: []Part{part("P1", 1, 2, 2_000_000)}}}}, got.batches)
	assert.Equal(t, map[string]int64{
		fmt.Sprint(start0, " {orders not_promotion }"):           1,
		fmt.Sprint(start0, " {orders malformed bad_unit_price}"): 1,
	}, got.bookings)
	require.Len(t, got.rejects, 1)
	assert.Equal(t, ledger.Orders, got.rejects[0].Stream)
}

func eachClick(clicks []Click, emit func(string)) {
	for _, c := range clicks {
		emit(fmt.Sprintf("%s at %d", c.Promotion, c.Time-start0))
	}
}

func eachOrder(orders []Order, emit func(string)) {
	for _, o := range orders {
		emit(fmt.Sprint(o.Parts, " at ", o.Time-start0))
	}
}

func describeBooking(e ledger.Entry, n int64) string { return fmt.Sprint(e, n) }

func TestDecode(t *testing.T) {
	long := of("x" + strings.Repeat(" ", record.MaxKept))
	batch := []record.Record{clickRecord("P1", 0), of(`{"EventType":"Search","Timestamp":"2026-11-01T00:00:00Z"}`), long, of(orderOf(line("P2", "1", "1")))}
	for _, runner := range []string{"prism", "direct"} {
		t.Run(runner, func(t *testing.T) {
			p, s := beam.NewPipelineWithRoot()
			records := beam.Create(s, batch)
			clicks := DecodeClicks(s, window.Policy{Size: time.Minute}, records)
			passert.Equals(s, beam.ParDo(s, eachClick, clicks.Events), "P1 at 0")
			passert.Equals(s, beam.ParDo(s, describeBooking, clicks.Bookings), "{clicks not_promotion } 2",
				"{clicks malformed not_json_object} 1")
			passert.Equals(s, clicks.Rejects, Reject{Stream: ledger.Clicks, Position: "0", Outcome: ledger.Malformed,
				Reason: NotJSONObject, Payload: long.Payload[:record.MaxKept], Cut: true})
			orders := DecodeOrders(s, window.Policy{Size: time.Minute}, records)
			passert.Equals(s, beam.ParDo(s, eachOrder, orders.Events), "[{P2 {1 1 1000000}}] at 0")
			passert.Equals(s, beam.ParDo(s, describeBooking, orders.Bookings), "{orders malformed no_order_lines} 2",
				"{orders malformed not_json_object} 1")
			passert.Count(s, orders.Rejects, "rejects", 3)
			_, err := beam.Run(context.Background(), runner, p)
			require.NoError(t, err)
		})
	}
}
