package live

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync/atomic"
	"time"

	"adtoorder/io/progress"
	"adtoorder/io/record"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
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
	register.DoFn7x2[context.Context, *watermark, *sdf.LockRTracker, int, func([]record.Record), func(beam.EventTime, record.Count), func(Progress), sdf.ProcessContinuation, error](&readFn[S]{})
}

const (
	// listEvery is how often partitions are listed. The watermark lags by as much.
	listEvery = 250 * time.Millisecond
	// bundle is how long a bundle reads on while there is more. What is added up in
	// it is counted only at its end; shorter ones make more work for the join.
	bundle = 500 * time.Millisecond
	// pause is how long a reader waits at the end.
	pause = 250 * time.Millisecond
	// reportEvery is how often progress is reported.
	reportEvery = time.Second
)

// Read reads a source by so many readers. It returns
//
//	PCollection<[]record.Record>  in batches
//	PCollection<record.Count>     how many records were emitted
//	PCollection<Progress>         how far partitions were read
//
// One reader is right for Prism; on a cluster, one for each worker's slot.
func Read[S Source](s beam.Scope, source S, outOfOrderness time.Duration, readers int) (records, counts, reports beam.PCollection) {
	s = s.Scope("live.Read")
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

// StartBundle starts the bundle's count.
func (fn *readFn[S]) StartBundle(context.Context, func([]record.Record), func(beam.EventTime, record.Count), func(Progress)) {
	fn.counts = map[int64]int64{}
}

// ProcessElement emits what the reader's partitions hold by now, and asks to be
// called again. While the source fails, it waits longer and longer.
func (fn *readFn[S]) ProcessElement(ctx context.Context, w *watermark, rt *sdf.LockRTracker, _ int, emit func([]record.Record), _ func(beam.EventTime, record.Count), report func(Progress)) (sdf.ProcessContinuation, error) {
	rest := rt.GetRestriction().(Restriction)
	if rest.Of == 0 || draining.Load() {
		rt.TryClaim(end{})
		return sdf.StopProcessing(), nil
	}
	c, err := connect(ctx, fn.Source, rest.Index)
	if err != nil {
		return nil, err
	}
	c.Lock()
	defer c.Unlock()
	wait := pause
	more, err := fn.read(ctx, c, &rest, rt, emit)
	switch {
	case err != nil:
		wait = backoff(c.failures)
		c.failures++
		progress.Problem(ctx, fmt.Sprintf("reading %v, trying again in %v: %v", fn.Source, wait, err))
	case more:
		wait = 0
		fallthrough
	default:
		c.failures = 0
	}
	w.ms.Store(max(w.ms.Load(), rest.watermark(fn.OutOfOrdernessMillis)))
	if time.Since(c.reported) >= reportEvery {
		c.reported = time.Now()
		for _, p := range rest.Parts {
			report(Progress{p.Name, p.Position, p.Watermark})
		}
	}
	return sdf.ResumeProcessingIn(wait), nil
}

// read reads all partitions in turns, until there is nothing more, or for as
// long as a bundle takes. rest is always what was claimed last.
func (fn *readFn[S]) read(ctx context.Context, c *client, rest *Restriction, rt *sdf.LockRTracker, emit func([]record.Record)) (more bool, err error) {
	for start := time.Now(); time.Since(start) < bundle && !draining.Load(); {
		if time.Since(time.UnixMilli(rest.Listed)) >= listEvery {
			if err := fn.list(ctx, c, rest, rt); err != nil {
				return false, err
			}
		}
		more = false
		for i := range rest.Parts {
			another, err := fn.readPart(ctx, c, rest, i, rt, emit)
			if err != nil {
				return false, err
			}
			more = more || another
		}
		if !more {
			return false, nil
		}
	}
	return more, nil
}

// list takes on the partitions whose turn has come. Where it fails, nothing changes.
func (fn *readFn[S]) list(ctx context.Context, c *client, rest *Restriction, rt *sdf.LockRTracker) error {
	next, at := rest.clone(), time.Now()
	listed, err := c.Partitions(ctx)
	if err != nil {
		return fmt.Errorf("listing partitions: %w", err)
	}
	for _, p := range next.Parts {
		if p.Closed {
			next.Done = append(next.Done, p.Name)
		}
	}
	// What a new partition holds came after the last listing, or after the end of
	// its parent; so nothing in it is late by this watermark.
	from := rest.watermark(fn.OutOfOrdernessMillis)
	turn, waiting := next.adopt(listed)
	if rest.Listed == 0 {
		next.Waiting = waiting
	}
	next.Parts = slices.DeleteFunc(next.Parts, func(p Part) bool { return p.Closed })
	for _, name := range turn {
		part := Part{Name: name, Watermark: from}
		if rest.Listed == 0 || slices.Contains(next.Waiting, name) {
			if part.Position, err = c.Start(ctx, name); err != nil {
				return fmt.Errorf("looking for the start of partition %s: %w", name, err)
			}
		}
		next.Parts = append(next.Parts, part)
		next.Waiting = slices.DeleteFunc(next.Waiting, func(waiting string) bool { return waiting == name })
	}
	next.Listed = at.UnixMilli()
	if rt.TryClaim(next) {
		*rest = next
	}
	return nil
}

// readPart emits one batch of a partition, and tells whether more is there.
func (fn *readFn[S]) readPart(ctx context.Context, c *client, rest *Restriction, i int, rt *sdf.LockRTracker, emit func([]record.Record)) (more bool, err error) {
	if rest.Parts[i].Closed {
		return false, nil
	}
	batch, err := c.Read(ctx, rest.Parts[i].Name, rest.Parts[i].Position)
	if err != nil {
		return false, fmt.Errorf("partition %s: %w", rest.Parts[i].Name, err)
	}
	next := rest.clone()
	part := &next.Parts[i]
	part.Position, part.Closed = batch.Next, batch.Closed
	part.stamp(batch.Records, time.Now().UnixMilli(), fn.OutOfOrdernessMillis)
	if !batch.End.IsZero() {
		part.advance(batch.End.UnixMilli(), fn.OutOfOrdernessMillis)
	}
	if !rt.TryClaim(next) {
		return false, nil
	}
	*rest = next
	if len(batch.Records) > 0 {
		for _, r := range batch.Records {
			fn.counts[r.Booked()/1000]++
		}
		progress.Records.Add(int64(len(batch.Records)))
		emit(batch.Records)
	}
	return batch.More, nil
}

// FinishBundle emits how many records the bundle gave.
func (fn *readFn[S]) FinishBundle(_ context.Context, _ func([]record.Record), count func(beam.EventTime, record.Count), _ func(Progress)) {
	for second, n := range fn.counts {
		count(mtime.FromMilliseconds(second*1000), record.Count{Time: second * 1000, Records: n})
	}
}
