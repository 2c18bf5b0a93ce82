package unbounded

import (
	"context"
	"reflect"
	"time"

	"adtoorder/io/dofn"
	"adtoorder/io/record"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/sdf"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/util/hooks"
)

// RegisterAcknowledged registers a connector's source whose clients are
// Acknowledgers. It is called in an init.
func RegisterAcknowledged[S Source]() {
	beam.RegisterType(reflect.TypeFor[S]())
	dofn.Batchwise(&acknowledgedFn[S]{})
}

// ReadAcknowledged reads a source whose clients are Acknowledgers, as Read does.
// The runner has to finalize bundles.
func ReadAcknowledged[S Source](s beam.Scope, source S, outOfOrderness time.Duration, readers int) (records, counts, reports beam.PCollection) {
	s = s.Scope("unbounded.ReadAcknowledged")
	if err := hooks.EnableHook(finalizing); err != nil {
		panic(err) // it is registered in this package's init
	}
	return beam.ParDo3(s, &acknowledgedFn[S]{newReadFn(source, outOfOrderness, readers)}, indices(s, readers))
}

// acknowledgedFn is a readFn whose bundles are finalized.
//
// What a bundle has read is held for sure when a later bundle is finalized that
// began after it was: Flink finalizes at the end of a checkpoint also what was
// read after its beginning, which is in the next one only. So the bundle that ends
// a drained reader has the ones before held.
type acknowledgedFn[S Source] struct{ readFn[S] }

// ProcessElement is that of a readFn. Its finalizer has the runner finalize
// bundles; what is done then is registered with onFinalized.
func (fn *acknowledgedFn[S]) ProcessElement(ctx context.Context, w *watermark, _ beam.BundleFinalization, rt *sdf.LockRTracker, index int, emit func([]record.Record), count func(beam.EventTime, record.Count), report func(Progress)) (sdf.ProcessContinuation, error) {
	rest := rt.GetRestriction().(Restriction)
	if rest.Of == 0 && opened(fn.Source, index) == nil { // it was drained, and another process has read it
		return fn.readFn.ProcessElement(ctx, w, rt, index, emit, count, report)
	}
	c, err := connect(ctx, fn.Source, index)
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
		c.hold(before)
		if rest.Of > 0 {
			c.finalized.Store(&read)
		}
	})
}
