package event

import (
	"adtoorder/io/window"
	"adtoorder/transforms/ledger"
)

// undated reports whether no time of a record is known, or one at which nothing but that it is
// malformed is known of it.
func (p parsed) undated() bool { return p.time == 0 && p.reason != "" && !p.filtered() }

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
	undated := ""
	switch {
	case of.undated():
		undated = of.reason
	case isForgotten:
		undated = ledger.BeforeStart
	}
	if undated != "" {
		p.tally.AddPlace(ledger.Place{Stream: p.stream, Source: source, Undated: undated, Records: 1})
		return
	}
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
