package ledger

import (
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
func (t *Tally) Add(window int64, e Entry) {
	if t.counts == nil {
		t.counts = map[booking]int64{}
	}
	t.counts[booking{window, e}]++
}

// Flush emits the counts, each at its window's start, and forgets them.
func (t *Tally) Flush(emit func(beam.EventTime, Entry, int64)) {
	for b, n := range t.counts {
		emit(mtime.FromMilliseconds(b.window), b.entry, n)
	}
	t.counts = nil
}
