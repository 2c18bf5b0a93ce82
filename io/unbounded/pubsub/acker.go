package pubsub

import (
	"context"
	"fmt"
	"time"

	"adtoorder/io/progress"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
)

const (
	// ackInterval is how often leases are looked at.
	ackInterval = time.Second
	// maxPause is how long a failed acknowledgement waits to be tried again, at most.
	maxPause = 30 * time.Second
)

// keep acknowledges messages and extends the deadlines of the others, until its
// context ends. It does not wait for bundles: a runner may hold those up.
func (c *client) keep(ctx context.Context) {
	pause, until := ackInterval, time.Time{}
	ticks := time.NewTicker(ackInterval)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.leases.wake:
		case <-ticks.C:
		}
		again := !time.Now().Before(until)
		switch err := c.acknowledge(ctx, again); {
		case !again || ctx.Err() != nil: // others don't wait for what has failed
		case err == nil:
			pause = ackInterval
		default:
			progress.Problem(ctx, fmt.Sprintf("%v; trying again in %v (what comes again "+
				"meanwhile counts as duplicate)", err,
				pause))
			until = time.Now().Add(pause)
			pause = min(2*pause, maxPause)
		}
		c.giveBack(ctx, c.leases.abandoned(time.Now()))
		c.extend(ctx)
	}
}

// acknowledge acknowledges what the runner holds, with what has failed before if
// that is to be tried again. What fails waits for another try.
func (c *client) acknowledge(ctx context.Context, again bool) error {
	out := send(ctx, c.leases.pending(again), func(ctx context.Context, ids []string) error {
		return c.api.Acknowledge(ctx, &pubsubpb.AcknowledgeRequest{Subscription: c.source.path(), AckIds: ids})
	})
	c.leases.putBack(out.again)
	c.tellOfRefused(ctx, out.refused)
	if out.err != nil {
		return fmt.Errorf("acknowledging %d messages of %v: %w", len(out.again), c.source, out.err)
	}
	return nil
}

// tellOfRefused says once that Pub/Sub refuses ids for good.
func (c *client) tellOfRefused(ctx context.Context, ids []string) {
	if len(ids) == 0 {
		return
	}
	c.refused.Do(func() {
		progress.Problem(ctx, fmt.Sprintf("reading %v: Pub/Sub no longer takes acknowledgements of %d messages: their "+
			"deadlines have passed; they come again and count as duplicates, as do others of which it is not said "+
			"again", c.source, len(ids)))
	})
}

// extend extends the deadlines of messages that would come again soon.
func (c *client) extend(ctx context.Context) {
	now := time.Now()
	batches, forgotten := c.leases.due(now)
	if forgotten > 0 {
		progress.Problem(ctx, fmt.Sprintf("reading %v: the runner has not finalized %d "+
			"messages for %v; they come again",
			c.source, forgotten, maxHeld))
	}
	var ids []string
	for _, b := range batches {
		ids = append(ids, b.ids...)
	}
	out := send(ctx, ids, c.modify(leaseExtension))
	if out.err != nil && ctx.Err() == nil {
		progress.Problem(ctx, fmt.Sprintf("extending deadlines of %v: %v; what comes again counts as duplicate",
			c.source,
			out.err))
	}
	c.tellOfRefused(ctx, out.refused)
	c.leases.extended(batches, now.Add(leaseExtension), out.again, out.refused)
}

// giveBack has the subscription give messages again now. Where that fails, it
// gives them later.
func (c *client) giveBack(ctx context.Context, ids []string) {
	if out := send(ctx, ids, c.modify(0)); out.err != nil && ctx.Err() == nil {
		progress.Problem(ctx, fmt.Sprintf("giving messages back to %v, which come again later: %v", c.source, out.err))
	}
}

// modify is a request that sets when messages come again.
func (c *client) modify(after time.Duration) func(context.Context, []string) error {
	return func(ctx context.Context, ids []string) error {
		return c.api.ModifyAckDeadline(ctx, &pubsubpb.ModifyAckDeadlineRequest{Subscription: c.source.path(),
			AckIds:             ids,
			AckDeadlineSeconds: int32(after.Seconds())})
	}
}
