package unbounded

import (
	"reflect"
	"sync/atomic"
	"time"

	"adtoorder/io/dofn"
	"adtoorder/io/record"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/sdf"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	beam.RegisterType(reflect.TypeFor[Restriction]())
	beam.RegisterType(reflect.TypeFor[Progress]())
	register.Emitter1[[]record.Record]()
	register.Emitter1[Progress]()
	register.Emitter2[beam.EventTime, record.Count]()
}

// Register registers a connector's source. It is called in an init.
func Register[S Source]() {
	beam.RegisterType(reflect.TypeFor[S]())
	dofn.Batchwise(&readFn[S]{})
}

// Read reads a source by so many readers. It returns
//
//	PCollection<[]record.Record>  in batches
//	PCollection<record.Count>     how many records were emitted
//	PCollection<Progress>         how far partitions were read
//
// One reader is right for Prism, and for a source that has one partition; for
// others on a cluster, one for each worker's slot.
func Read[S Source](s beam.Scope, source S, outOfOrderness time.Duration, readers int) (records, counts, reports beam.PCollection) {
	s = s.Scope("unbounded.Read")
	fn := newReadFn(source, outOfOrderness, readers)
	return beam.ParDo3(s, &fn, indices(s, readers))
}

// indices returns PCollection<int>, an element for each reader: Flink gives a
// worker all restrictions of one element.
func indices(s beam.Scope, readers int) beam.PCollection {
	all := make([]int, readers)
	for i := range all {
		all[i] = i
	}
	return beam.CreateList(s, all)
}

// readFn is a splittable DoFn, index of a reader -> []record.Record..., record.Count..., Progress...
type readFn[S Source] struct {
	Source               S
	OutOfOrdernessMillis int64
	Readers              int

	counts map[int64]int64 // records of this bundle, by the second that they are booked at
}

func newReadFn[S Source](source S, outOfOrderness time.Duration, readers int) readFn[S] {
	return readFn[S]{Source: source, OutOfOrdernessMillis: outOfOrderness.Milliseconds(), Readers: readers}
}

// CreateInitialRestriction returns a reader's restriction, which has listed
// nothing yet.
func (fn *readFn[S]) CreateInitialRestriction(index int) Restriction {
	return Restriction{Index: index, Of: fn.Readers}
}

// SplitRestriction returns the restriction: a reader is not divided.
func (fn *readFn[S]) SplitRestriction(_ int, r Restriction) []Restriction { return []Restriction{r} }

// RestrictionSize returns 1: how much is left is not known.
func (fn *readFn[S]) RestrictionSize(int, Restriction) float64 { return 1 }

// CreateTracker returns the tracker of a restriction.
func (fn *readFn[S]) CreateTracker(r Restriction) *sdf.LockRTracker {
	return sdf.NewLockRTracker(&tracker{rest: r})
}

// TruncateRestriction ends a reader when a runner drains its job.
func (fn *readFn[S]) TruncateRestriction(*sdf.LockRTracker, int) Restriction { return Restriction{} }

// watermark is what a reader has reported to the runner, in milliseconds since
// the Unix epoch. A runner looks at it while a bundle is processed.
type watermark struct{ ms atomic.Int64 }

// CurrentWatermark implements sdf.WatermarkEstimator.
func (w *watermark) CurrentWatermark() time.Time { return time.UnixMilli(w.ms.Load()) }

// InitialWatermarkEstimatorState returns 0: no event is older.
func (fn *readFn[S]) InitialWatermarkEstimatorState(beam.EventTime, Restriction, int) int64 {
	return 0
}

// CreateWatermarkEstimator returns the estimator of a state.
func (fn *readFn[S]) CreateWatermarkEstimator(ms int64) *watermark {
	w := &watermark{}
	w.ms.Store(ms)
	return w
}

// WatermarkEstimatorState returns an estimator's state.
func (fn *readFn[S]) WatermarkEstimatorState(w *watermark) int64 { return w.ms.Load() }
