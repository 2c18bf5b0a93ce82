package conversion

import (
	"context"

	"adtoorder/io/dofn"
	"adtoorder/io/record"
	"adtoorder/io/window"
	"adtoorder/transforms/event"
	"adtoorder/transforms/ledger"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	dofn.Batchwise(&countClicksFn{})
	dofn.Batchwise(&countOrdersFn{})
	register.Emitter3[beam.EventTime, string, Partials]()
	register.Emitter2[beam.EventTime, []event.Reject]()
}

// Counted is what becomes of a stream's records: each is in a partial sum, or on the
// ledger, or both a reject and on the ledger.
type Counted struct {
	Partials beam.PCollection // PCollection<KV<key, Partials>>
	Rejects  beam.PCollection // PCollection<[]event.Reject>, each of one partition of files
	Bookings beam.PCollection // PCollection<KV<stream, ledger.Bookings>>
}

// CountClicks decodes PCollection<[]record.Record> and adds up each bundle's clicks by
// window and promotion, so that a few batches of partial sums are shuffled instead of
// every click.
func CountClicks(s beam.Scope, windows window.Policy, by event.Reading, records beam.PCollection) Counted {
	s = s.Scope("conversion.CountClicks")
	partials, rejects, bookings := beam.ParDo3(s, &countClicksFn{Windows: windows, Reading: by}, records)
	return Counted{partials, rejects, bookings}
}

// CountOrders does the same with orders.
func CountOrders(s beam.Scope, windows window.Policy, by event.Reading, records beam.PCollection) Counted {
	s = s.Scope("conversion.CountOrders")
	partials, rejects, bookings := beam.ParDo3(s, &countOrdersFn{Windows: windows, Reading: by}, records)
	return Counted{partials, rejects, bookings}
}

type (
	emitPartials = func(beam.EventTime, string, Partials)
	emitRejects  = func(beam.EventTime, []event.Reject)
	emitBookings = func(beam.EventTime, string, ledger.Bookings)
)

// countClicksFn is []record.Record -> KV<key, Partials>..., []event.Reject...,
// KV<stream, ledger.Bookings>...
type countClicksFn struct {
	Windows window.Policy
	Reading event.Reading
	counter[event.Click, *event.Click, Clicks]
}

// Setup makes the decoders.
func (fn *countClicksFn) Setup() error {
	return fn.setup(stream[event.Click, *event.Click, Clicks]{
		name:    ledger.Clicks,
		windows: fn.Windows,
		reading: fn.Reading,
		decoder: event.NewClicks,
		add:     func(in sums[Clicks], c *event.Click) { in.of(fn.Windows.StartOf(c.Time), c.Promotion).Add(*c) },
		partial: func(k key, sum *Clicks) Partial {
			return Partial{Window: k.window, Promotion: k.promotion, Clicks: sum}
		},
	})
}

// countOrdersFn is countClicksFn for orders.
type countOrdersFn struct {
	Windows window.Policy
	Reading event.Reading
	counter[event.Order, *event.Order, Orders]
}

// Setup makes the decoders.
func (fn *countOrdersFn) Setup() error {
	return fn.setup(stream[event.Order, *event.Order, Orders]{
		name:    ledger.Orders,
		windows: fn.Windows,
		reading: fn.Reading,
		decoder: event.NewOrders,
		add: func(in sums[Orders], o *event.Order) {
			for i, part := range o.Parts { // under all of its promotions, and booked under the first
				in.of(fn.Windows.StartOf(o.Time), part.Promotion).Add(*o, part, i == 0)
			}
		},
		partial: func(k key, sum *Orders) Partial {
			return Partial{Window: k.window, Promotion: k.promotion, Orders: sum}
		},
	})
}

// StartBundle starts with nothing.
func (c *counter[E, P, S]) StartBundle(context.Context, emitPartials, emitRejects, emitBookings) {
	c.start()
}

// ProcessElement has a batch counted, and emits what was counted before where that is much.
func (c *counter[E, P, S]) ProcessElement(
	batch []record.Record, emit emitPartials, reject emitRejects, book emitBookings,
) {
	if c.full() {
		c.flush(emit, reject, book)
		c.start()
	}
	c.count(batch, inPartitions(c.stream.windows, reject))
}

// FinishBundle emits what is left.
func (c *counter[E, P, S]) FinishBundle(
	_ context.Context, emit emitPartials, reject emitRejects, book emitBookings,
) {
	c.flush(emit, reject, book)
}

// flush emits what was counted.
func (c *counter[E, P, S]) flush(emit emitPartials, reject emitRejects, book emitBookings) {
	windows := c.stream.windows
	counted, tally := c.finish(inPartitions(windows, reject))
	elements := batches{}
	for _, sums := range counted {
		for k, sum := range sums {
			elements.add(windows, c.stream.partial(k, sum), emit)
		}
	}
	elements.flush(windows, emit)
	tally.Flush(windows, c.stream.name, book)
}

// inPartitions returns a function that emits rejects of one partition of files together,
// at the start of a window that they are accounted for in, as rows are.
func inPartitions(windows window.Policy, emit emitRejects) func([]event.Reject) {
	return func(rejects []event.Reject) {
		partitions := map[int64][]event.Reject{}
		for _, r := range rejects {
			start := windows.PartitionOf(windows.StartOf(r.Time))
			partitions[start] = append(partitions[start], r)
		}
		for _, some := range partitions {
			emit(mtime.FromMilliseconds(windows.StartOf(some[len(some)-1].Time)), some)
		}
	}
}
