package engine

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"adtoorder/io/lake"
	"adtoorder/io/table"
	"adtoorder/io/warehouse"
	"adtoorder/io/window"
	"adtoorder/pipelines/command"
	"adtoorder/transforms/ledger"
)

// store is what keeps rows, as far as it has to be made ready for a run.
type store interface {
	// Origin returns what the rows that are there were made from.
	Origin(context.Context) (table.Origin, error)
	SetOrigin(context.Context, table.Origin) error
	// Windows returns the starts of the windows that have rows, in order, in
	// milliseconds since the Unix epoch.
	Windows(context.Context) ([]int64, error)
	RemoveWindows(ctx context.Context, starts []int64) error
}

// target is a store and the flag that names it.
type target struct {
	store
	flag, value string
	stored      table.Origin // of the rows that are there
	origin      table.Origin // of its rows, once the run is over
	remove      []int64      // starts of the windows to remove before
}

// prepare makes the lake and the warehouse ready for a run, or says why they
// can't take it: then no row has changed.
func (r *run) prepare(ctx context.Context) error {
	r.targets = []target{{store: lakeStore{r.Lake}, flag: "lake", value: r.Lake.Dir, origin: r.origin(r.Lake.Format)}}
	r.targets[0].origin.Layout = lake.Layout
	if r.Warehouse != nil {
		r.targets = append(r.targets, target{store: warehouseStore{r.Warehouse}, flag: "warehouse",
			value: r.Warehouse.String(), origin: r.origin("")})
	}
	if err := r.check(ctx); err != nil {
		return err
	}
	former := r.targets[0].stored
	if r.addsNothing() && former.Layout == lake.Layout {
		return nil
	}
	if err := r.Lake.Sweep(ctx, Datasets()); err != nil {
		return err
	}
	if _, err := r.Lake.TakeNotes(ctx); err != nil { // of a run that was killed
		return err
	}
	// In this order a run that is killed here leaves rows that come from what their
	// origin says, in files of the layout that it says.
	for _, t := range r.targets {
		if err := t.RemoveWindows(ctx, t.remove); err != nil {
			return t.failed(err)
		}
	}
	if former.Layout != lake.Layout {
		windows := window.Policy{Size: cmp.Or(former.Window, r.Window)}
		if err := r.Lake.Fold(ctx, Datasets(), windows); err != nil {
			return r.targets[0].failed(err)
		}
	}
	for _, t := range r.targets {
		if err := t.SetOrigin(ctx, t.origin); err != nil {
			return t.failed(err)
		}
	}
	return nil
}

// check says whether the targets can take the run's rows, and plans what has to go, or to
// be read besides.
func (r *run) check(ctx context.Context) (err error) {
	for i := range r.targets {
		t := &r.targets[i]
		if t.stored, err = t.Origin(ctx); err != nil {
			return t.refuse(fmt.Sprintf("can't be read (%v); give another, or repair it", err))
		}
	}
	switch {
	case r.Replace:
		return r.planReplace(ctx)
	case r.adds():
		return r.plan(ctx)
	}
	for _, t := range r.targets {
		if missing := t.origin.Missing(t.stored); missing != "" {
			return t.refuse(missing + instead + t.flag)
		}
	}
	return nil
}

const instead = "; give --replace to put this run's windows in place of those, or another --"

func (t target) failed(err error) error {
	return fmt.Errorf("preparing --%s=%s: %w", t.flag, t.value, err)
}

func (t target) refuse(problem string) error { return command.Refuse(t.flag, t.value, problem) }

// planReplace finds out which windows have to go: those that the run covers, which
// reading all of its input tells.
func (r *run) planReplace(ctx context.Context) error {
	covered := sync.OnceValues(func() (map[int64]bool, error) { return r.covered(ctx) })
	for i := range r.targets {
		if err := r.targets[i].planReplace(ctx, r.Options, covered); err != nil {
			return err
		}
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
func (t *target) planReplace(ctx context.Context, o Options, covered func() (map[int64]bool, error)) error {
	for i := range t.origin.Sources {
		t.origin.Sources[i].State = table.Begun
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
	t.origin = t.origin.With(table.Origin{Sources: remaining(t.stored.Sources, t.remove, stay, o.Windows())})
	return nil
}

// remaining returns the remembered files that still have rows where windows go and others
// stay. Of those of which rows may be missing it is remembered where some may be.
func remaining(stored []table.Source, removed, stay []int64, windows window.Policy) (all []table.Source) {
	for _, s := range stored {
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
		switch {
		case len(stays.Reached) == 0:
			continue
		case s.State != "" || s.Found == nil || len(s.Found.Undated) > 0 || len(reached(removed).Reached) > 0:
			s.State, s.Found = table.Replaced, stays
		}
		all = append(all, s)
	}
	return all
}

// lakeStore is the lake as a store.
type lakeStore struct{ lake.Lake }

// Windows implements store.
func (l lakeStore) Windows(ctx context.Context) ([]int64, error) {
	return l.Lake.Windows(ctx, Datasets())
}

// RemoveWindows implements store.
func (l lakeStore) RemoveWindows(ctx context.Context, starts []int64) error {
	return l.Lake.RemoveWindows(ctx, Datasets(), starts)
}

// warehouseStore is the warehouse as a store.
type warehouseStore struct{ warehouse.Warehouse }

// Origin makes the tables where they are not there yet: the first look at a
// warehouse is also where a URI that is none is found out.
func (w warehouseStore) Origin(ctx context.Context) (table.Origin, error) {
	if err := w.Create(ctx, Tables, Views); err != nil {
		return table.Origin{}, err
	}
	return w.Warehouse.Origin(ctx)
}

// Windows implements store.
func (w warehouseStore) Windows(ctx context.Context) ([]int64, error) {
	return warehouse.Windows(ctx, w.Warehouse, Tables)
}

// RemoveWindows implements store.
func (w warehouseStore) RemoveWindows(ctx context.Context, starts []int64) error {
	return w.Warehouse.RemoveWindows(ctx, Tables, starts)
}

// overlaps reports whether an old window overlaps one of those that start at covered.
func overlaps(covered map[int64]bool, windows window.Policy, start int64, oldSize time.Duration) bool {
	end := start + oldSize.Milliseconds()
	for at := windows.StartOf(start); at < end; at = windows.EndOf(at) {
		if covered[at] {
			return true
		}
	}
	return false
}

// covered reads the input and returns the starts of the windows that the run
// will write, in milliseconds since the Unix epoch.
func (r *run) covered(ctx context.Context) (map[int64]bool, error) {
	windows := map[int64]bool{0: true} // the ledger books what was read there
	err := lookThrough(ctx, r.parts(), timesIn(r.Windows().StartOf), func(_ int, found map[int64]int64) {
		for start := range found {
			windows[start] = true
		}
	})
	return windows, err
}
