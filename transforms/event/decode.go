package event

import (
	"bytes"
	"time"

	"adtoorder/io/record"
	"adtoorder/transforms/ledger"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	register.DoFn4x0[record.Record, func(Click), func(beam.EventTime, Reject), func(beam.EventTime, ledger.Entry, int64)](&decodeClicksFn{})
	register.DoFn4x0[record.Record, func(Order), func(beam.EventTime, Reject), func(beam.EventTime, ledger.Entry, int64)](&decodeOrdersFn{})
	register.Emitter1[Click]()
	register.Emitter1[Order]()
	register.Emitter2[beam.EventTime, Reject]()
}

// Decoded is what becomes of a stream's records: each is an event, or a
// booking, or both a reject and a booking.
type Decoded struct {
	Events   beam.PCollection // PCollection<Click> or PCollection<Order>
	Rejects  beam.PCollection // PCollection<Reject>
	Bookings beam.PCollection // PCollection<KV<ledger.Entry, int64>>, partial counts
}

// DecodeClicks decodes PCollection<record.Record> to clicks on promotions.
// Bookings are added up in windows of a size.
func DecodeClicks(s beam.Scope, size time.Duration, records beam.PCollection) Decoded {
	s = s.Scope("event.DecodeClicks")
	events, rejects, bookings := beam.ParDo3(s, &decodeClicksFn{books{Stream: ledger.Clicks, WindowMillis: size.Milliseconds()}, nil}, records)
	return Decoded{events, rejects, bookings}
}

// DecodeOrders decodes PCollection<record.Record> to orders of promotions.
// Bookings are added up in windows of a size.
func DecodeOrders(s beam.Scope, size time.Duration, records beam.PCollection) Decoded {
	s = s.Scope("event.DecodeOrders")
	events, rejects, bookings := beam.ParDo3(s, &decodeOrdersFn{books{Stream: ledger.Orders, WindowMillis: size.Milliseconds()}, nil}, records)
	return Decoded{events, rejects, bookings}
}

type decodeClicksFn struct {
	Books  books
	parser *parser
}

// Setup makes the parser.
func (fn *decodeClicksFn) Setup() { fn.parser = newClickParser() }

// ProcessElement emits a record as a click, or files it.
func (fn *decodeClicksFn) ProcessElement(r record.Record, emit func(Click), reject func(beam.EventTime, Reject), _ func(beam.EventTime, ledger.Entry, int64)) {
	c, promotion, reason := fn.parser.click(r)
	switch {
	case reason != "":
		fn.Books.malformed(r, c.Time, reason, reject)
	case !promotion:
		fn.Books.notPromotion(c.Time)
	default:
		c.Late = fn.Books.late(r, c.Time)
		emit(c)
	}
}

// FinishBundle emits the bundle's bookings.
func (fn *decodeClicksFn) FinishBundle(_ func(Click), _ func(beam.EventTime, Reject), book func(beam.EventTime, ledger.Entry, int64)) {
	fn.Books.tally.Flush(book)
}

type decodeOrdersFn struct {
	Books  books
	parser *parser
}

// Setup makes the parser.
func (fn *decodeOrdersFn) Setup() { fn.parser = newOrderParser() }

// ProcessElement emits a record as an order, or files it.
func (fn *decodeOrdersFn) ProcessElement(r record.Record, emit func(Order), reject func(beam.EventTime, Reject), _ func(beam.EventTime, ledger.Entry, int64)) {
	o, promotion, reason := fn.parser.order(r)
	switch {
	case reason != "":
		fn.Books.malformed(r, o.Time, reason, reject)
	case !promotion:
		fn.Books.notPromotion(o.Time)
	default:
		o.Late = fn.Books.late(r, o.Time)
		emit(o)
	}
}

// FinishBundle emits the bundle's bookings.
func (fn *decodeOrdersFn) FinishBundle(_ func(Order), _ func(beam.EventTime, Reject), book func(beam.EventTime, ledger.Entry, int64)) {
	fn.Books.tally.Flush(book)
}

// books files and books the records that become no event.
type books struct {
	Stream       string
	WindowMillis int64
	tally        ledger.Tally
}

// malformed files a record under its event time: 1970 where that is not known.
func (b *books) malformed(r record.Record, time int64, reason string, reject func(beam.EventTime, Reject)) {
	b.tally.Add(time, b.WindowMillis, ledger.Entry{Stream: b.Stream, Outcome: ledger.Malformed, Reason: reason})
	kept := bytes.Clone(r.Payload[:min(len(r.Payload), record.MaxKept)])
	reject(mtime.FromMilliseconds(time), Reject{
		Stream: b.Stream, Source: r.Source, Position: r.Position(), Offset: r.Offset, Time: time,
		Outcome: ledger.Malformed, Reason: reason,
		Payload: kept, Cut: r.Size > int64(len(kept)),
	})
}

func (b *books) notPromotion(time int64) {
	b.tally.Add(time, b.WindowMillis, ledger.Entry{Stream: b.Stream, Outcome: ledger.NotPromotion})
}

// late tells whether the window of an event time had ended when r was read.
func (b *books) late(r record.Record, time int64) bool {
	return r.Watermark >= time-time%b.WindowMillis+b.WindowMillis
}

// Times returns a function that tells what a stream's record is booked at: its
// event time where that is known, otherwise 0, in milliseconds since the Unix
// epoch.
func Times(stream string) func(record.Record) int64 {
	if stream == ledger.Clicks {
		p := newClickParser()
		return func(r record.Record) int64 {
			c, _, _ := p.click(r)
			return c.Time
		}
	}
	p := newOrderParser()
	return func(r record.Record) int64 {
		o, _, _ := p.order(r)
		return o.Time
	}
}
