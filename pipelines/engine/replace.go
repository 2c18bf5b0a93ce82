package engine

import (
	"context"
	"slices"
	"sync"
	"time"

	"adtoorder/io/table"
	"adtoorder/io/window"
	"adtoorder/transforms/ledger"
)

// planReplace finds out which windows have to go: those that the run covers, which
// reading all of its input tells.
func (r *run) planReplace(ctx context.Context) error {
	covered := sync.OnceValues(func() (map[int64]counts, error) { return r.covered(ctx) })
	for i := range r.targets {
		if err := r.targets[i].planReplace(ctx, r.Options, covered); err != nil {
			return err
		}
	}
	lost := r.targets[0]
	windows, err := covered()
	if err == nil && len(lost.remove) > 0 {
		err = r.tell(ctx, lost.remove, windows, lost.stored.Window == r.Window)
	}
	if err != nil {
		return err
	}
	// The window in which both were booked goes.
	read := map[string]int64{}
	for _, s := range r.targets[0].origin.Sources {
		if s.State == "" {
			read[s.Stream] += s.Found.Records
		}
	}
	for stream, n := range read {
		entry := ledger.Entry{Stream: stream, Outcome: ledger.Read}
		r.kept = append(r.kept, ledger.Booking{Entry: entry, Records: n})
	}
	return nil
}

// planReplace is of one target.
func (t *target) planReplace(ctx context.Context, o Options, covered func() (map[int64]counts, error)) error {
	for i := range t.origin.Sources {
		t.origin.Sources[i].State = table.Begun
	}
	if t.origin.Forgotten != nil { // what files had that are no longer remembered goes with the window of 1970
		t.origin.Forgotten = &table.Forgotten{Before: t.stored.Forgotten.Before}
	}
	starts, err := t.Windows(ctx)
	if err != nil || len(starts) == 0 {
		return err
	}
	windows, err := covered()
	if err != nil {
		return err
	}
	var stay []int64
	for _, start := range starts {
		if overlaps(windows, o.Windows(), start, t.stored.Window) {
			t.remove = append(t.remove, start)
		} else {
			stay = append(stay, start)
		}
	}
	if len(stay) == 0 {
		return nil
	}
	if differs := t.origin.Differs(t.stored); differs != "" {
		return t.refuse(differs + ", and some that this run does not cover; give another --" + t.flag)
	}
	t.origin = t.origin.With(table.Origin{Sources: t.remaining(stay, o.Windows())})
	return nil
}

// remaining returns the remembered files that still have rows where windows go and others
// stay. Of those of which rows may be missing it is remembered where some may be; and of
// those in whose place the run has others of their names, since nobody can read them again.
func (t *target) remaining(stay []int64, windows window.Policy) (all []table.Source) {
	for _, s := range t.stored.Sources {
		reached := func(starts []int64) *table.Found {
			in := places{partitions: map[int64]int64{}}
			for _, start := range starts {
				if p := windows.PartitionOf(start); s.Reaches(p) {
					in.partitions[p] = 0
				}
			}
			return in.found(windows.PartitionSize())
		}
		stays := reached(stay)
		isOther := func(given table.Source) bool { return s.Names(given) && !s.Same(given) }
		switch {
		case len(stays.Reached) == 0:
			continue
		case s.State != "" || s.Found == nil || len(s.Found.Undated) > 0 || len(reached(t.remove).Reached) > 0 ||
			slices.ContainsFunc(t.origin.Sources, isOther):
			s.State, s.Found = table.Replaced, stays
		}
		all = append(all, s)
	}
	return all
}

// overlaps reports whether an old window overlaps one of those that start at covered.
func overlaps(covered map[int64]counts, windows window.Policy, start int64, oldSize time.Duration) bool {
	end := start + oldSize.Milliseconds()
	for at := windows.StartOf(start); at < end; at = windows.EndOf(at) {
		if _, is := covered[at]; is {
			return true
		}
	}
	return false
}
