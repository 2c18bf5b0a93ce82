package partitionio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"adtoorder/io/table"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"golang.org/x/sync/errgroup"
)

// Sweep removes the temporary files that a killed run left behind.
func (l Lake) Sweep(ctx context.Context) error {
	if err := l.remove(ctx, l.Dir+"/."+path.Base(l.originFile())+".*", temporary); err != nil {
		return err
	}
	return l.remove(ctx, l.files("*"), temporary)
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

// Each calls a function with the rows of each file of a dataset: one call at a
// time, the files in no order.
func Each[T any](ctx context.Context, lake Lake, dataset string, do func([]T)) error {
	files, err := lake.list(ctx, dataset)
	if err != nil {
		return err
	}
	var readers errgroup.Group
	readers.SetLimit(runtime.GOMAXPROCS(0))
	var calling sync.Mutex
	for _, file := range slices.DeleteFunc(files, temporary) {
		readers.Go(func() error {
			content, err := read(ctx, file)
			if err != nil {
				return err
			}
			rows, err := decode[T](strings.TrimPrefix(path.Ext(file), "."), content)
			if err != nil {
				return fmt.Errorf("reading %s: %w", file, err)
			}
			calling.Lock()
			defer calling.Unlock()
			do(rows)
			return nil
		})
	}
	return readers.Wait()
}

func (l Lake) originFile() string { return l.Dir + "/.origin.json" }

// Origin returns what the lake's rows were made from; the zero Origin where
// there are none.
func (l Lake) Origin(ctx context.Context) (table.Origin, error) {
	var origin table.Origin
	content, err := read(ctx, l.originFile())
	if err != nil || content == nil {
		return origin, err
	}
	if err := json.Unmarshal(content, &origin); err != nil {
		return origin, fmt.Errorf("reading %s: %w", l.originFile(), err)
	}
	return origin, nil
}

// SetOrigin remembers what the lake's rows are made from.
func (l Lake) SetOrigin(ctx context.Context, origin table.Origin) error {
	content, err := json.MarshalIndent(origin, "", "  ")
	if err != nil {
		return err
	}
	return replace(ctx, l.originFile(), append(content, '\n'))
}
