package lake

import (
	"context"

	"adtoorder/io/table"
	"adtoorder/io/window"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// WriteUngrouped writes rows as Write does, by the bundle that has them: no runner holds
// them to group them, which takes Prism (2.77) ten times their size. A file is written
// once for each bundle that has rows of it, and again where maxPayloads or maxRows/2
// rows came in between; so it is for a few rows, or for rows that come in the order of
// their shards. What a bundle has written stays where it fails, so that it must give the
// same rows when it is done again: of unbounded input it may not.
//
//	PCollection<KV<shard, table.Batch[T]>> -> PCollection<string>
func WriteUngrouped[T any](
	s beam.Scope, lake Lake, dataset string, windows window.Policy, rows beam.PCollection,
) beam.PCollection {
	s = s.Scope("lake.WriteUngrouped." + dataset)
	rows = windows.IntoPartitions(s, rows, lake.delay())
	return beam.ParDo(s, &writeUngroupedFn[T]{writeFn: writeFn[T]{Lake: lake, Dataset: dataset}}, rows)
}

// maxPayloads is how many bytes of payloads a bundle gathers.
const maxPayloads = 16 << 20

// writeUngroupedFn is writeFn for rows that come batch by batch.
type writeUngroupedFn[T any] struct {
	writeFn[T]
	payloads int // bytes that are gathered
}

// ProcessElement gathers the rows of a batch. The file's name is seen by others once the
// bundle is done.
func (fn *writeUngroupedFn[T]) ProcessElement(
	ctx context.Context, w beam.Window, shard string, batch table.Batch[T], emit func(string),
) error {
	start, _ := window.Bounds(w)
	to := target{start, shard}
	if _, again := fn.gathered[to]; !again {
		emit(fn.Lake.path(fn.Dataset, to.start, to.shard))
	}
	fn.gathered[to] = append(fn.gathered[to], batch.Rows...)
	fn.rows += len(batch.Rows)
	fn.payloads += table.PayloadSize(fn.order.columns, batch.Rows)
	if fn.rows <= maxRows/2 && fn.payloads <= maxPayloads {
		return nil
	}
	fn.payloads = 0
	return fn.write(ctx)
}

// FinishBundle waits until all files of the bundle are written.
func (fn *writeUngroupedFn[T]) FinishBundle(ctx context.Context, emit func(string)) error {
	fn.payloads = 0
	return fn.writeFn.FinishBundle(ctx, emit)
}
