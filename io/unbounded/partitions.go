package unbounded

import (
	"context"
	"fmt"
	"slices"
	"time"

	"adtoorder/io/progress"
	"adtoorder/io/record"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/sdf"
)

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

// turn is what reading each partition once has given.
type turn struct {
	some, more bool      // records, and whether more are there
	due        time.Time // there are no others before
}

// readAll emits one batch of each partition. One that can't be read is tried
// again later and later, and holds up no other.
func (fn *readFn[S]) readAll(ctx context.Context, c *client, rest *Restriction, rt *sdf.LockRTracker, until time.Time, emit func([]record.Record)) (t turn) {
	var due []time.Time
	failed := false
	for i, p := range rest.Parts {
		// A partition may fail slowly. The next turn leaves out those that have.
		if rt.IsDone() || ctx.Err() != nil || failed && (draining.Load() || time.Now().After(until)) {
			break
		}
		failing := c.failing[p.Name]
		if p.Closed {
			continue
		}
		if time.Now().Before(failing.until) {
			due = append(due, failing.until)
			continue
		}
		batch, err := fn.readPart(ctx, c, rest, i, rt, emit)
		if err != nil {
			failed = true
			wait := failing.again()
			c.failing[p.Name] = failing
			fn.tell(ctx, wait, fmt.Errorf("partition %s: %w", p.Name, err))
			due = append(due, failing.until)
			continue
		}
		delete(c.failing, p.Name)
		t.some, t.more = t.some || len(batch.Records) > 0, t.more || batch.More
		due = append(due, batch.Due)
	}
	if t.due = time.Now().Add(idle); len(due) > 0 { // without partitions none is to be waited for
		t.due = slices.MinFunc(due, time.Time.Compare)
	}
	return t
}

// readPart emits one batch of a partition, and returns it; nothing where the
// runner has taken the rest away.
func (fn *readFn[S]) readPart(ctx context.Context, c *client, rest *Restriction, i int, rt *sdf.LockRTracker, emit func([]record.Record)) (Batch, error) {
	batch, err := c.Read(ctx, rest.Parts[i].Name, rest.Parts[i].Position)
	if err != nil {
		return Batch{}, err
	}
	next := rest.clone()
	part := &next.Parts[i]
	part.Position, part.Closed = batch.Next, batch.Closed
	part.follow(batch, time.Now().UnixMilli(), fn.OutOfOrdernessMillis)
	if !rt.TryClaim(next) {
		return Batch{}, nil
	}
	*rest = next
	if len(batch.Records) > 0 {
		for _, r := range batch.Records {
			fn.counts[r.AccountedAt()/1000]++
		}
		progress.Records.Add(int64(len(batch.Records)))
		emit(batch.Records)
	}
	return batch, nil
}
