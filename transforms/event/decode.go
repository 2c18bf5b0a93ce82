package event

import (
	"adtoorder/io/dofn"
	"adtoorder/io/record"
	"adtoorder/io/window"
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
// line of the ledger, or both a reject and such a line.
type Decoded struct {
	Events   beam.PCollection // PCollection<[]Click> or PCollection<[]Order>
	Rejects  beam.PCollection // PCollection<Reject>
	Bookings beam.PCollection // PCollection<KV<stream, ledger.Bookings>>
}

// DecodeClicks decodes PCollection<[]record.Record> to clicks on promotions.
func DecodeClicks(s beam.Scope, w window.Policy, records beam.PCollection) Decoded {
	s = s.Scope("event.DecodeClicks")
	return decode[Click](s, ledger.Clicks, w, records)
}

// DecodeOrders decodes PCollection<[]record.Record> to orders of promotions.
func DecodeOrders(s beam.Scope, w window.Policy, records beam.PCollection) Decoded {
	s = s.Scope("event.DecodeOrders")
	return decode[Order](s, ledger.Orders, w, records)
}

func decode[E any, P event[E]](s beam.Scope, stream string, w window.Policy, records beam.PCollection) Decoded {
	fn := &decodeFn[E, P]{Classifier: classifier{Stream: stream, Windows: w}}
	events, rejects, bookings := beam.ParDo3(s, fn, records)
	return Decoded{events, rejects, bookings}
}

// event is a pointer to a Click or an Order.
type event[E any] interface {
	*E
	// parse fills the event from a record. The time is set wherever it is known.
	parse(p *parser, r record.Record) parsed
	setLate(late bool)
}

// decodeFn is []record.Record -> []E, Reject..., KV<stream, ledger.Bookings>...
type decodeFn[E any, P event[E]] struct {
	Classifier classifier
	parser     parallelParser[E, P]
}

// Setup makes the parsers.
func (fn *decodeFn[E, P]) Setup() { fn.parser.setup() }

// ProcessElement starts to parse a batch, and emits one that is done.
func (fn *decodeFn[E, P]) ProcessElement(batch []record.Record, emit func([]E),
	reject func(beam.EventTime, Reject), _ func(beam.EventTime, string, ledger.Bookings)) {
	if fn.parser.full() {
		fn.finish(emit, reject)
	}
	fn.parser.push(batch)
}

// FinishBundle emits the batches that are left, and the bundle's counts for the ledger.
func (fn *decodeFn[E, P]) FinishBundle(emit func([]E),
	reject func(beam.EventTime, Reject), account func(beam.EventTime, string, ledger.Bookings)) {
	for !fn.parser.empty() {
		fn.finish(emit, reject)
	}
	fn.Classifier.tally.Flush(fn.Classifier.Windows, fn.Classifier.Stream, account)
}

// finish emits a batch's events, and accounts for its other records.
func (fn *decodeFn[E, P]) finish(emit func([]E), reject func(beam.EventTime, Reject)) {
	batch, results := fn.parser.pop()
	events := make([]E, 0, len(batch))
	for i := range results {
		one := &results[i]
		if fn.Classifier.classify(batch[i], one.parsed, reject) {
			P(&one.event).setLate(fn.Classifier.Windows.Ended(one.time, batch[i].Watermark))
			events = append(events, one.event)
		}
	}
	emit(events)
}
