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
func CountClicks(s beam.Scope, windows window.Policy, records beam.PCollection) Counted {
	s = s.Scope("conversion.CountClicks")
	partials, rejects, bookings := beam.ParDo3(s, &countClicksFn{Windows: windows}, records)
	return Counted{partials, rejects, bookings}
}

// CountOrders does the same with orders.
func CountOrders(s beam.Scope, windows window.Policy, records beam.PCollection) Counted {
	s = s.Scope("conversion.CountOrders")
	partials, rejects, bookings := beam.ParDo3(s, &countOrdersFn{Windows: windows}, records)
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
	counter counter[event.Click, *event.Click, Clicks]
}

// Setup makes the decoders.
func (fn *countClicksFn) Setup() {
	fn.counter.setup(func() *event.Decoder[event.Click, *event.Click] { return event.NewClicks(fn.Windows) },
		func(in sums[Clicks], c *event.Click) { in.of(fn.Windows.StartOf(c.Time), c.Promotion).Add(*c) })
}

// StartBundle starts with nothing.
func (fn *countClicksFn) StartBundle(context.Context, emitPartials, emitRejects, emitBookings) {
	fn.counter.start()
}

// ProcessElement has a batch counted, and emits what was counted before where that is much.
func (fn *countClicksFn) ProcessElement(
	batch []record.Record, emit emitPartials, reject emitRejects, book emitBookings,
) {
	if fn.counter.full() {
		fn.flush(emit, reject, book)
		fn.counter.start()
	}
	fn.counter.count(batch, inPartitions(fn.Windows, reject))
}

// FinishBundle emits what is left.
func (fn *countClicksFn) FinishBundle(_ context.Context, emit emitPartials, reject emitRejects, book emitBookings) {
	fn.flush(emit, reject, book)
}

// flush emits what was counted.
func (fn *countClicksFn) flush(emit emitPartials, reject emitRejects, book emitBookings) {
	counted, tally := fn.counter.finish(ledger.Clicks, inPartitions(fn.Windows, reject))
	elements := batches{}
	for _, clicks := range counted {
		for k, sum := range clicks {
			elements.add(fn.Windows, Partial{Window: k.window, Promotion: k.promotion, Clicks: sum}, emit)
		}
	}
	elements.flush(fn.Windows, emit)
	tally.Flush(fn.Windows, ledger.Clicks, book)
}

// countOrdersFn is countClicksFn for orders.
type countOrdersFn struct {
	Windows window.Policy
	counter counter[event.Order, *event.Order, Orders]
}

// Setup makes the decoders.
func (fn *countOrdersFn) Setup() {
	fn.counter.setup(func() *event.Decoder[event.Order, *event.Order] { return event.NewOrders(fn.Windows) },
		func(in sums[Orders], o *event.Order) {
			for i, part := range o.Parts { // under all of its promotions, and booked under the first
				in.of(fn.Windows.StartOf(o.Time), part.Promotion).Add(*o, part, i == 0)
			}
		})
}

// StartBundle starts with nothing.
func (fn *countOrdersFn) StartBundle(context.Context, emitPartials, emitRejects, emitBookings) {
	fn.counter.start()
}

// ProcessElement has a batch counted.
func (fn *countOrdersFn) ProcessElement(
	batch []record.Record, emit emitPartials, reject emitRejects, book emitBookings,
) {
	if fn.counter.full() {
		fn.flush(emit, reject, book)
		fn.counter.start()
	}
	fn.counter.count(batch, inPartitions(fn.Windows, reject))
}

// FinishBundle emits what is left.
func (fn *countOrdersFn) FinishBundle(_ context.Context, emit emitPartials, reject emitRejects, book emitBookings) {
	fn.flush(emit, reject, book)
}

// flush emits what was counted.
func (fn *countOrdersFn) flush(emit emitPartials, reject emitRejects, book emitBookings) {
	counted, tally := fn.counter.finish(ledger.Orders, inPartitions(fn.Windows, reject))
	elements := batches{}
	for _, orders := range counted {
		for k, sum := range orders {
			elements.add(fn.Windows, Partial{Window: k.window, Promotion: k.promotion, Orders: sum}, emit)
		}
	}
	elements.flush(fn.Windows, emit)
	tally.Flush(fn.Windows, ledger.Orders, book)
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
