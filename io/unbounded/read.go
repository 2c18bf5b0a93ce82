package unbounded

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"adtoorder/io/dofn"
	"adtoorder/io/progress"
	"adtoorder/io/record"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/sdf"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	dofn.Batchwise(&readFn{})
	dofn.Batchwise(&acknowledgedFn{})
	beam.RegisterType(reflect.TypeFor[Restriction]())
	beam.RegisterType(reflect.TypeFor[Progress]())
	register.Emitter1[[]record.Record]()
	register.Emitter1[Progress]()
	register.Emitter2[beam.EventTime, record.Count]()
}

const (
	// listInterval is how often partitions are listed. The watermark lags by as much.
	listInterval = 250 * time.Millisecond
	// bundleTime is how long a bundle reads on while there is more, and how long it looks
	// for more while there is nothing. What is added up in it is counted only at its
	// end, and checkpoints wait for that; shorter ones make more work for the join.
	bundleTime = 500 * time.Millisecond
	// pollInterval is how often a bundle looks for more.
	pollInterval = 250 * time.Millisecond
	// shortPause is how long a reader waits that has read all that there was.
	shortPause = 250 * time.Millisecond
	// idlePause is how long a reader waits where a bundle has read nothing, at least. Each
	// time that it resumes, it leaves something behind in Flink's checkpoints
	// (apache/beam #27648). Flink's job server cuts what it is told to whole seconds,
	// and so takes a pause for none.
	idlePause = time.Second
	// reportInterval is how often progress is reported.
	reportInterval = time.Second
)

// Config says how a source is read.
type Config struct {
	StartMillis    int64 // see Source.From
	OutOfOrderness time.Duration
	// Readers is how many workers read a source of several partitions side by side: 1
	// on Prism, one for each worker's slot on a cluster.
	Readers int
}

// Output is what reading gives.
type Output struct {
	Records  beam.PCollection // PCollection<[]record.Record>, in batches
	Counts   beam.PCollection // PCollection<record.Count>, how many records were emitted
	Progress beam.PCollection // PCollection<Progress>, how far partitions were read
}

// Read reads a source. Of a Subscription, the runner has to finalize bundles.
func Read(s beam.Scope, source Source, c Config) Output {
	s = s.Scope("unbounded.Read")
	readers := 1
	if source.Partitioned() {
		readers = max(1, c.Readers)
	}
	fn := readFn{URI: source.URI(), StartMillis: c.StartMillis,
		OutOfOrdernessMillis: c.OutOfOrderness.Milliseconds(), Readers: readers}
	// Flink gives a worker all restrictions of one element, so each reader has its own.
	indices := make([]int, readers)
	for i := range indices {
		indices[i] = i
	}
	var o Output
	if _, ok := source.(Subscription); ok {
		enableFinalizing()
		o.Records, o.Counts, o.Progress = beam.ParDo3(s, &acknowledgedFn{fn}, beam.CreateList(s, indices))
	} else {
		o.Records, o.Counts, o.Progress = beam.ParDo3(s, &fn, beam.CreateList(s, indices))
	}
	return o
}

// readFn is a splittable DoFn, index of a reader -> []record.Record..., record.Count..., Progress...
type readFn struct {
	URI                  string
	StartMillis          int64
	OutOfOrdernessMillis int64
	Readers              int

	counts map[int64]int64 // records of this bundle, by the second that they are booked at
}

// CreateInitialRestriction returns a reader's restriction, which has listed
// nothing yet.
func (fn *readFn) CreateInitialRestriction(index int) Restriction {
	return Restriction{Index: index, Readers: fn.Readers}
}

// SplitRestriction returns the restriction: a reader is not divided.
func (fn *readFn) SplitRestriction(_ int, r Restriction) []Restriction { return []Restriction{r} }

// RestrictionSize returns 1: how much is left is not known.
func (fn *readFn) RestrictionSize(int, Restriction) float64 { return 1 }

// CreateTracker returns the tracker of a restriction.
func (fn *readFn) CreateTracker(r Restriction) *sdf.LockRTracker {
	return sdf.NewLockRTracker(&tracker{rest: r})
}

// TruncateRestriction ends a reader when a runner drains its job.
func (fn *readFn) TruncateRestriction(*sdf.LockRTracker, int) Restriction { return Restriction{} }

// InitialWatermarkEstimatorState returns 0: no event is older.
func (fn *readFn) InitialWatermarkEstimatorState(beam.EventTime, Restriction, int) int64 {
	return 0
}

// CreateWatermarkEstimator returns the estimator of a state.
func (fn *readFn) CreateWatermarkEstimator(ms int64) *watermark {
	w := &watermark{}
	w.ms.Store(ms)
	return w
}

// WatermarkEstimatorState returns an estimator's state.
func (fn *readFn) WatermarkEstimatorState(w *watermark) int64 { return w.ms.Load() }

// StartBundle starts the bundle's count.
func (fn *readFn) StartBundle(context.Context, func([]record.Record), func(beam.EventTime, record.Count),
	func(Progress)) {
	fn.counts = map[int64]int64{}
}

// ProcessElement emits what the reader's partitions hold by now, and asks to be
// called again. While partitions can't be listed, it waits longer and longer.
func (fn *readFn) ProcessElement(ctx context.Context, w *watermark, rt *sdf.LockRTracker, _ int,
	emit func([]record.Record), _ func(beam.EventTime, record.Count), report func(Progress)) (
	sdf.ProcessContinuation, error) {
	rest := rt.GetRestriction().(Restriction)
	if rest.Readers == 0 || draining.Load() {
		rt.TryClaim(end{})
		return sdf.StopProcessing(), nil
	}
	c, err := connect(ctx, fn.URI, fn.StartMillis, rest.Index)
	if err != nil {
		return nil, err
	}
	c.Lock()
	defer c.Unlock()
	b := &bundle{readFn: fn, client: c, rest: rest, tracker: rt, emit: emit}
	wait, err := b.read(ctx)
	if err != nil {
		wait = c.listing.next()
		c.logRetry(ctx, wait, err)
	} else {
		c.listing = backoff{}
	}
	w.advance(b.rest.watermark(fn.OutOfOrdernessMillis))
	if time.Since(c.reported) >= reportInterval {
		c.reported = time.Now()
		for _, p := range b.rest.Partitions {
			report(Progress{p.Name, p.Position, p.Watermark})
		}
	}
	return sdf.ResumeProcessingIn(wait), nil
}

// bundle is a reader at work.
type bundle struct {
	*readFn
	client  *client
	tracker *sdf.LockRTracker
	rest    Restriction // what was claimed last
	emit    func([]record.Record)
}

// read reads all partitions in turns, for as long as a bundle takes, until one
// turn has given the last that there was. It returns how long the reader is to
// wait then.
func (b *bundle) read(ctx context.Context) (wait time.Duration, err error) {
	gave := false
	for start := time.Now(); !draining.Load(); {
		if time.Since(time.UnixMilli(b.rest.Listed)) >= listInterval {
			if err := b.list(ctx); err != nil {
				return 0, err
			}
		}
		until := start.Add(bundleTime)
		t := b.readAll(ctx, until)
		gave = gave || t.some
		switch {
		case t.more && time.Now().Before(until):
		case t.more:
			return 0, nil
		case t.some:
			return shortPause, nil
		case gave && !time.Now().Before(until):
			return shortPause, nil
		case !time.Now().Before(until) || t.due.After(until):
			return max(idlePause, wholeSeconds(time.Until(t.due))), nil
		default:
			b.sleep(ctx, pollInterval)
			if b.interrupted(ctx) {
				return 0, nil
			}
		}
	}
	return 0, nil
}

// interrupted reports whether the runner wants what is left to be read, or has given
// up the bundle.
func (b *bundle) interrupted(ctx context.Context) bool { return b.tracker.IsDone() || ctx.Err() != nil }

// sleep waits, though not while readers drain or the bundle is interrupted.
func (b *bundle) sleep(ctx context.Context, long time.Duration) {
	for end := time.Now().Add(long); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if draining.Load() || b.interrupted(ctx) {
			return
		}
	}
}

// wholeSeconds rounds up.
func wholeSeconds(d time.Duration) time.Duration {
	return (d + time.Second - 1).Truncate(time.Second)
}

// list takes on the partitions whose turn has come. Where it fails, nothing changes.
func (b *bundle) list(ctx context.Context) error {
	next, at := b.rest.clone(), time.Now()
	listed, err := b.client.Partitions(ctx)
	if err != nil {
		return fmt.Errorf("listing partitions: %w", err)
	}
	for _, p := range next.Partitions {
		if p.Closed {
			next.Done = append(next.Done, p.Name)
		}
	}
	// What a new partition holds came after the last listing, or after the end of
	// its parent; so nothing in it is late by this watermark.
	from := b.rest.watermark(b.OutOfOrdernessMillis)
	turn, waiting := next.adopt(listed)
	if b.rest.Listed == 0 {
		next.Waiting = waiting
	}
	next.Partitions = slices.DeleteFunc(next.Partitions, func(p PartitionState) bool { return p.Closed })
	for _, name := range turn {
		part := PartitionState{Name: name, Watermark: from}
		if b.rest.Listed == 0 || slices.Contains(next.Waiting, name) {
			if part.Position, err = b.client.Start(ctx, name); err != nil {
				return fmt.Errorf("looking for the start of partition %s: %w", name, err)
			}
		}
		next.Partitions = append(next.Partitions, part)
		next.Waiting = slices.DeleteFunc(next.Waiting, func(waiting string) bool { return waiting == name })
	}
	next.Listed = at.UnixMilli()
	if b.tracker.TryClaim(next) {
		b.rest = next
	}
	return nil
}

// turn is what reading each partition once has given.
type turn struct {
	some, more bool      // records, and whether more are there
	due        time.Time // there are no others before
}

// readAll emits one batch of each partition. One that can't be read is tried
// again later and later, and holds up no other.
func (b *bundle) readAll(ctx context.Context, until time.Time) (t turn) {
	var due []time.Time
	failed := false
	for i, p := range b.rest.Partitions {
		// A partition may fail slowly. The next turn leaves out those that have.
		if b.interrupted(ctx) || failed && (draining.Load() || time.Now().After(until)) {
			break
		}
		failing := b.client.failing[p.Name]
		if p.Closed {
			continue
		}
		if time.Now().Before(failing.until) {
			due = append(due, failing.until)
			continue
		}
		batch, err := b.readPart(ctx, i)
		if err != nil {
			failed = true
			wait := failing.next()
			b.client.failing[p.Name] = failing
			b.client.logRetry(ctx, wait, fmt.Errorf("partition %s: %w", p.Name, err))
			due = append(due, failing.until)
			continue
		}
		delete(b.client.failing, p.Name)
		t.some, t.more = t.some || len(batch.Records) > 0, t.more || batch.More
		due = append(due, batch.Due)
	}
	if t.due = time.Now().Add(idlePause); len(due) > 0 { // without partitions none is to be waited for
		t.due = slices.MinFunc(due, time.Time.Compare)
	}
	return t
}

// readPart emits one batch of a partition, and returns it; nothing where the
// runner has taken the rest away.
func (b *bundle) readPart(ctx context.Context, i int) (Batch, error) {
	batch, err := b.client.Read(ctx, b.rest.Partitions[i].Name, b.rest.Partitions[i].Position)
	if err != nil {
		return Batch{}, err
	}
	next := b.rest.clone()
	part := &next.Partitions[i]
	part.Position, part.Closed = batch.Next, batch.Closed
	part.follow(batch, time.Now().UnixMilli(), b.OutOfOrdernessMillis)
	if !b.tracker.TryClaim(next) {
		return Batch{}, nil
	}
	b.rest = next
	if len(batch.Records) > 0 {
		for _, r := range batch.Records {
			b.counts[r.AccountedAt()/1000]++
		}
		progress.Records.Add(int64(len(batch.Records)))
		b.emit(batch.Records)
	}
	return batch, nil
}

// FinishBundle emits how many records the bundle gave.
func (fn *readFn) FinishBundle(_ context.Context, _ func([]record.Record),
	count func(beam.EventTime, record.Count), _ func(Progress)) {
	for second, n := range fn.counts {
		count(mtime.FromMilliseconds(second*1000), record.Count{Time: second * 1000, Records: n})
	}
}
