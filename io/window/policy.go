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
	// Group is how much event time the join and the ledger group at once; 0 for a Size.
	// Windows are grouped by their starts. Finished input takes an hour or more, since a
	// grouping costs by the number of its groups; an unbounded one a Size, since rows are
	// wanted when their window ends.
	Group time.Duration
	// Keys is how many keys the promotions of a group are spread over, each of which is
	// worked on as a whole; 0 for a key a promotion, so that what comes late to one
	// fires none of the others, as it has to be where results are wanted before all input
	// is there.
	Keys int
	// From and Until bound the windows of finished files that a run counts: those that
	// start at From or later, and before Until. Both 0 bound nothing.
	From, Until int64
	// Forgotten is where the windows begin that are kept: records of finished files that
	// are of an earlier one are left out. 0 leaves out none.
	Forgotten int64
	// AnyTrigger says that the runner takes any trigger for early panes, as Prism does:
	// they get rarer as a window ages. Flink refuses all but once triggers.
	AnyTrigger bool
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

// AccountedAt returns the time at which a record of a finished file is accounted for: its
// own, or 0 where its window is not kept.
func (p Policy) AccountedAt(t int64) int64 {
	if p.StartOf(t) < p.Forgotten {
		return 0
	}
	return t
}

// group is the size of the groups that Into makes.
func (p Policy) group() time.Duration { return max(p.Group, p.Size) }

// StampOf returns the time at which what was counted in the window that holds a time
// goes to be grouped, the same for all windows of a group. Where a group is one window,
// that is its last millisecond, which is never earlier than what was counted; in a
// longer group its start, since its last window may end in the next.
func (p Policy) StampOf(t int64) int64 {
	if p.group() == p.Size {
		return p.LastOf(t)
	}
	start := p.StartOf(t)
	return start - start%p.group().Milliseconds()
}

// Holds reports whether a run counts the window that starts at a time: what of finished
// files is accounted for in another one is left to another run.
func (p Policy) Holds(start int64) bool {
	return p.From == 0 && p.Until == 0 || start >= p.From && start < p.Until
}

// Into assigns elements to the groups that hold their times. Panes accumulate, so each
// holds all that its group has, and results only grow. Without allowed lateness a group
// fires once, at its end. With any, it fires at its end, as long as early after its
// first element before that, and for late elements: Prism's default trigger would hold
// corrections back until the group expires.
func (p Policy) Into(s beam.Scope, elements beam.PCollection, early time.Duration) beam.PCollection {
	options := []beam.WindowIntoOption{beam.AllowedLateness(p.AllowedLateness), beam.PanesAccumulate()}
	switch {
	case p.AllowedLateness == 0:
	case p.AnyTrigger:
		options = append(options, firing(p.rarer(early), lateTogether))
	default:
		options = append(options, firing(after(early), lateTogether))
	}
	return beam.WindowInto(s, window.NewFixedWindows(p.group()), elements, options...)
}

// lateTogether is for how long late elements are gathered, since an accumulated pane
// costs by all that its group has.
const lateTogether = time.Second

// firing is the trigger of unbounded input.
func firing(early trigger.Trigger, late time.Duration) beam.WindowIntoOption {
	return beam.Trigger(trigger.AfterEndOfWindow().EarlyFiring(early).LateFiring(after(late)))
}

// after fires so long after the first element of a pane.
func after(delay time.Duration) trigger.Trigger {
	return trigger.AfterProcessingTime().PlusDelay(delay)
}

// What rarer's panes are apart: at most, and at least once the window must be over.
const (
	rarest  = 32 * time.Second
	overdue = 2 * time.Second
)

// rarer fires early panes when a window is early old, and twice, four times and so on as
// old as that, until it must be over or panes would be more than rarest apart; in a long
// window as long as early after what is new from there. In Prism (2.77) a window whose
// panes accumulate has its elements pending until it expires, which holds its watermark
// back: what comes late fires as if it were early, too, and must not wait for long.
func (p Policy) rarer(early time.Duration) trigger.Trigger {
	delays := []trigger.Trigger{after(early)}
	age := early
	for ; age < p.Size && age <= rarest; age *= 2 {
		delays = append(delays, after(age))
	}
	if age >= p.Size {
		early = overdue
	}
	return trigger.AfterEach(append(delays, trigger.Repeat(after(early))))
}

// unbounded reports whether results are wanted before all input is there.
func (p Policy) unbounded() bool { return p.Keys == 0 }

// Partition is how much event time a partition of files holds at least.
const Partition = time.Hour

// PartitionSize is the size of the partitions that IntoPartitions makes.
func (p Policy) PartitionSize() time.Duration { return max(Partition, p.Size) }

// PartitionOf returns the start of the partition that holds the start of a window.
func (p Policy) PartitionOf(start int64) int64 { return start - start%p.PartitionSize().Milliseconds() }

// IntoPartitions assigns rows, each at its window's start, to the partitions of files:
// hours, or windows that are longer. Of finished input a partition fires once, at its
// end; otherwise at its end, too, and a delay after the first row of each pane before
// and after that. A pane has only what is new, since files merge with what is there, and
// an hour has many panes. Rows may come later than their partition's end by what their
// window ends after it, and by the allowed lateness.
func (p Policy) IntoPartitions(s beam.Scope, rows beam.PCollection, delay time.Duration) beam.PCollection {
	options := []beam.WindowIntoOption{beam.PanesDiscard()}
	if p.unbounded() {
		options = append(options, beam.AllowedLateness(p.AllowedLateness+p.Size), firing(after(delay), delay))
	}
	return beam.WindowInto(s, window.NewFixedWindows(p.PartitionSize()), rows, options...)
}

// Bounds returns the start and the end of a pane's window, as a DoFn is given it.
func Bounds(w beam.Window) (start, end int64) {
	in := w.(window.IntervalWindow)
	return in.Start.Milliseconds(), in.End.Milliseconds()
}
