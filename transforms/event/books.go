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
	Stream         string
	WindowMillis   int64
	LatenessMillis int64 // allowed lateness
	StartMillis    int64 // windows that begin before are left out
	tally          ledger.Tally
}

// file files and books a record, or says that it is an event. The time is its
// event time, 0 where that is not known. A record of a finished file is booked
// at its event time, so one of unknown time in 1970.
func (b *books) file(r record.Record, time int64, promotion bool, reason string, reject func(beam.EventTime, Reject)) (event bool) {
	outcome, reason := b.judge(r, time, promotion, reason)
	if outcome == "" {
		return true
	}
	booked := time
	if r.Live() {
		booked = r.Booked()
	}
	b.tally.Add(booked, b.WindowMillis, ledger.Entry{Stream: b.Stream, Outcome: outcome, Reason: reason})
	if outcome != ledger.Malformed && outcome != ledger.TooLate {
		return false
	}
	kept := bytes.Clone(r.Payload[:min(len(r.Payload), record.MaxKept)])
	reject(mtime.FromMilliseconds(booked), Reject{
		Stream: b.Stream, Source: r.Source, Position: r.Position(), Offset: r.Offset, Time: booked,
		Outcome: outcome, Reason: reason,
		Payload: kept, Cut: r.Size > int64(len(kept)),
	})
	return false
}

// future is how far past the broker's time an event may be, in milliseconds.
const future = 24 * 60 * 60 * 1000

// judge returns the outcome of a record as far as it is known here, "" for an
// event that is counted or a duplicate.
func (b *books) judge(r record.Record, time int64, promotion bool, reason string) (outcome, why string) {
	start := time - time%b.WindowMillis
	switch {
	case reason != "":
		return ledger.Malformed, reason
	case r.Live() && time > r.Time+future:
		return ledger.Malformed, Future
	case !promotion:
		return ledger.NotPromotion, ""
	case r.Live() && start < b.StartMillis:
		return ledger.BeforeStart, ""
	case r.Live() && r.Watermark >= start+b.WindowMillis+b.LatenessMillis:
		return ledger.TooLate, ""
	}
	return "", ""
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
