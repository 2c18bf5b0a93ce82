package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"

	"adtoorder/io/progress"
	"adtoorder/io/storage"
	"adtoorder/io/table"
	"adtoorder/io/window"
)

// windows returns the windows of the rows that are there. There are none where no run
// has written.
func (l Lake) windows(ctx context.Context) (p window.Policy, any bool, err error) {
	origin, err := l.Origin(ctx)
	return window.Policy{Size: origin.Window}, origin.Window > 0, err
}

// Windows returns the starts of the windows that any dataset has rows of, in order, in
// milliseconds since the Unix epoch. A file that can't be read counts for all that it
// may have, so that it can be removed.
func (l Lake) Windows(ctx context.Context, datasets []Dataset) ([]int64, error) {
	windows, any, err := l.windows(ctx)
	if err != nil || !any {
		return nil, err
	}
	starts := map[int64]bool{}
	var mu sync.Mutex
	err = l.each(ctx, datasets, func(ctx context.Context, s *storage.Storage, d Dataset, f file) error {
		found, err := startsIn(ctx, s, f, d.Table.Time, windows)
		mu.Lock()
		defer mu.Unlock()
		maps.Copy(starts, found)
		return err
	})
	return slices.Sorted(maps.Keys(starts)), err
}

// startsIn returns the starts of the windows of a file, by a column of times.
func startsIn(
	ctx context.Context, s *storage.Storage, f file, column string, windows window.Policy,
) (map[int64]bool, error) {
	starts := map[int64]bool{}
	content, err := s.Read(ctx, f.name)
	if err != nil || content == nil {
		return nil, err
	}
	found, err := times(f.format, content, column)
	if err == nil {
		for _, t := range found {
			starts[windows.StartOf(int64(t))] = true
		}
		return starts, nil
	}
	if f.former {
		return map[int64]bool{f.start: true}, nil
	}
	first := windows.StartOf(f.start + windows.Size.Milliseconds() - 1)
	for at := first; windows.PartitionOf(at) == f.start; at = windows.EndOf(at) {
		starts[at] = true
	}
	return starts, nil
}

// RemoveWindows removes all rows of windows, which are given by their starts. Each file
// loses its own at once, and is removed where none stays, or where it may have some and
// can't be read.
func (l Lake) RemoveWindows(ctx context.Context, datasets []Dataset, starts []int64) error {
	if len(starts) == 0 {
		return nil
	}
	windows, any, err := l.windows(ctx)
	if err != nil || !any {
		return err
	}
	chosen, partitions := map[int64]bool{}, map[int64]bool{}
	for _, start := range starts {
		chosen[start], partitions[windows.PartitionOf(start)] = true, true
	}
	isChosen := func(t table.Time) bool { return chosen[windows.StartOf(int64(t))] }
	return l.each(ctx, datasets, func(ctx context.Context, s *storage.Storage, d Dataset, f file) error {
		if !partitions[windows.PartitionOf(f.start)] {
			return nil
		}
		return removeRows(ctx, s, d, f, isChosen)
	})
}

// removeRows removes the rows of a file whose times a function chooses.
func removeRows(
	ctx context.Context, s *storage.Storage, d Dataset, f file, chosen func(table.Time) bool,
) error {
	whole := false // whether no row stays
	err := s.Update(ctx, f.name, func(there []byte) (content []byte, err error) {
		if there == nil {
			return nil, fs.ErrNotExist // it was removed since it was listed
		}
		content, err = d.rows.without(f, there, d.Table.Time, chosen)
		if damaged := new(damage); errors.As(err, &damaged) {
			progress.Problem(ctx, fmt.Sprintf("removing %s, since it %v", f.name, damaged.cause))
			content, err = nil, nil
		}
		if whole = err == nil && content == nil; whole {
			return there, nil
		}
		return content, err
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil && whole:
		return s.Remove(ctx, f.name)
	}
	return err
}
