package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"adtoorder/io/lake"
	"adtoorder/io/table"
	"adtoorder/io/warehouse"
	"adtoorder/io/window"
	"adtoorder/pipelines/command"
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
	// origin says, in files of the layout that it says; and the next run finds out which
	// ones are gone.
	for _, t := range r.targets {
		if err := r.announce(ctx, t); err != nil {
			return t.failed(err)
		}
	}
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

// announce has a target remember, before windows are removed, what a run that is killed
// meanwhile leaves to do: to forget, or to read files again that had rows in them.
func (r *run) announce(ctx context.Context, t target) error {
	if len(t.remove) == 0 {
		return nil
	}
	begun := t.origin
	if !r.forgets {
		windows := window.Policy{Size: t.stored.Window}
		begun = t.stored
		begun.Sources = slices.Clone(begun.Sources)
		for i := range begun.Sources {
			s := &begun.Sources[i]
			reaches := func(start int64) bool { return s.Reaches(windows.PartitionOf(start)) }
			if s.State == "" && slices.ContainsFunc(t.remove, reaches) {
				s.State = table.Begun
			}
		}
	}
	begun.Layout = t.stored.Layout
	return t.SetOrigin(ctx, begun)
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
	for i := range r.targets {
		t := &r.targets[i]
		if t.origin.Forgotten = t.stored.Forgotten; t.stored.Forgotten != nil {
			r.forgotten = max(r.forgotten, int64(t.stored.Forgotten.Before))
		}
	}
	switch {
	case r.Replace:
		return r.planReplace(ctx)
	case r.adds():
		return r.plan(ctx)
	case r.ForgetBefore > 0:
		return command.Refuse("forget_before", time.UnixMilli(r.ForgetBefore).UTC().Format(time.DateOnly),
			"is not for rows of live sources; remove old partitions of their lake and warehouse by hand")
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
