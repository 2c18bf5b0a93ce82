package unbounded

import (
	"context"

	"adtoorder/io/record"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/sdf"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/util/hooks"
)

// enableFinalizing has workers hear of finalized bundles.
func enableFinalizing() {
	if err := hooks.EnableHook(finalizing); err != nil {
		panic(err) // it is registered in this package's init
	}
}

// acknowledgedFn is a readFn whose bundles are finalized.
//
// What a bundle has read is durable for sure when a later bundle is finalized that
// began after it was: Flink finalizes at the end of a checkpoint also what was
// read after its beginning, which is in the next one only. So the bundle that ends
// a drained reader commits the ones before.
type acknowledgedFn struct{ readFn }

// ProcessElement is that of a readFn. Its finalizer has the runner finalize
// bundles; what is done then is registered with onFinalized.
func (fn *acknowledgedFn) ProcessElement(ctx context.Context, w *watermark, _ beam.BundleFinalization,
	rt *sdf.LockRTracker, index int, emit func([]record.Record), count func(beam.EventTime, record.Count),
	report func(Progress)) (sdf.ProcessContinuation, error) {
	rest := rt.GetRestriction().(Restriction)
	if rest.Readers == 0 && !isOpen(fn.URI, fn.StartMillis, index) { // it was drained, and another process has read it
		return fn.readFn.ProcessElement(ctx, w, rt, index, emit, count, report)
	}
	c, err := connect(ctx, fn.URI, fn.StartMillis, index)
	if err != nil {
		return nil, err
	}
	before := c.finalized.Load()
	next, err := fn.readFn.ProcessElement(ctx, w, rt, index, emit, count, report)
	if err != nil {
		return nil, err
	}
	read := rt.GetRestriction().(Restriction)
	return next, onFinalized(ctx, func() {
		c.commit(before)
		if rest.Readers > 0 {
			c.finalized.Store(&read)
		}
	})
}
