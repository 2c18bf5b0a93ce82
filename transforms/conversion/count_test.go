package conversion

import (
	"context"
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
func collector(t *testing.T, policy windows.Policy) (*counted, emitPartials, emitRejects, emitBookings) {
	c := &counted{sums: map[string]Partial{}, bookings: map[string]int64{}}
	return c, func(at beam.EventTime, key string, p Partials) {
			for _, sum := range p.Sums {
				assert.Equal(t, policy.StampOf(sum.Window), at.Milliseconds())
				assert.Equal(t, batchOf{at.Milliseconds(), keyOf(policy, sum.Promotion)}.groupKey(policy), key)
				name := fmt.Sprint(sum.Window-start0, " ", sum.Promotion)
				c.sums[name] = addUp(c.sums[name], sum)
			}
		}, func(at beam.EventTime, rejects []event.Reject) {
			for _, r := range rejects {
				assert.Equal(t, policy.PartitionOf(policy.StartOf(r.Time)), policy.PartitionOf(at.Milliseconds()))
				if !r.IsSample() { // which event has tests of
					c.rejects = append(c.rejects, string(r.Payload))
				}
			}
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

// counting is a DoFn that counts a stream.
type counting interface {
	StartBundle(context.Context, emitPartials, emitRejects, emitBookings)
	ProcessElement([]record.Record, emitPartials, emitRejects, emitBookings)
	FinishBundle(context.Context, emitPartials, emitRejects, emitBookings)
}

// count runs a bundle of batches.
func count(t *testing.T, policy windows.Policy, fn counting, batches ...[]record.Record) *counted {
	c, emit, reject, book := collector(t, policy)
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
				got := count(t, fn.Windows, fn, []record.Record{
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
					fmt.Sprint(start0, " placed /in\n"): 5, fmt.Sprint(start0+3_600_000, " placed /in\n"): 1,
					"0 placed /in\nnot_json_object": 2,
				}, got.bookings)
			}
			assert.Equal(t, &counted{map[string]Partial{}, nil, map[string]int64{}}, count(t, fn.Windows, fn))
		})
	}
}

// A bundle may be all that there is of an input, as it is on Flink: partial sums must not
// wait for its end.
func TestABundleHoldsFewRecords(t *testing.T) {
	batch := make([]record.Record, maxCounted/10)
	for i := range batch {
		batch[i] = clickAt(int64(i%2)*3_600_000, "P1", "")
	}
	fn := &countClicksFn{Windows: policies["cluster"]}
	fn.Setup()
	c, emit, reject, book := collector(t, fn.Windows)
	fn.StartBundle(t.Context(), emit, reject, book)
	for range 10 {
		fn.ProcessElement(batch, emit, reject, book)
		assert.Empty(t, c.sums)
	}
	fn.ProcessElement(batch[:4], emit, reject, book)
	assert.EqualValues(t, maxCounted/2, c.sums["0 P1"].Clicks.Anonymous, "before the bundle's end")
	fn.ProcessElement(batch[:2], emit, reject, book)
	fn.FinishBundle(t.Context(), emit, reject, book)
	assert.EqualValues(t, maxCounted/2+3, c.sums["0 P1"].Clicks.Anonymous)
	assert.EqualValues(t, maxCounted/2+3, c.sums["3600000 P1"].Clicks.Anonymous)
}

// Of finished input a key is of one group; of unbounded input it stays that of its promotion.
func TestKeys(t *testing.T) {
	for name, want := range map[string][]string{
		"unbounded": {"P1", "P1"},
		"files":     {"1793491200000/0", "1793494800000/0"},
		"cluster":   {"1793491200000/10", "1793494800000/10"},
	} {
		var got []string
		for _, window := range []int64{start0 + 60_000, start0 + 3_600_000} {
			elements := batches{}
			elements.add(policies[name], Partial{Window: window, Promotion: "P1"}, nil)
			elements.flush(policies[name], func(_ beam.EventTime, key string, _ Partials) { got = append(got, key) })
		}
		assert.Equal(t, want, got, name)
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
	got := count(t, fn.Windows, fn, []record.Record{
		order("", line("P2")+","+line("P1")+","+line("P2")), order("o1", line("P2")), late, order("", line("")),
		recordOf("x"),
	})
	assert.Equal(t, map[string]Partial{
		"0 P1": {start0, "P1", nil, &Orders{sumOf(1, 0, 1, 1, 2, 1_000_000),
			[]Version{versionOf(id("o2"), true, true, 1, 2, 1_000_000)}, nil}},
		"0 P2": {start0, "P2", nil, &Orders{sumOf(1, 0, 0, 2, 4, 2_000_000),
			[]Version{versionOf(id("o1"), false, true, 1, 2, 1_000_000)}, nil}},
	}, got.sums)
	assert.Equal(t, []string{"x"}, got.rejects)
	assert.Equal(t, map[string]int64{
		fmt.Sprint(start0, " not_promotion "): 1, "0 malformed not_json_object": 1,
		fmt.Sprint(start0, " placed /in\n"): 4, "0 placed /in\nnot_json_object": 1,
	}, got.bookings)
}

// Nothing is lost between workers, and every reject comes out, though a worker has those
// of one batch only.
func TestWorkersCountTogether(t *testing.T) {
	fn := &countClicksFn{Windows: policies["files"]}
	fn.Setup()
	var batches [][]record.Record
	for i := range 200 {
		batches = append(batches, []record.Record{clickAt(0, "P1", ""), clickAt(0, "P1", fmt.Sprint(i)),
			recordOf(strings.Repeat("x", i+1)), clickAt(60_000, fmt.Sprint("P", i), "")})
	}
	got := count(t, fn.Windows, fn, batches...)
	assert.Len(t, got.sums, 201)
	assert.EqualValues(t, 200, got.sums["0 P1"].Clicks.Anonymous)
	assert.Len(t, got.sums["0 P1"].Clicks.IDs, 200)
	assert.Len(t, got.rejects, 200)
	assert.EqualValues(t, 200, got.bookings["0 malformed not_json_object"])
}

func TestElementsAreBounded(t *testing.T) {
	ids := make([]event.ID, 10_000)
	for name, c := range map[string]struct {
		sum             Partial
		sums, atMost    int
		elements, bytes int
	}{
		"sums":            {Partial{Window: start0}, 2*maxPartials + 5, maxPartials, 3, maxPartials * 30},
		"ids of clicks":   {Partial{Window: start0, Clicks: &Clicks{IDs: ids}}, 30, 14, 3, maxBytes + 20*len(ids)},
		"ids of orders":   {Partial{Window: start0, Orders: &Orders{IDs: make([]Version, 5_000)}}, 30, 14, 3, maxBytes},
		"long promotions": {Partial{Promotion: strings.Repeat("x", maxBytes/3)}, 6, 3, 2, 2 * maxBytes},
	} {
		t.Run(name, func(t *testing.T) {
			elements, total := 0, 0
			emit := func(_ beam.EventTime, _ string, p Partials) {
				elements++
				total += len(p.Sums)
				assert.LessOrEqual(t, len(p.Sums), c.atMost)
				assert.Less(t, len(encodePartials(p)), c.bytes)
			}
			b := batches{}
			for i := range c.sums {
				sum := c.sum
				sum.Window += int64(i)
				b.add(policies["files"], sum, emit)
			}
			b.flush(policies["files"], emit)
			assert.Equal(t, []int{c.elements, c.sums}, []int{elements, total})
		})
	}
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
		count(t, clicks.Windows, clicks, batch, batch)
		count(t, orders.Windows, orders, batch)
		after := progress.Assumptions()
		assert.Equal(t, bundle+1, after[noZone]-before[noZone])
		assert.Equal(t, 2*(bundle+1), after[seconds]-before[seconds])
	}
}
