package publish

import (
	"context"
	"time"
)

// flushEvery is how often what has gathered is written, at most.
const flushEvery = 200 * time.Millisecond

// gathering is of sinks whose writer gathers records, and writes full batches by
// itself.
type gathering struct {
	flush   func(context.Context) error
	flushed time.Time
}

func (g *gathering) reach(ctx context.Context, now time.Time) error {
	if now.Sub(g.flushed) < flushEvery {
		return nil
	}
	g.flushed = now
	return g.flush(ctx)
}

func (g *gathering) finish(ctx context.Context) error { return g.flush(ctx) }
