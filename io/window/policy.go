// Package window is the one home of windows: which window holds a time, when it has
// ended and when it has expired, and how a graph groups by windows and fires them.
// The transforms judge records by a Policy, the join, the ledger and the lake group by
// it, and pipelines/engine makes it from the flags.
package window

import (
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window/trigger"
)

// Policy says which windows a run counts in: fixed ones, aligned to the Unix epoch
// in UTC. All times are in milliseconds since the Unix epoch, and not negative.
type Policy struct {
	Size time.Duration // whole milliseconds
	// AllowedLateness is how long a window stays open for late records after its end.
	// It is 0 where all input is finished: nothing is late there, and with any Prism
	// computes every window twice.
	AllowedLateness time.Duration
	// Start is where an unbounded run was told to begin: windows that begin before it
	// may lack records, and are left out. 0 leaves out none.
	Start int64
	// From and Until bound the windows of finished files that a run counts: those that
	// start at From or later, and before Until. Both 0 bound nothing.
	From, Until int64
}

// StartOf returns the start of the window that holds a time.
func (p Policy) StartOf(t int64) int64 { return t - t%p.Size.Milliseconds() }

// EndOf returns the end of the window that holds a time, which is the start of the next.
func (p Policy) EndOf(t int64) int64 { return p.StartOf(t) + p.Size.Milliseconds() }

// LastOf returns the last millisecond of the window that holds a time. A sum that is
// emitted at that time is never earlier than what it is made of.
func (p Policy) LastOf(t int64) int64 { return p.EndOf(t) - 1 }

// Ended reports whether the window that holds a time is over at a watermark. What
// comes then is late.
func (p Policy) Ended(t, watermark int64) bool { return watermark >= p.EndOf(t) }

// Expired reports whether the window that holds a time is no longer open for late
// records at a watermark. A runner drops what comes then.
func (p Policy) Expired(t, watermark int64) bool {
	return watermark >= p.EndOf(t)+p.AllowedLateness.Milliseconds()
}

// BeforeStart reports whether the window that holds a time begins before Start.
func (p Policy) BeforeStart(t int64) bool { return p.StartOf(t) < p.Start }

// Holds reports whether a run counts the window that starts at a time: what of finished
// files is accounted for in another one is left to another run.
func (p Policy) Holds(start int64) bool {
	return p.From == 0 && p.Until == 0 || start >= p.From && start < p.Until
}

// Into assigns elements to their windows. Panes accumulate, so each holds all that
// its window has, and results only grow. Without allowed lateness a window fires once,
// at its end. With any, it fires at its end, as long as early after its first element
// before that, and at each late element: Prism's default trigger would hold
// corrections back until the window expires.
func (p Policy) Into(s beam.Scope, elements beam.PCollection, early time.Duration) beam.PCollection {
	options := []beam.WindowIntoOption{beam.AllowedLateness(p.AllowedLateness), beam.PanesAccumulate()}
	if p.AllowedLateness > 0 {
		options = append(options, beam.Trigger(trigger.AfterEndOfWindow().
			EarlyFiring(trigger.AfterProcessingTime().PlusDelay(early)).
			LateFiring(trigger.AfterCount(1))))
	}
	return beam.WindowInto(s, window.NewFixedWindows(p.Size), elements, options...)
}

// Bounds returns the start and the end of a pane's window, as a DoFn is given it.
func Bounds(w beam.Window) (start, end int64) {
	in := w.(window.IntervalWindow)
	return in.Start.Milliseconds(), in.End.Milliseconds()
}
