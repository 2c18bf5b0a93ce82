package event

import (
	"bytes"

	"adtoorder/io/record"
	"adtoorder/io/window"
	"adtoorder/transforms/ledger"
)

// classifier decides what becomes of a stream's records: an event goes on to be
// counted; any other record ends here, on the ledger and, if it is malformed or too
// late or a sample, as a reject.
type classifier struct {
	Stream  string
	Windows window.Policy
}

// parsed is what parsing has made of a record, beside the event itself. It has four fields
// at most: Go (1.26) keeps larger structs in memory, and a click takes 4 % longer.
type parsed struct {
	time      int64      // event time, ms since the Unix epoch; 0 where it is not known
	assumed   Assumption // to know it
	promotion bool       // the record is about one
	reason    string     // why it is malformed, or, if it is about one, why a map leaves it out; or ""
}

// filtered reports whether a map leaves the record out.
func (p parsed) filtered() bool { return p.promotion && p.reason != "" }

// outcome is what a record is booked as for what it holds; "" where it is an event.
func (p parsed) outcome() (outcome, reason string) {
	switch {
	case p.filtered():
		return ledger.Filtered, p.reason
	case p.reason != "":
		return ledger.Malformed, p.reason
	case !p.promotion:
		return ledger.NotPromotion, ""
	}
	return "", ""
}

// classify reports whether a record is an event. Any other one is accounted for:
// in finished files at its event time (1970 if that is unknown); from unbounded
// sources at AccountedAt, a time that no runner drops.
func (c *classifier) classify(r record.Record, p parsed, tally *ledger.Tally, reject func(Reject)) (isEvent bool) {
	outcome, reason := c.outcome(r, p)
	if outcome == "" {
		return true
	}
	at := p.time
	if r.Unbounded() {
		at = r.AccountedAt()
	}
	tally.Add(c.Windows.StartOf(at), ledger.Entry{Stream: c.Stream, Outcome: outcome, Reason: reason})
	most := record.MaxKept
	switch {
	case outcome == ledger.NotPromotion && sampled(&r):
		most = maxSample
	case outcome != ledger.Malformed && outcome != ledger.TooLate:
		return false
	}
	kept := bytes.Clone(r.Payload[:min(len(r.Payload), most)])
	reject(Reject{
		Stream: c.Stream, Source: r.Source, Position: r.Position(), Offset: r.Offset, Time: at,
		Outcome: outcome, Reason: reason,
		Payload: kept, Cut: r.Size > int64(len(kept)),
	})
	return false
}

// maxAhead is how far past the broker's time an event may be, in milliseconds.
const maxAhead = 24 * 60 * 60 * 1000

// outcome returns the outcome of a record as far as it is known here; "" for an
// event, which is counted or a duplicate.
func (c *classifier) outcome(r record.Record, p parsed) (outcome, reason string) {
	outcome, reason = p.outcome()
	switch {
	case reason != "" || !r.Unbounded():
		return outcome, reason
	case p.time > r.Time+maxAhead:
		return ledger.Malformed, Future
	case outcome != "":
		return outcome, ""
	case c.Windows.BeforeStart(p.time):
		return ledger.BeforeStart, ""
	case c.Windows.Expired(p.time, r.Watermark):
		return ledger.TooLate, ""
	}
	return "", ""
}
