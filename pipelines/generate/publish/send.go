package publish

import (
	"context"
	"iter"
	"time"

	"adtoorder/pipelines/generate/traffic"
)

// slice is how long records are left to gather before they are sent: single
// ones would cost a wake-up each.
const slice = 20 * time.Millisecond

// send puts all records, those of Live traffic at their arrivals, until ctx
// ends. Sinks get the context sending, which lasts longer.
func (p Plan) send(ctx, sending context.Context, streams []*stream, g *traffic.Generator) error {
	for i, r := range merge(g.Clicks(), g.Orders()) {
		if p.Traffic.Live {
			if err := await(ctx, sending, r.Time, streams); err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		s := streams[i]
		if err := s.put(sending, r); err != nil {
			return err
		}
		s.counts.Add(r)
		s.sent.Add(1)
	}
	if p.Traffic.Live {
		return await(ctx, sending, p.Traffic.Start.Add(p.Traffic.Span), streams)
	}
	return nil
}

// merge yields clicks, with 0, and orders, with 1, in order of arrival.
func merge(clicks, orders iter.Seq[traffic.Record]) iter.Seq2[int, traffic.Record] {
	return func(yield func(int, traffic.Record) bool) {
		next, stop := iter.Pull(orders)
		defer stop()
		order, more := next()
		for click := range clicks {
			for ; more && order.Time.Before(click.Time); order, more = next() {
				if !yield(1, order) {
					return
				}
			}
			if !yield(0, click) {
				return
			}
		}
		for ; more && yield(1, order); order, more = next() {
		}
	}
}

// await sleeps until a time or until ctx ends, while it keeps sinks informed of
// the time. Every record that arrives before now was put.
func await(ctx, sending context.Context, at time.Time, streams []*stream) error {
	for now := time.Now(); now.Before(at); now = time.Now() {
		for _, s := range streams {
			if err := s.reach(sending, now); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(slice):
		}
	}
	return nil
}
