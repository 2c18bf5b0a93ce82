package event

import (
	"adtoorder/io/window"
	"adtoorder/transforms/ledger"
)

// undated reports whether a record is booked in 1970 and nowhere else: it is no event, and
// no time of it is known.
func (p parsed) undated() bool { return p.time == 0 && (p.reason != "" || !p.promotion) }

// placing books where the records of a batch of a finished file are accounted for. Those
// that follow one another mostly are in one partition, and are booked together.
type placing struct {
	stream      string
	windows     window.Policy
	tally       *ledger.Tally
	source      string
	from, until int64 // the partition that the last record was in
	records     int64 // since another one was
}

// add adds a record that is accounted for in the window that starts at a time.
func (p *placing) add(source string, start int64, of parsed, isForgotten bool) {
	outcome, reason := ledger.BeforeStart, ""
	if of.undated() {
		outcome, reason = of.outcome()
	} else if !isForgotten {
		p.date(source, start)
		return
	}
	p.tally.AddPlace(ledger.Place{Stream: p.stream, Source: source, Undated: ledger.UndatedAs(outcome, reason),
		Records: 1})
}

// date adds a record whose window is known.
func (p *placing) date(source string, start int64) {
	if start < p.from || start >= p.until || source != p.source {
		p.flush()
		p.source, p.from = source, p.windows.PartitionOf(start)
		p.until = p.from + p.windows.PartitionSize().Milliseconds()
	}
	p.records++
}

func (p *placing) flush() {
	if p.records > 0 {
		p.tally.AddPlace(ledger.Place{Stream: p.stream, Source: p.source, Partition: p.from, Records: p.records})
	}
	p.records = 0
}
