// Package publish sends the clicks and orders of package traffic to where an engine
// reads them without end: Kafka topics, Kinesis streams, Pub/Sub topics, folders.
// pipelines/generate and tests use it.
package publish

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"adtoorder/pipelines/generate/traffic"
)

const (
	// patience is how long both destinations may take to answer before anything
	// is sent.
	patience = 8 * time.Second
	// grace is how long the rest may take to be written after an interruption.
	grace = 10 * time.Second
)

// Plan says what to publish, and where.
type Plan struct {
	Clicks, Orders Destination
	// Traffic is sent as fast as possible; or, where it is Live, each record at its
	// arrival, with Start being when sending starts.
	Traffic traffic.Options
}

// Sent counts the records that were handed over so far, faulty ones among them.
// It may be read while a plan runs.
type Sent struct{ Clicks, Orders atomic.Int64 }

// stream is one of both on its way.
type stream struct {
	sink
	counts traffic.Counts
	sent   *atomic.Int64
}

// Run publishes until all is sent or ctx ends, which is no error. It returns
// what was written.
func (p Plan) Run(ctx context.Context, sent *Sent) (clicks, orders traffic.Counts, err error) {
	if err := p.check(ctx); err != nil {
		if ctx.Err() != nil {
			return clicks, orders, nil
		}
		return clicks, orders, err
	}
	if p.Traffic.Live {
		p.Traffic.Start = time.Now().UTC().Truncate(time.Millisecond)
	}
	g, err := traffic.New(p.Traffic)
	if err != nil {
		return clicks, orders, err
	}
	sending, cancel := outlast(ctx, grace)
	defer cancel()
	streams, err := p.open(sending, sent)
	if err == nil {
		err = p.send(ctx, sending, streams, g)
	}
	for _, s := range streams {
		if err == nil {
			err = s.finish(sending)
		}
	}
	for _, s := range streams {
		err = errors.Join(err, s.close())
	}
	if err != nil {
		return clicks, orders, err
	}
	return streams[0].counts, streams[1].counts, nil
}

// check tells in a line whether both destinations can be written to.
func (p Plan) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, d := range []Destination{p.Clicks, p.Orders} {
		if err := d.check(ctx); err != nil {
			return fmt.Errorf("%v can't be written to: %w", d, err)
		}
	}
	return nil
}

// open returns the streams of clicks and of orders. Where it fails, it returns
// those that it has opened.
func (p Plan) open(ctx context.Context, sent *Sent) (all []*stream, err error) {
	for _, to := range []struct {
		Destination
		sent *atomic.Int64
	}{{p.Clicks, &sent.Clicks}, {p.Orders, &sent.Orders}} {
		s, err := to.open(ctx, p)
		if err != nil {
			return all, err
		}
		all = append(all, &stream{sink: s, sent: to.sent})
	}
	return all, nil
}

// outlast returns a context that ends some time after ctx has.
func outlast(ctx context.Context, by time.Duration) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-time.After(by):
			cancel()
		case <-out.Done():
		}
	})
	return out, func() {
		stop()
		cancel()
	}
}
