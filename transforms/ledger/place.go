package ledger

import "strings"

// placed is the outcome of an Entry that is on no balance sheet: it says of the records
// of a finished file in which partition of files they are accounted for.
const placed = "placed"

// Place is where records of a finished file are accounted for.
type Place struct {
	Stream, Source string
	Partition      int64 // start, milliseconds since the Unix epoch
	// Undated is what they are booked as, in 1970 and nowhere else, since they are no events
	// and no time of theirs is known, or since they are BeforeStart: see UndatedAs; "" of others.
	Undated string
	Records int64
}

// AddPlace books where records are accounted for. A run sums that up with what else is
// booked, so that each file and partition has one row in the end.
func (t *Tally) AddPlace(p Place) {
	t.add(p.Partition, Entry{p.Stream, placed, p.Source + "\n" + p.Undated}, p.Records)
}

// Places returns where the tally says that records are accounted for.
func (t *Tally) Places() (all []Place) {
	for b, n := range t.counts {
		if p, ok := placeOf(b.window, b.entry, n); ok {
			all = append(all, p)
		}
	}
	return all
}

// Place reports whether the row says where records are accounted for, and where that is.
func (r Row) Place() (p Place, ok bool) { return placeOf(r.WindowStart, r.Entry, r.Records) }

func placeOf(partition int64, e Entry, records int64) (p Place, ok bool) {
	if e.Outcome != placed {
		return p, false
	}
	end := strings.LastIndexByte(e.Reason, '\n')
	return Place{e.Stream, e.Reason[:end], partition, e.Reason[end+1:], records}, true
}

// UndatedAs says in one text, as Place.Undated does, what records are booked as: of malformed
// ones it is the reason.
func UndatedAs(outcome, reason string) string {
	switch outcome {
	case Malformed:
		return reason
	case Filtered:
		return filteredFor + reason
	}
	return outcome
}

const filteredFor = Filtered + "/"

// Undated returns the entry that records are on the ledger by, given UndatedAs.
func Undated(stream, as string) Entry {
	if reason, ok := strings.CutPrefix(as, filteredFor); ok {
		return Entry{Stream: stream, Outcome: Filtered, Reason: reason}
	}
	if as == BeforeStart || as == NotPromotion {
		return Entry{Stream: stream, Outcome: as}
	}
	return Entry{Stream: stream, Outcome: Malformed, Reason: as}
}
