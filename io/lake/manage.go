package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
)

// Sweep removes the temporary files that a killed run left behind. In a bucket
// there are none.
func (l Lake) Sweep(ctx context.Context) error {
	if remote(l.Dir) {
		return nil
	}
	if err := l.remove(ctx, l.Dir+"/."+path.Base(l.originFile())+".*", temporary); err != nil {
		return err
	}
	return l.remove(ctx, l.files("*"), temporary)
}

// Has tells whether there is any file of a dataset. It looks for no more than one.
func (l Lake) Has(ctx context.Context, dataset string) (bool, error) {
	s, err := openStore(ctx, l.Dir)
	if err != nil {
		return false, err
	}
	defer s.Close()
	return s.has(ctx, l.Dir+"/"+dataset+"/", "."+l.Format)
}

// Windows returns the starts of the windows that any dataset has a file of, in
// order, in milliseconds since the Unix epoch.
func (l Lake) Windows(ctx context.Context) ([]int64, error) {
	files, err := l.list(ctx, "*")
	if err != nil {
		return nil, err
	}
	var starts []int64
	for _, file := range files {
		if start, err := startOf(file); err == nil {
			starts = append(starts, start)
		}
	}
	slices.Sort(starts)
	return slices.Compact(starts), nil
}

// RemoveWindows removes all files of windows, which are given by their starts.
func (l Lake) RemoveWindows(ctx context.Context, starts []int64) error {
	if len(starts) == 0 {
		return nil
	}
	chosen := map[int64]bool{}
	for _, start := range starts {
		chosen[start] = true
	}
	return l.remove(ctx, l.files("*"), func(file string) bool {
		start, err := startOf(file)
		return err == nil && chosen[start]
	})
}

// remove removes the files of a pattern that a function chooses.
func (l Lake) remove(ctx context.Context, pattern string, chosen func(file string) bool) error {
	store, err := filesystem.New(ctx, l.Dir)
	if err != nil {
		return err
	}
	defer store.Close()
	files, err := store.List(ctx, pattern)
	if err != nil {
		return fmt.Errorf("listing %s: %w", pattern, err)
	}
	for _, file := range files {
		if !chosen(file) {
			continue
		}
		err := store.(filesystem.Remover).Remove(ctx, file)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing %s: %w", file, err)
		}
	}
	return nil
}

// list returns all files of a dataset, or of all (*), temporary ones included.
func (l Lake) list(ctx context.Context, dataset string) ([]string, error) {
	store, err := filesystem.New(ctx, l.Dir)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	files, err := store.List(ctx, l.files(dataset))
	if err != nil {
		return nil, fmt.Errorf("listing %s/%s: %w", l.Dir, dataset, err)
	}
	return files, nil
}

// files is the pattern of a dataset's files, temporary ones included.
func (l Lake) files(dataset string) string {
	return l.Dir + "/" + dataset + "/year=*/month=*/day=*/hour=*/*"
}

// temporary tells a file that is being written, or was when a run was killed.
func temporary(file string) bool { return strings.HasPrefix(path.Base(file), ".") }

// startOf returns the window's start that a file is named after, in
// milliseconds since the Unix epoch.
func startOf(file string) (int64, error) {
	name, _, _ := strings.Cut(path.Base(file), "-")
	t, err := time.Parse(startLayout, name)
	return t.UnixMilli(), err
}
