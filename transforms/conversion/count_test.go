package conversion

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"adtoorder/io/progress"
	"adtoorder/io/record"
	windows "adtoorder/io/window"
	"adtoorder/transforms/event"
	"adtoorder/transforms/ledger"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/stretchr/testify/assert"
)

// start0 is 2026-11-01T00:00:00Z.
const start0 = 1793491200000

// counted is what a bundle gives: partial sums by window and promotion, payloads of
// rejects, and bookings.
type counted struct {
	sums     map[string]Partial
	rejects  []string
	bookings map[string]int64
}

// collector returns a counted, and functions that fill it.
func collector(t *testing.T, policy windows.Policy) (*counted, emitPartials, emitReject, emitBookings) {
	c := &counted{sums: map[string]Partial{}, bookings: map[string]int64{}}
	return c, func(at beam.EventTime, key string, p Partials) {
			for _, sum := range p.Sums {
				assert.Equal(t, policy.StampOf(sum.Window), at.Milliseconds())
				assert.Equal(t, groupKey(policy, sum.Promotion), key)
				name := fmt.Sprint(sum.Window-start0, " ", sum.Promotion)
				c.sums[name] = addUp(c.sums[name], sum)
			}
		}, func(at beam.EventTime, r event.Reject) {
			assert.Equal(t, r.Time, at.Milliseconds())
			c.rejects = append(c.rejects, string(r.Payload))
		}, func(at beam.EventTime, stream string, b ledger.Bookings) {
			for _, booked := range b.Counts {
				assert.Equal(t, policy.StampOf(booked.Window), at.Milliseconds())
				assert.Equal(t, stream, booked.Stream)
				c.bookings[fmt.Sprint(booked.Window, " ", booked.Outcome, " ", booked.Reason)] += booked.Records
			}
		}
}

// addUp adds a partial sum to another of its window and promotion, or to none: each
// worker has one.
func addUp(to, sum Partial) Partial {
	if to.Clicks != nil {
		to.Clicks.Anonymous += sum.Clicks.Anonymous
		to.Clicks.IDs = append(to.Clicks.IDs, sum.Clicks.IDs...)
		return to
	}
	if to.Orders != nil {
		to.Orders.Anonymous.merge(sum.Orders.Anonymous)
		to.Orders.IDs = append(to.Orders.IDs, sum.Orders.IDs...)
		return to
	}
	return sum
}

func countClicks(t *testing.T, fn *countClicksFn, batches ...[]record.Record) *counted {
	c, emit, reject, book := collector(t, fn.Windows)
	fn.StartBundle(t.Context(), emit, reject, book)
	for _, batch := range batches {
		fn.ProcessElement(batch, emit, reject, book)
	}
	fn.FinishBundle(t.Context(), emit, reject, book)
	slices.Sort(c.rejects)
	return c
}

func countOrders(t *testing.T, fn *countOrdersFn, batches ...[]record.Record) *counted {
	c, emit, reject, book := collector(t, fn.Windows)
	fn.StartBundle(t.Context(), emit, reject, book)
	for _, batch := range batches {
		fn.ProcessElement(batch, emit, reject, book)
	}
	fn.FinishBundle(t.Context(), emit, reject, book)
	slices.Sort(c.rejects)
	return c
}

func recordOf(payload string) record.Record {
	return record.Record{Payload: []byte(payload), Size: int64(len(payload)), Source: "/in"}
}

// clickAt is a click on a promotion so many milliseconds after start0.
func clickAt(ms int64, promotion, name string) record.Record {
	return recordOf(fmt.Sprintf(`{"EventType":"Promotion","Event":%q,"EventId":%q,"Timestamp":%q}`,
		promotion, name, time.UnixMilli(start0+ms).UTC().Format(time.RFC3339Nano)))
}

// policies are those of an unbounded source, of files, and of files on a cluster.
var policies = map[string]windows.Policy{
	"unbounded": {Size: time.Minute, AllowedLateness: time.Minute},
	"files":     {Size: time.Minute, Group: time.Hour, Keys: 1},
	"cluster":   {Size: time.Minute, Group: time.Hour, Keys: 16},
}

func TestClicksAreCountedOrBooked(t *testing.T) {
	for name, policy := range policies {
		t.Run(name, func(t *testing.T) {
			fn := &countClicksFn{Windows: policy}
			fn.Setup()
			for range 2 { // a DoFn lives longer than its bundle
				got := countClicks(t, fn, []record.Record{
					clickAt(0, "P1", ""), clickAt(59_999, "P1", "a"), clickAt(60_000, "P1", ""), recordOf("x"),
				}, nil, []record.Record{
					clickAt(1, "P2", ""), clickAt(3_600_000, "P1", ""), recordOf("y"),
					recordOf(`{"EventType":"Search","Timestamp":"2026-11-01T00:01:30Z"}`),
				})
				assert.Equal(t, map[string]Partial{
					"0 P1":       {start0, "P1", &Clicks{Anonymous: 1, IDs: []event.ID{id("a")}}, nil},
					"0 P2":       {start0, "P2", &Clicks{Anonymous: 1}, nil},
					"60000 P1":   {start0 + 60_000, "P1", &Clicks{Anonymous: 1}, nil},
					"3600000 P1": {start0 + 3_600_000, "P1", &Clicks{Anonymous: 1}, nil},
				}, got.sums)
				assert.Equal(t, []string{"x", "y"}, got.rejects)
				assert.Equal(t, map[string]int64{
					fmt.Sprint(start0+60_000, " not_promotion "): 1, "0 malformed not_json_object": 2,
				}, got.bookings)
			}
			assert.Equal(t, &counted{map[string]Partial{}, nil, map[string]int64{}}, countClicks(t, fn))
		})
	}
}

func TestOrdersAreCountedUnderEachPromotionAndBookedOnce(t *testing.T) {
	order := func(id, lines string) record.Record {
		return recordOf(fmt.Sprintf(`{"OrderId":%q,"Timestamp":"2026-11-01T00:00:30Z","OrderLines":[%s]}`, id, lines))
	}
	line := func(promotion string) string {
		return fmt.Sprintf(`{"Promotion":%q,"UnitPrice":0.5,"Quantity":2}`, promotion)
	}
	late := order("o2", line("P1"))
	late.Watermark = start0 + 60_000
	fn := &countOrdersFn{Windows: policies["files"]}
	fn.Setup()
	got := countOrders(t, fn, []record.Record{
		order("", line("P2")+","+line("P1")+","+line("P2")), order("o1", line("P2")), late, order("", line("")),
		recordOf("x"),
	})
	assert.Equal(t, map[string]Partial{
		"0 P1": {start0, "P1", nil, &Orders{sumOf(1, 0, 1, 1, 2, 1_000_000),
			[]Version{versionOf(id("o2"), true, true, 1, 2, 1_000_000)}}},
		"0 P2": {start0, "P2", nil, &Orders{sumOf(1, 0, 0, 2, 4, 2_000_000),
			[]Version{versionOf(id("o1"), false, true, 1, 2, 1_000_000)}}},
	}, got.sums)
	assert.Equal(t, []string{"x"}, got.rejects)
	assert.Equal(t, map[string]int64{
		fmt.Sprint(start0, " not_promotion "): 1, "0 malformed not_json_object": 1,
	}, got.bookings)
}

// Nothing is lost between workers, and every reject comes out, though workers wait for
// the bundle to take them.
func TestWorkersCountTogether(t *testing.T) {
	fn := &countClicksFn{Windows: policies["files"]}
	fn.Setup()
	var batches [][]record.Record
	for i := range 200 {
		batches = append(batches, []record.Record{clickAt(0, "P1", ""), clickAt(0, "P1", fmt.Sprint(i)),
			recordOf(strings.Repeat("x", i+1)), clickAt(60_000, fmt.Sprint("P", i), "")})
	}
	got := countClicks(t, fn, batches...)
	assert.Len(t, got.sums, 201)
	assert.EqualValues(t, 200, got.sums["0 P1"].Clicks.Anonymous)
	assert.Len(t, got.sums["0 P1"].Clicks.IDs, 200)
	assert.Len(t, got.rejects, 200)
	assert.EqualValues(t, 200, got.bookings["0 malformed not_json_object"])
}

func TestElementsAreBounded(t *testing.T) {
	policy := policies["files"]
	elements, total := 0, 0
	emit := func(_ beam.EventTime, _ string, p Partials) {
		elements++
		total += len(p.Sums)
		assert.LessOrEqual(t, len(p.Sums), maxPartials)
	}
	b := batches{}
	for i := range 2*maxPartials + 5 {
		b.add(policy, Partial{Window: start0, Promotion: fmt.Sprint(i)}, emit)
	}
	b.flush(emit)
	assert.Equal(t, []int{3, 2*maxPartials + 5}, []int{elements, total})
}

// What is assumed is counted once, also where a worker lives longer than its bundle.
func TestBundlesTellWhatTheyAssume(t *testing.T) {
	batch := []record.Record{{Payload: []byte(`{"Timestamp":"2026-11-01 00:00:00","OrderLines":[]}`)},
		{Payload: []byte(`{"Timestamp":1793491200,"OrderLines":[]}`)}}
	noZone := progress.Assumption{Stream: ledger.Orders, What: event.NoZone.String()}
	seconds := progress.Assumption{Stream: ledger.Clicks, What: event.Seconds.String()}
	before := progress.Assumptions()
	clicks, orders := &countClicksFn{Windows: windows.Policy{Size: time.Minute}},
		&countOrdersFn{Windows: windows.Policy{Size: time.Minute}}
	clicks.Setup()
	orders.Setup()
	for bundle := range int64(3) {
		countClicks(t, clicks, batch, batch)
		countOrders(t, orders, batch)
		after := progress.Assumptions()
		assert.Equal(t, bundle+1, after[noZone]-before[noZone])
		assert.Equal(t, 2*(bundle+1), after[seconds]-before[seconds])
	}
}
