package event

import (
	"time"

	"adtoorder/io/record"
	"adtoorder/transforms/ledger"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	register.DoFn4x0[[]record.Record, func([]Click), func(beam.EventTime, Reject), func(beam.EventTime, ledger.Entry, int64)](&decodeClicksFn{})
	register.DoFn4x0[[]record.Record, func([]Order), func(beam.EventTime, Reject), func(beam.EventTime, ledger.Entry, int64)](&decodeOrdersFn{})
	register.Emitter1[[]Click]()
	register.Emitter1[[]Order]()
	register.Emitter2[beam.EventTime, Reject]()
}

// Decoded is what becomes of a stream's records: each is an event, or a
// booking, or both a reject and a booking.
type Decoded struct {
	Events   beam.PCollection // PCollection<[]Click> or PCollection<[]Order>
	Rejects  beam.PCollection // PCollection<Reject>
	Bookings beam.PCollection // PCollection<KV<ledger.Entry, int64>>, partial counts
}

// DecodeClicks decodes PCollection<[]record.Record> to clicks on promotions.
// Bookings are added up in windows of a size.
func DecodeClicks(s beam.Scope, size time.Duration, records beam.PCollection) Decoded {
	s = s.Scope("event.DecodeClicks")
	fn := &decodeClicksFn{Books: books{Stream: ledger.Clicks, WindowMillis: size.Milliseconds()}}
	events, rejects, bookings := beam.ParDo3(s, fn, records)
	return Decoded{events, rejects, bookings}
}

// DecodeOrders decodes PCollection<[]record.Record> to orders of promotions.
// Bookings are added up in windows of a size.
func DecodeOrders(s beam.Scope, size time.Duration, records beam.PCollection) Decoded {
	s = s.Scope("event.DecodeOrders")
	fn := &decodeOrdersFn{Books: books{Stream: ledger.Orders, WindowMillis: size.Milliseconds()}}
	events, rejects, bookings := beam.ParDo3(s, fn, records)
	return Decoded{events, rejects, bookings}
}

type decodeClicksFn struct {
	Books books
	queue queue[Click]
}

// Setup makes the parsers.
func (fn *decodeClicksFn) Setup() { fn.queue.setup(newClickParser, (*parser).click) }

// ProcessElement starts to parse a batch, and emits one that is done.
func (fn *decodeClicksFn) ProcessElement(batch []record.Record, emit func([]Click), reject func(beam.EventTime, Reject), _ func(beam.EventTime, ledger.Entry, int64)) {
	if fn.queue.full() {
		fn.finish(emit, reject)
	}
	fn.queue.push(batch)
}

// FinishBundle emits the batches that are left, and the bundle's bookings.
func (fn *decodeClicksFn) FinishBundle(emit func([]Click), reject func(beam.EventTime, Reject), book func(beam.EventTime, ledger.Entry, int64)) {
	for !fn.queue.empty() {
		fn.finish(emit, reject)
	}
	fn.Books.tally.Flush(book)
}

// finish emits a batch's clicks on promotions, and files its other records.
func (fn *decodeClicksFn) finish(emit func([]Click), reject func(beam.EventTime, Reject)) {
	batch, all := fn.queue.pop()
	clicks := make([]Click, 0, len(batch))
	for i, p := range all {
		if fn.Books.file(batch[i], p.event.Time, p.promotion, p.reason, reject) {
			p.event.Late = fn.Books.late(batch[i], p.event.Time)
			clicks = append(clicks, p.event)
		}
	}
	emit(clicks)
}

type decodeOrdersFn struct {
	Books books
	queue queue[Order]
}

// Setup makes the parsers.
func (fn *decodeOrdersFn) Setup() { fn.queue.setup(newOrderParser, (*parser).order) }

// ProcessElement starts to parse a batch, and emits one that is done.
func (fn *decodeOrdersFn) ProcessElement(batch []record.Record, emit func([]Order), reject func(beam.EventTime, Reject), _ func(beam.EventTime, ledger.Entry, int64)) {
	if fn.queue.full() {
		fn.finish(emit, reject)
	}
	fn.queue.push(batch)
}

// FinishBundle emits the batches that are left, and the bundle's bookings.
func (fn *decodeOrdersFn) FinishBundle(emit func([]Order), reject func(beam.EventTime, Reject), book func(beam.EventTime, ledger.Entry, int64)) {
	for !fn.queue.empty() {
		fn.finish(emit, reject)
	}
	fn.Books.tally.Flush(book)
}

// finish emits a batch's orders of promotions, and files its other records.
func (fn *decodeOrdersFn) finish(emit func([]Order), reject func(beam.EventTime, Reject)) {
	batch, all := fn.queue.pop()
	orders := make([]Order, 0, len(batch))
	for i, p := range all {
		if fn.Books.file(batch[i], p.event.Time, p.promotion, p.reason, reject) {
			p.event.Late = fn.Books.late(batch[i], p.event.Time)
			orders = append(orders, p.event)
		}
	}
	emit(orders)
}
