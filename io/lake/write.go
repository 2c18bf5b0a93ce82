package lake

import (
	"context"
	"fmt"
	"time"

	"adtoorder/io/dofn"
	"adtoorder/io/progress"
	"adtoorder/io/storage"
	"adtoorder/io/table"
	"adtoorder/io/window"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"golang.org/x/sync/errgroup"
)

// Register registers a type of rows to be written. It is called in an init.
func Register[T any]() {
	table.RegisterBatch[T]()
	dofn.Batchwise(&writeFn[T]{})
	register.Iter1[table.Batch[T]]()
}

func init() { register.Emitter1[string]() }

// Write writes rows to a dataset, one file per partition and shard, and returns the
// files' names, each time that one is written.
//
//	PCollection<KV<shard, table.Batch[T]>> -> PCollection<string>
//
// A batch is of rows of one partition, and at a time of its. The rows of a shard and
// partition are held in memory together. windows are those of the rows: with allowed
// lateness, files appear a second after their first rows and again with every change.
func Write[T any](
	s beam.Scope, lake Lake, dataset string, windows window.Policy, rows beam.PCollection,
) beam.PCollection {
	s = s.Scope("lake.Write." + dataset)
	grouped := beam.GroupByKey(s, windows.IntoPartitions(s, rows, time.Second))
	return beam.ParDo(s.Scope("Files"), &writeFn[T]{Lake: lake, Dataset: dataset}, grouped)
}

// target is the file of a partition, whose start is in milliseconds since the Unix
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
	storage  *storage.Storage
	gathered map[target][]T
	pending  *errgroup.Group
}

// Setup has the columns and the storage ready.
func (fn *writeFn[T]) Setup() {
	fn.columns, fn.storage = table.Columns[T](), new(storage.Storage)
}

// StartBundle prepares for writing.
func (fn *writeFn[T]) StartBundle(context.Context, func(string)) {
	fn.gathered = map[target][]T{}
	fn.pending = new(errgroup.Group)
	fn.pending.SetLimit(storage.Writers)
}

// ProcessElement gathers the rows of a partition and shard, of as many files as are
// written at a time. The name is seen by others once the bundle is done.
func (fn *writeFn[T]) ProcessElement(
	ctx context.Context, w beam.Window, shard string, batches func(*table.Batch[T]) bool, emit func(string),
) error {
	start, _ := window.Bounds(w)
	file := target{start, shard}
	emit(fn.Lake.path(fn.Dataset, file.start, shard))
	all, again := fn.gathered[file]
	for batch := (table.Batch[T]{}); batches(&batch); batch = (table.Batch[T]{}) {
		all = append(all, batch.Rows...)
	}
	if again {
		all = table.Reduce(fn.columns, all)
	} else if len(fn.gathered) == storage.Writers {
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
			name := fn.Lake.path(fn.Dataset, file.start, file.shard)
			return merge(ctx, fn.storage, fn.columns, fn.Lake.Format, name, rows)
		})
	}
	clear(fn.gathered)
}

// FinishBundle waits until all files of the bundle are written.
func (fn *writeFn[T]) FinishBundle(ctx context.Context, _ func(string)) error {
	fn.write(ctx)
	return fn.pending.Wait()
}

// Teardown closes the storage, if Setup has made it.
func (fn *writeFn[T]) Teardown() error {
	if fn.storage == nil {
		return nil
	}
	return fn.storage.Close()
}

// merge adds rows to a file: it becomes at least as complete as it was, and as
// the rows are. A runner can hand out an older pane after a newer one.
func merge[T any](
	ctx context.Context, s *storage.Storage, columns []table.Column, format, file string, rows []T,
) error {
	rows = table.Reduce(columns, rows)
	return s.Update(ctx, file, func(there []byte) ([]byte, error) {
		all := rows
		if there != nil {
			old, err := decode[T](format, there)
			if err != nil {
				return nil, fmt.Errorf("reading %s: %w", file, err)
			}
			all = table.Reduce(columns, append(old, rows...))
		}
		content, err := encode(format, all)
		if err != nil {
			return nil, fmt.Errorf("encoding %s: %w", file, err)
		}
		return content, nil
	})
}
