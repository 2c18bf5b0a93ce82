package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
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
	targets := []target{{store: lakeStore{r.Lake}, flag: "lake", value: r.Lake.Dir, origin: r.origin(r.Lake.Format)}}
	targets[0].origin.Layout = lake.Layout
	if r.Warehouse != nil {
		targets = append(targets, target{store: warehouseStore{r.Warehouse}, flag: "warehouse",
			value: r.Warehouse.String(), origin: r.origin("")})
	}
	covered := sync.OnceValues(func() (map[int64]bool, error) { return r.covered(ctx) })
	for i := range targets {
		if err := targets[i].plan(ctx, r.Options, covered); err != nil {
			return err
		}
	}
	if err := r.Lake.Sweep(ctx, Datasets()); err != nil {
		return err
	}
	// In this order a run that is killed here leaves rows that come from what their
	// origin says, in files of the layout that it says.
	for _, t := range targets {
		if err := t.RemoveWindows(ctx, t.remove); err != nil {
			return t.failed(err)
		}
	}
	if t := targets[0]; t.stored.Layout != lake.Layout {
		windows := window.Policy{Size: cmp.Or(t.stored.Window, r.Window)}
		if err := r.Lake.Fold(ctx, Datasets(), windows); err != nil {
			return t.failed(err)
		}
	}
	for _, t := range targets {
		if err := t.SetOrigin(ctx, t.origin); err != nil {
			return t.failed(err)
		}
	}
	return nil
}

func (t target) failed(err error) error {
	return fmt.Errorf("preparing --%s=%s: %w", t.flag, t.value, err)
}

// plan checks whether a target can take the run's rows, and what has to go:
// windows that the run covers, which reading all of its input tells.
func (t *target) plan(ctx context.Context, o Options, covered func() (map[int64]bool, error)) error {
	var err error
	if t.stored, err = t.Origin(ctx); err != nil {
		return command.Refuse(t.flag, t.value, fmt.Sprintf("can't be read (%v); give another, or repair it", err))
	}
	missing := t.origin.Missing(t.stored)
	if !o.Replace {
		if missing != "" {
			return command.Refuse(t.flag, t.value, missing+
				"; give --replace to put this run's windows in place of those, or another --"+t.flag)
		}
		return nil
	}
	starts, err := t.Windows(ctx)
	if err != nil || len(starts) == 0 {
		return err
	}
	windows, err := covered()
	if err != nil {
		return err
	}
	t.remove = slices.DeleteFunc(slices.Clone(starts), func(start int64) bool {
		return !overlaps(windows, o.Windows(), start, t.stored.Window)
	})
	if len(t.remove) == len(starts) {
		return nil
	}
	if t.stored.Window != o.Window || t.stored.Format != t.origin.Format ||
		!maps.Equal(t.stored.Flags, t.origin.Flags) {
		return command.Refuse(t.flag, t.value,
			missing+", and some that this run does not cover; give another --"+t.flag)
	}
	t.origin = t.origin.With(t.stored)
	return nil
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
	err := r.lookThrough(ctx, r.parts(), r.Windows().StartOf, func(_ int, found map[int64]int64) {
		for start := range found {
			windows[start] = true
		}
	})
	return windows, err
}
