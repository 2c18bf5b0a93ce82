package event

import (
	"bytes"

	"adtoorder/io/record"
	"adtoorder/transforms/ledger"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
)

// books files and books the records that become no event.
type books struct {
	Stream       string
	WindowMillis int64
	tally        ledger.Tally
}

// file files and books a record, or says that it is an event. The time is its
// event time, 0 where that is not known: then it is filed under 1970.
func (b *books) file(r record.Record, time int64, promotion bool, reason string, reject func(beam.EventTime, Reject)) (event bool) {
	if reason == "" && !promotion {
		b.tally.Add(time, b.WindowMillis, ledger.Entry{Stream: b.Stream, Outcome: ledger.NotPromotion})
	}
	if reason == "" {
		return promotion
	}
	b.tally.Add(time, b.WindowMillis, ledger.Entry{Stream: b.Stream, Outcome: ledger.Malformed, Reason: reason})
	kept := bytes.Clone(r.Payload[:min(len(r.Payload), record.MaxKept)])
	reject(mtime.FromMilliseconds(time), Reject{
		Stream: b.Stream, Source: r.Source, Position: r.Position(), Offset: r.Offset, Time: time,
		Outcome: ledger.Malformed, Reason: reason,
		Payload: kept, Cut: r.Size > int64(len(kept)),
	})
	return false
}

// late tells whether the window of an event time had ended when r was read.
func (b *books) late(r record.Record, time int64) bool {
	return r.Watermark >= time-time%b.WindowMillis+b.WindowMillis
}

// Times returns a function that tells what a stream's record is booked at: its
// event time where that is known, otherwise 0, in milliseconds since the Unix
// epoch.
func Times(stream string) func(record.Record) int64 {
	p := newParser()
	if stream == ledger.Clicks {
		return func(r record.Record) int64 { return timeOf[Click](p, r) }
	}
	return func(r record.Record) int64 { return timeOf[Order](p, r) }
}

func timeOf[E any, P event[E]](p *parser, r record.Record) int64 {
	var e E
	P(&e).parse(p, r)
	return P(&e).time()
}
