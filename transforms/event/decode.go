package event

import (
	"adtoorder/io/dofn"
	"time"

	"adtoorder/io/record"
	"adtoorder/transforms/ledger"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	dofn.Batchwise(&decodeFn[Click, *Click]{})
	dofn.Batchwise(&decodeFn[Order, *Order]{})
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

// Windows are the windows that events are counted in, and bookings added up.
type Windows struct {
	Size            time.Duration
	AllowedLateness time.Duration // of live records
	// Start is where a run was told to begin: windows that begin before it, in
	// milliseconds since the Unix epoch, may lack records, and are left out.
	Start int64
}

// DecodeClicks decodes PCollection<[]record.Record> to clicks on promotions.
func DecodeClicks(s beam.Scope, w Windows, records beam.PCollection) Decoded {
	s = s.Scope("event.DecodeClicks")
	return decode[Click](s, ledger.Clicks, w, records)
}

// DecodeOrders decodes PCollection<[]record.Record> to orders of promotions.
func DecodeOrders(s beam.Scope, w Windows, records beam.PCollection) Decoded {
	s = s.Scope("event.DecodeOrders")
	return decode[Order](s, ledger.Orders, w, records)
}

func decode[E any, P event[E]](s beam.Scope, stream string, w Windows, records beam.PCollection) Decoded {
	fn := &decodeFn[E, P]{Books: books{Stream: stream, WindowMillis: w.Size.Milliseconds(),
		LatenessMillis: w.AllowedLateness.Milliseconds(), StartMillis: w.Start}}
	events, rejects, bookings := beam.ParDo3(s, fn, records)
	return Decoded{events, rejects, bookings}
}

// event is a pointer to a Click or an Order.
type event[E any] interface {
	*E
	// parse fills the event from a record. The reason is "" for an event of a
	// promotion, and for one without any (promotion false); otherwise it says why
	// the record is malformed. The time is set wherever it is known.
	parse(p *parser, r record.Record) (promotion bool, reason string)
	time() int64
	setLate(late bool)
}

// decodeFn is []record.Record -> []E, Reject..., KV<ledger.Entry, int64>...
type decodeFn[E any, P event[E]] struct {
	Books books
	queue queue[E, P]
}

// Setup makes the parsers.
func (fn *decodeFn[E, P]) Setup() { fn.queue.setup() }

// ProcessElement starts to parse a batch, and emits one that is done.
func (fn *decodeFn[E, P]) ProcessElement(batch []record.Record, emit func([]E), reject func(beam.EventTime, Reject), _ func(beam.EventTime, ledger.Entry, int64)) {
	if fn.queue.full() {
		fn.finish(emit, reject)
	}
	fn.queue.push(batch)
}

// FinishBundle emits the batches that are left, and the bundle's bookings.
func (fn *decodeFn[E, P]) FinishBundle(emit func([]E), reject func(beam.EventTime, Reject), book func(beam.EventTime, ledger.Entry, int64)) {
	for !fn.queue.empty() {
		fn.finish(emit, reject)
	}
	fn.Books.tally.Flush(book)
}

// finish emits a batch's events of promotions, and files its other records.
func (fn *decodeFn[E, P]) finish(emit func([]E), reject func(beam.EventTime, Reject)) {
	batch, all := fn.queue.pop()
	events := make([]E, 0, len(batch))
	for i := range all {
		e := P(&all[i].event)
		if fn.Books.file(batch[i], e.time(), all[i].promotion, all[i].reason, reject) {
			e.setLate(fn.Books.late(batch[i], e.time()))
			events = append(events, all[i].event)
		}
	}
	emit(events)
}
