package lake

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"adtoorder/io/dofn"
	"adtoorder/io/storage"
	"adtoorder/io/table"
	"adtoorder/io/window"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

// Register registers a type of rows to be written. It is called in an init.
func Register[T any]() {
	table.RegisterBatch[T]()
	dofn.Batchwise(&keyFn[T]{})
	dofn.Batchwise(&writeFn[T]{})
	dofn.Batchwise(&writeUngroupedFn[T]{})
	register.Iter1[table.Batch[T]]()
}

func init() { register.Emitter1[string]() }

// Write writes rows to a dataset, one file per partition and shard, and returns the
// files' names, each time that one is written.
//
//	PCollection<KV<shard, table.Batch[T]>> -> PCollection<string>
//
// A batch is of rows of one partition, and at a time of its. The rows of a shard and
// partition are held in memory together. windows are those of the rows: of unbounded
// input, files appear soon after their first rows, and again with every change: after a
// second in a local lake, ten in a bucket.
func Write[T any](
	s beam.Scope, lake Lake, dataset string, windows window.Policy, rows beam.PCollection,
) beam.PCollection {
	s = s.Scope("lake.Write." + dataset)
	if windows.Keys > 0 {
		rows = beam.ParDo(s.Scope("Keys"), &keyFn[T]{dataset, windows}, rows)
	}
	grouped := beam.GroupByKey(s, windows.IntoPartitions(s, rows, lake.delay()))
	return beam.ParDo(s.Scope("Files"), &writeFn[T]{Lake: lake, Dataset: dataset}, grouped)
}

// keyFn gives each file of finished input a key of its own: by its shard alone one worker
// of a batch on Flink (Beam 2.62), which groups by keys without windows, would write all
// files of all datasets, and hold their rows in memory. Of unbounded input a running job
// has state by shards, for a few hours of rows.
type keyFn[T any] struct {
	Dataset string
	Windows window.Policy
}

// ProcessElement puts a batch under the key of its file, which ends with the shard.
func (fn *keyFn[T]) ProcessElement(
	at beam.EventTime, shard string, rows table.Batch[T],
) (string, table.Batch[T]) {
	return fmt.Sprintf("%s/%d/%s", fn.Dataset, fn.Windows.PartitionOf(at.Milliseconds()), shard), rows
}

// target is the file of a partition, whose start is in milliseconds since the Unix
// epoch, and a shard.
type target struct {
	start int64
	shard string
}

// maxRows is how many rows are gathered or written at once in this process, as far as a
// file has no more. A row takes about 1 KB meanwhile, as it is and as it is encoded.
const maxRows = 100_000

var writing = semaphore.NewWeighted(maxRows)

// writeFn writes the files of a bundle. A bucket takes about one write a second
// of a file, so the panes of one are gathered, and written once.
type writeFn[T any] struct {
	Lake     Lake
	Dataset  string
	order    order
	storage  *storage.Storage
	gathered map[target][]T
	rows     int // of gathered
	pending  *errgroup.Group
}

// Setup has the order of rows and the storage ready.
func (fn *writeFn[T]) Setup() {
	fn.order, fn.storage = orderOf[T](), new(storage.Storage)
}

// StartBundle prepares for writing.
func (fn *writeFn[T]) StartBundle(context.Context, func(string)) {
	fn.gathered, fn.rows = map[target][]T{}, 0
	fn.pending = new(errgroup.Group)
	fn.pending.SetLimit(storage.Writers)
}

// ProcessElement gathers the rows of a partition and shard, of as many files as are
// written at a time. The name is seen by others once the bundle is done.
func (fn *writeFn[T]) ProcessElement(
	ctx context.Context, w beam.Window, key string, batches func(*table.Batch[T]) bool, emit func(string),
) error {
	start, _ := window.Bounds(w)
	to := target{start, key[strings.LastIndexByte(key, '/')+1:]}
	emit(fn.Lake.path(fn.Dataset, start, to.shard))
	if _, again := fn.gathered[to]; !again && (len(fn.gathered) == storage.Writers || fn.rows > maxRows/2) {
		if err := fn.write(ctx); err != nil {
			return err
		}
	}
	all, before := fn.gathered[to], len(fn.gathered[to])
	for batch := (table.Batch[T]{}); batches(&batch); batch = (table.Batch[T]{}) {
		all = append(all, batch.Rows...)
	}
	if before > 0 {
		all = reduce(fn.order, all)
	}
	fn.gathered[to] = all
	fn.rows += len(all) - before
	return nil
}

// write starts to write what is gathered.
func (fn *writeFn[T]) write(ctx context.Context) error {
	for to, rows := range fn.gathered {
		held := int64(min(len(rows), maxRows))
		if err := writing.Acquire(ctx, held); err != nil {
			return err
		}
		fn.pending.Go(func() error {
			defer writing.Release(held)
			defer tellWindows(fn.order, rows)
			name := fn.Lake.path(fn.Dataset, to.start, to.shard)
			return merge(ctx, fn.storage, fn.order, fn.Lake.Format, name, rows)
		})
	}
	clear(fn.gathered)
	fn.rows = 0
	return nil
}

// FinishBundle waits until all files of the bundle are written.
func (fn *writeFn[T]) FinishBundle(ctx context.Context, _ func(string)) error {
	err := fn.write(ctx)
	return errors.Join(fn.pending.Wait(), err)
}

// Teardown closes the storage, if Setup has made it.
func (fn *writeFn[T]) Teardown() error {
	if fn.storage == nil {
		return nil
	}
	return fn.storage.Close()
}
