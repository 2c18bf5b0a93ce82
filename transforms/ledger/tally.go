package ledger

import (
	"iter"

	"adtoorder/io/window"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
)

// Tally adds up a bundle's records by window and entry, so that a few counts
// are shuffled instead of the records.
type Tally struct {
	counts map[booking]int64
}

type booking struct {
	window int64 // start, milliseconds since the Unix epoch
	entry  Entry
}

// Add books a record in the window that starts at a time, in milliseconds since
// the Unix epoch.
func (t *Tally) Add(window int64, e Entry) { t.add(window, e, 1) }

func (t *Tally) add(window int64, e Entry, records int64) {
	if t.counts == nil {
		t.counts = map[booking]int64{}
	}
	t.counts[booking{window, e}] += records
}

// Entries returns how many records were booked by each entry in a window, each window's
// one after another.
func (t *Tally) Entries() iter.Seq2[Entry, int64] {
	return func(yield func(Entry, int64) bool) {
		for b, n := range t.counts {
			if !yield(b.entry, n) {
				return
			}
		}
	}
}

// Windows returns the starts of the windows in which records were booked, some several times.
func (t *Tally) Windows() iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for b := range t.counts {
			if !yield(b.window) {
				return
			}
		}
	}
}

// Merge adds another tally.
func (t *Tally) Merge(other Tally) {
	for b, n := range other.counts {
		t.add(b.window, b.entry, n)
	}
}

// Flush emits a stream's counts, those of a group of windows together, and forgets them.
func (t *Tally) Flush(windows window.Policy, stream string, emit func(beam.EventTime, string, Bookings)) {
	groups := map[int64][]Booking{}
	for b, n := range t.counts {
		stamp := windows.StampOf(b.window)
		groups[stamp] = append(groups[stamp], Booking{b.window, b.entry, n})
	}
	for stamp, counts := range groups {
		emit(mtime.FromMilliseconds(stamp), stream, Bookings{counts})
	}
	t.counts = nil
}
