package unbounded

import (
	"context"
	"fmt"
	"time"

	"adtoorder/io/progress"
	"adtoorder/io/record"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/sdf"
)

const (
	// listEvery is how often partitions are listed. The watermark lags by as much.
	listEvery = 250 * time.Millisecond
	// bundle is how long a bundle reads on while there is more, and how long it looks
	// for more while there is nothing. What is added up in it is counted only at its
	// end, and checkpoints wait for that; shorter ones make more work for the join.
	bundle = 500 * time.Millisecond
	// lookEvery is how often a bundle looks for more.
	lookEvery = 250 * time.Millisecond
	// pause is how long a reader waits that has read all that there was.
	pause = 250 * time.Millisecond
	// idle is how long a reader waits where a bundle has read nothing, at least. Each
	// time that it resumes, it leaves something behind in Flink's checkpoints
	// (apache/beam #27648). Flink's job server cuts what it is told to whole seconds,
	// and so takes a pause for none.
	idle = time.Second
	// reportEvery is how often progress is reported.
	reportEvery = time.Second
)

// StartBundle starts the bundle's count.
func (fn *readFn[S]) StartBundle(context.Context, func([]record.Record), func(beam.EventTime, record.Count), func(Progress)) {
	fn.counts = map[int64]int64{}
}

// ProcessElement emits what the reader's partitions hold by now, and asks to be
// called again. While partitions can't be listed, it waits longer and longer.
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
	wait, err := fn.read(ctx, c, &rest, rt, emit)
	if err != nil {
		wait = c.listing.again()
		fn.tell(ctx, wait, err)
	} else {
		c.listing = trouble{}
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

// read reads all partitions in turns, for as long as a bundle takes, until one
// turn has given the last that there was. It returns how long the reader is to
// wait then. rest is always what was claimed last.
func (fn *readFn[S]) read(ctx context.Context, c *client, rest *Restriction, rt *sdf.LockRTracker, emit func([]record.Record)) (wait time.Duration, err error) {
	gave := false
	for start := time.Now(); !draining.Load(); {
		if time.Since(time.UnixMilli(rest.Listed)) >= listEvery {
			if err := fn.list(ctx, c, rest, rt); err != nil {
				return 0, err
			}
		}
		until := start.Add(bundle)
		t := fn.readAll(ctx, c, rest, rt, until, emit)
		gave = gave || t.some
		switch {
		case t.more && time.Now().Before(until):
		case t.more:
			return 0, nil
		case t.some:
			return pause, nil
		case gave && !time.Now().Before(until):
			return pause, nil
		case !time.Now().Before(until) || t.due.After(until):
			return max(idle, wholeSeconds(time.Until(t.due))), nil
		default:
			sleep(ctx, rt, lookEvery)
			if rt.IsDone() || ctx.Err() != nil {
				return 0, nil
			}
		}
	}
	return 0, nil
}

// sleep waits, though not while readers drain, or the runner wants what is left
// to be read or has given up the bundle.
func sleep(ctx context.Context, rt *sdf.LockRTracker, long time.Duration) {
	for end := time.Now().Add(long); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if draining.Load() || rt.IsDone() || ctx.Err() != nil {
			return
		}
	}
}

// wholeSeconds rounds up.
func wholeSeconds(d time.Duration) time.Duration {
	return (d + time.Second - 1).Truncate(time.Second)
}

// tell tells of an error that is met again later.
func (fn *readFn[S]) tell(ctx context.Context, wait time.Duration, err error) {
	progress.Problem(ctx, fmt.Sprintf("reading %v, trying again in %v: %v", fn.Source, wait, err))
}

// FinishBundle emits how many records the bundle gave.
func (fn *readFn[S]) FinishBundle(_ context.Context, _ func([]record.Record), count func(beam.EventTime, record.Count), _ func(Progress)) {
	for second, n := range fn.counts {
		count(mtime.FromMilliseconds(second*1000), record.Count{Time: second * 1000, Records: n})
	}
}
