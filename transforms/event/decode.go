package event

import (
	"adtoorder/io/dofn"
	"adtoorder/io/record"
	"adtoorder/io/window"
	"adtoorder/transforms/ledger"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
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
	Bookings beam.PCollection // PCollection<KV<ledger.Entry, int64>>, partial counts
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

func decode[E any, P Event[E]](s beam.Scope, stream string, w window.Policy, records beam.PCollection) Decoded {
	fn := &decodeFn[E, P]{Classifier: classifier{Stream: stream, Windows: w}}
	events, rejects, bookings := beam.ParDo3(s, fn, records)
	return Decoded{events, rejects, bookings}
}

// decodeFn is []record.Record -> []E, Reject..., KV<ledger.Entry, int64>...
type decodeFn[E any, P Event[E]] struct {
	Classifier classifier
	decoders   parallelDecoder[E, P]
}

// Setup makes the decoders.
func (fn *decodeFn[E, P]) Setup() { fn.decoders.setup(fn.Classifier) }

// ProcessElement starts to decode a batch, and emits one that is done.
func (fn *decodeFn[E, P]) ProcessElement(batch []record.Record, emit func([]E),
	reject func(beam.EventTime, Reject), _ func(beam.EventTime, ledger.Entry, int64)) {
	if fn.decoders.full() {
		fn.finish(emit, reject)
	}
	fn.decoders.push(batch)
}

// FinishBundle emits the batches that are left, and the bundle's counts for the ledger.
func (fn *decodeFn[E, P]) FinishBundle(emit func([]E),
	reject func(beam.EventTime, Reject), account func(beam.EventTime, ledger.Entry, int64)) {
	for !fn.decoders.empty() {
		fn.finish(emit, reject)
	}
	for _, d := range fn.decoders.idle {
		d.Tally.Flush(account)
	}
}

// finish emits a batch's events and rejects.
func (fn *decodeFn[E, P]) finish(emit func([]E), reject func(beam.EventTime, Reject)) {
	events, rejects := fn.decoders.pop()
	for _, r := range rejects {
		reject(mtime.FromMilliseconds(r.Time), r)
	}
	emit(events)
}
