package lake

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"
	"time"

	"adtoorder/io/storage"
)

// Sweep removes the temporary files that a killed run left behind. In a bucket
// there are none.
func (l Lake) Sweep(ctx context.Context) error {
	if !storage.IsLocal(l.Dir) {
		return nil
	}
	if err := l.remove(ctx, l.Dir+"/."+path.Base(l.originFile())+".*", storage.IsTemporary); err != nil {
		return err
	}
	return l.remove(ctx, l.files("*"), storage.IsTemporary)
}

// Has reports whether there is any file of a dataset. It looks for no more than one.
func (l Lake) Has(ctx context.Context, dataset string) (bool, error) {
	var s storage.Storage
	defer s.Close()
	for file, err := range list(ctx, &s, l.Dir+"/"+dataset+"/**") {
		if err != nil || strings.HasSuffix(file, "."+l.Format) && !storage.IsTemporary(file) {
			return err == nil, err
		}
	}
	return false, nil
}

// Windows returns the starts of the windows that any dataset has a file of, in
// order, in milliseconds since the Unix epoch.
func (l Lake) Windows(ctx context.Context) (starts []int64, err error) {
	var s storage.Storage
	defer s.Close()
	for file, err := range list(ctx, &s, l.files("*")) {
		if err != nil {
			return nil, err
		}
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
	var s storage.Storage
	defer s.Close()
	for file, err := range list(ctx, &s, pattern) {
		if err == nil && chosen(file) {
			err = s.Remove(ctx, file)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// list lists the files of a pattern. A lake that is not there yet has none.
func list(ctx context.Context, s *storage.Storage, pattern string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for o, err := range s.List(ctx, pattern, nil) {
			if errors.Is(err, fs.ErrNotExist) || !yield(o.Name, err) {
				return
			}
		}
	}
}

// files is the pattern of a dataset's files, temporary ones included.
func (l Lake) files(dataset string) string {
	return l.Dir + "/" + dataset + "/year=*/month=*/day=*/hour=*/*"
}

// startOf returns the window's start that a file is named after, in
// milliseconds since the Unix epoch.
func startOf(file string) (int64, error) {
	name, _, _ := strings.Cut(path.Base(file), "-")
	t, err := time.Parse(startLayout, name)
	return t.UnixMilli(), err
}
