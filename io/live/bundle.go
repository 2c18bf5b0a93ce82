package live

import (
	"context"
	"fmt"
	"slices"
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
	// bundle is how long a bundle reads on while there is more. What is added up in
	// it is counted only at its end; shorter ones make more work for the join.
	bundle = 500 * time.Millisecond
	// pause is how long a reader waits at the end.
	pause = 250 * time.Millisecond
	// reportEvery is how often progress is reported.
	reportEvery = time.Second
)

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
	part.follow(batch, time.Now().UnixMilli(), fn.OutOfOrdernessMillis)
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
