package event

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"adtoorder/io/record"
	"adtoorder/io/window"
	"adtoorder/transforms/ledger"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// output is what a decoder makes of a batch.
type output[E any] struct {
	events   []E
	rejects  []string // their payloads, but for samples
	bookings map[string]int64
}

// own returns a copy of an event that shares no memory with it.
func own[E any](e *E) E {
	one := *e
	if o, ok := any(&one).(*Order); ok {
		o.Parts = slices.Clone(o.Parts)
	}
	return one
}

func decodeBatch[E any, P Event[E]](d *Decoder[E, P], batch ...record.Record) output[E] {
	out := output[E]{bookings: map[string]int64{}}
	d.Decode(batch,
		func(e *E) { out.events = append(out.events, own(e)) },
		func(r Reject) {
			if !r.IsSample() {
				out.rejects = append(out.rejects, fmt.Sprintf("%s at %d", r.Payload, r.Time))
			}
		})
	d.Tally.Flush(minutes, "", func(_ beam.EventTime, _ string, b ledger.Bookings) {
		for _, c := range b.Counts {
			out.bookings[fmt.Sprint(c.Window, " ", c.Entry)] += c.Records
		}
	})
	return out
}

func TestDecoderUsesEachEventAndBooksTheRest(t *testing.T) {
	d := NewClicks(minutes)
	for range 2 { // a decoder lives longer than its batch
		got := decodeBatch(d, clickRecord("P2", 0), of(`{"EventType":"Search","Timestamp":"2026-11-01T00:01:30Z"}`), of("x"),
			of(`{"Timestamp":"2026-11-01T00:01:59.999Z"}`), clickRecord("P1", 99), of("y"))
		assert.Equal(t, output[Click]{
			[]Click{{Time: start0, Promotion: "P2"}, {Time: start0, Promotion: "P1"}},
			[]string{"x at 0", "y at 0"},
			map[string]int64{
				fmt.Sprint(start0+60_000, " {clicks not_promotion }"): 2,
				"0 {clicks malformed not_json_object}":                2,
			},
		}, got)
	}
	assert.Equal(t, output[Click]{bookings: map[string]int64{}}, decodeBatch(d))
}

// Nothing of one order may be left in the next.
func TestDecoderOfOrders(t *testing.T) {
	late := of(orderOf(line("P2", "1", "2"), line("P1", "1", "3")))
	late.Watermark = start0 + 60_000
	got := decodeBatch(NewOrders(minutes), late, of(orderOf(line("", "1", "2"))), of(orderOf(line("P3", "1", "-1"))),
		of(`{"Timestamp":"2026-11-01T00:00:00Z","OrderLines":[`+line("P4", "1", "1")+`]}`))
	assert.Equal(t, []Order{
		{NewID([]byte("O1")), start0, true, []Part{{"P1", Amounts{1, 3, 3_000_000}},
			{"P2", Amounts{1, 2, 2_000_000}}}, ID{}},
		{ID{}, start0, false, []Part{{"P4", Amounts{1, 1, 1_000_000}}}, ID{}},
	}, got.events)
	assert.Len(t, got.rejects, 1)
	assert.Equal(t, map[string]int64{
		fmt.Sprint(start0, " {orders not_promotion }"):         1,
		fmt.Sprint(start0, " {orders malformed bad_quantity}"): 1,
	}, got.bookings)
}

func TestDecoderCountsWhatItAssumes(t *testing.T) {
	const promotion = `{"EventType":"Promotion","Event":"P1","Timestamp":`
	d := NewClicks(window.Policy{Size: time.Minute, Until: start0 + 60_000})
	decodeBatch(d, of(promotion+`"2026-11-01 00:00:00"}`), of(promotion+`"2026-11-01T00:00:00Z"}`),
		of(promotion+`1793491200000}`), of(promotion+`"1793491200001"}`), of(`{"Timestamp":1793491200}`),
		of(`{"EventType":"Promotion","Timestamp":1793491200}`), // malformed
		of(promotion+`"2026-11-01 00:01:00"}`),                 // of a window that isn't held
		of(promotion+`1}`), of("x"))
	assert.Equal(t, [NumAssumptions]int64{NoZone: 1, Seconds: 1, Milliseconds: 2}, d.Assumed)
	orders := NewOrders(minutes)
	decodeBatch(orders, of(`{"Timestamp":1793491200000000,"OrderLines":[]}`),
		of(`{"Timestamp":1793491200000000000,"OrderLines":[`+line("P1", "1", "1")+`]}`))
	assert.Equal(t, [NumAssumptions]int64{Microseconds: 1, Nanoseconds: 1}, orders.Assumed)
}

func TestDecoderLeavesOutOtherWindowsOfFinishedFiles(t *testing.T) {
	at := func(offset time.Duration, live bool) (click, other, bad record.Record) {
		stamp := time.UnixMilli(start0).Add(offset).UTC().Format(time.RFC3339)
		click = of(fmt.Sprintf(`{"EventType":"Promotion","Event":"P1","Timestamp":%q}`, stamp))
		other = of(fmt.Sprintf(`{"EventType":"Search","Timestamp":%q}`, stamp))
		bad = of(fmt.Sprintf(`{"EventType":"Promotion","Timestamp":%q}`, stamp))
		if live {
			click.Time, other.Time, bad.Time = start0, start0, start0
		}
		return click, other, bad
	}
	for name, c := range map[string]struct {
		offset time.Duration
		live   bool
		want   int
	}{
		"the first second":     {time.Minute, false, 1},
		"the last second":      {179 * time.Second, false, 1},
		"before":               {59 * time.Second, false, 0},
		"after":                {180 * time.Second, false, 0},
		"live, before":         {59 * time.Second, true, 1},
		"live, after":          {180 * time.Second, true, 1},
		"live, amid the range": {time.Minute, true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := window.Policy{Size: time.Minute, From: start0 + 60_000, Until: start0 + 180_000}
			click, other, bad := at(c.offset, c.live)
			got := decodeBatch(NewClicks(w), click, other, bad)
			assert.Len(t, got.events, c.want)
			assert.Len(t, got.rejects, c.want)
			assert.Len(t, got.bookings, 2*c.want)
		})
	}
	// Where no time is known, the window is the first one of all.
	for from, want := range map[int64]int{0: 1, 60_000: 0} {
		got := decodeBatch(NewClicks(window.Policy{Size: time.Minute, From: from, Until: start0}), of("x"))
		assert.Len(t, got.rejects, want)
		assert.Len(t, got.bookings, want)
	}
}

func TestARejectOutlivesItsCall(t *testing.T) {
	batch := []record.Record{of("x"), of("y")}
	var rejects []Reject
	NewOrders(minutes).Decode(batch, func(*Order) {}, func(r Reject) { rejects = append(rejects, r) })
	require.Len(t, rejects, 2)
	clear(batch[0].Payload)
	assert.Equal(t, "x", string(rejects[0].Payload))
	assert.Equal(t, "y", string(rejects[1].Payload))
}

func clickRecord(name string, offset int64) record.Record {
	r := of(fmt.Sprintf(`{"EventType":"Promotion","Event":%q,"Timestamp":"2026-11-01T00:00:00Z"}`, name))
	r.Source, r.Offset = "/a", offset
	return r
}
