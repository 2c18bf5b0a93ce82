package pubsubio

import (
	"context"
	"fmt"
	"time"

	"adtoorder/io/progress"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
)

const (
	// tick is how often leases are looked at.
	tick = time.Second
	// maxPause is how long a failed acknowledgement waits to be tried again, at most.
	maxPause = 30 * time.Second
)

// keep acknowledges messages and extends the deadlines of the others, until its
// context ends. It does not wait for bundles: a runner may hold those up.
func (c *client) keep(ctx context.Context) {
	pause, until := tick, time.Time{}
	ticks := time.NewTicker(tick)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.leases.wake:
		case <-ticks.C:
		}
		if time.Now().After(until) {
			if err := c.acknowledge(ctx); err != nil && ctx.Err() == nil {
				progress.Problem(ctx, fmt.Sprintf("%v; trying again in %v (what comes again meanwhile counts as duplicate)", err, pause))
				until = time.Now().Add(pause)
				pause = min(2*pause, maxPause)
			} else {
				pause = tick
			}
		}
		c.extend(ctx)
	}
}

// acknowledge acknowledges what the runner holds. Where that fails, the rest
// waits for another try.
func (c *client) acknowledge(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ids := c.leases.pending()
	for some := range requests(ids) {
		if err := c.api.Acknowledge(ctx, &pubsubpb.AcknowledgeRequest{Subscription: c.source.path(), AckIds: some}); err != nil {
			c.leases.putBack(ids)
			return fmt.Errorf("acknowledging %d messages of %v: %w", len(ids), c.source, err)
		}
		ids = ids[len(some):]
	}
	return nil
}

// extend extends the deadlines of messages that would come again soon.
func (c *client) extend(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, arrived/2)
	defer cancel()
	now := time.Now()
	batches, forgotten := c.leases.due(now)
	if forgotten > 0 {
		progress.Problem(ctx, fmt.Sprintf("reading %v: the runner has not finalized %d messages for %v; they come again", c.source, forgotten, maxHeld))
	}
	for _, b := range batches {
		for some := range requests(b.ids) {
			if err := c.modify(ctx, some, extended); err != nil {
				if ctx.Err() == nil {
					progress.Problem(ctx, fmt.Sprintf("extending deadlines of %v: %v; what comes again counts as duplicate", c.source, err))
				}
				return
			}
		}
		c.leases.Lock()
		b.until = now.Add(extended)
		c.leases.Unlock()
	}
}

// modify sets when messages come again.
func (c *client) modify(ctx context.Context, ids []string, after time.Duration) error {
	return c.api.ModifyAckDeadline(ctx, &pubsubpb.ModifyAckDeadlineRequest{Subscription: c.source.path(), AckIds: ids, AckDeadlineSeconds: int32(after.Seconds())})
}
