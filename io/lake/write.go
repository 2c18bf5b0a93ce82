package lake

import (
	"context"
	"strconv"
	"strings"
	"time"

	"adtoorder/io/dofn"
	"adtoorder/io/progress"
	"adtoorder/io/table"
	"adtoorder/io/window"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"golang.org/x/sync/errgroup"
)

// Register registers a type of rows to be written. It is called in an init.
func Register[T any]() {
	dofn.Each3x2((*keyFn[T]).ProcessElement)
	dofn.Batchwise(&writeFn[T]{})
	register.Iter1[T]()
}

func init() { register.Emitter1[string]() }

// Write writes rows to a dataset, one file per window and shard, and returns the
// files' names, each time that one is written.
//
//	PCollection<KV<shard, T>> -> PCollection<string>
//
// The rows of a shard are held in memory together. windows are those of the rows:
// with allowed lateness, files appear a second after their first rows and again with
// every correction.
func Write[T any](s beam.Scope, lake Lake, dataset string, windows window.Policy, rows beam.PCollection) beam.PCollection {
	s = s.Scope("lake.Write." + dataset)
	windowed := windows.Into(s, rows, time.Second)
	// The steps have scopes of their own since Beam names both after T.
	grouped := beam.GroupByKey(s, beam.ParDo(s.Scope("Key"), &keyFn[T]{}, windowed))
	return beam.ParDo(s.Scope("Files"), &writeFn[T]{Lake: lake, Dataset: dataset}, grouped)
}

// keyFn is KV<shard, T> -> KV<window start + shard, T>. Runners group by window
// anyway; but Prism (2.77) looks at all rows of a key, whatever their window, each
// time that a trigger fires, so that a backlog of n windows would take n² steps.
type keyFn[T any] struct{}

// ProcessElement puts the start, in milliseconds, before the shard.
func (fn *keyFn[T]) ProcessElement(w beam.Window, shard string, row T) (string, T) {
	return key(w, shard), row
}

func key(w beam.Window, shard string) string {
	start, _ := window.Bounds(w)
	return strconv.FormatInt(start, 10) + " " + shard
}

// writers is how many files a bundle writes at a time. A small file takes most
// of its time waiting for its sync, and a disk syncs many as fast as one.
const writers = len(writing)

// target is the file of a window, whose start is in milliseconds since the Unix
// epoch, and a shard.
type target struct {
	start int64
	shard string
}

// writeFn writes the files of a bundle. A bucket takes about one write a second
// of a file, so the panes of one are gathered, and written once.
type writeFn[T any] struct {
	Lake     Lake
	Dataset  string
	columns  []table.Column
	store    store
	gathered map[target][]T
	pending  *errgroup.Group
}

// Setup opens the lake.
func (fn *writeFn[T]) Setup(ctx context.Context) (err error) {
	fn.columns = table.Columns[T]()
	fn.store, err = openStore(ctx, fn.Lake.Dir)
	return err
}

// StartBundle prepares for writing.
func (fn *writeFn[T]) StartBundle(context.Context, func(string)) {
	fn.gathered = map[target][]T{}
	fn.pending = new(errgroup.Group)
	fn.pending.SetLimit(writers)
}

// ProcessElement gathers the rows of a window and shard, of as many files as are
// written at a time. The name is seen by others once the bundle is done.
func (fn *writeFn[T]) ProcessElement(ctx context.Context, w beam.Window, key string, rows func(*T) bool, emit func(string)) error {
	_, shard, _ := strings.Cut(key, " ")
	start, _ := window.Bounds(w)
	file := target{start, shard}
	emit(fn.Lake.path(fn.Dataset, file.start, shard))
	all, again := fn.gathered[file]
	for row := *new(T); rows(&row); row = *new(T) {
		all = append(all, row)
	}
	if again {
		all = table.Reduce(fn.columns, all)
	} else if len(fn.gathered) == writers {
		fn.write(ctx)
	}
	fn.gathered[file] = all
	return nil
}

// write starts to write what is gathered.
func (fn *writeFn[T]) write(ctx context.Context) {
	for file, rows := range fn.gathered {
		fn.pending.Go(func() error {
			defer progress.Wrote(file.start)
			return merge(ctx, fn.store, fn.columns, fn.Lake.Format, fn.Lake.path(fn.Dataset, file.start, file.shard), rows)
		})
	}
	clear(fn.gathered)
}

// FinishBundle waits until all files of the bundle are written.
func (fn *writeFn[T]) FinishBundle(ctx context.Context, _ func(string)) error {
	fn.write(ctx)
	return fn.pending.Wait()
}

// Teardown closes the lake, if Setup has opened it.
func (fn *writeFn[T]) Teardown() error {
	if fn.store == nil {
		return nil
	}
	return fn.store.Close()
}
