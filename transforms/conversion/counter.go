package conversion

import (
	"runtime"
	"sync"

	"adtoorder/io/record"
	"adtoorder/io/window"
	"adtoorder/transforms/event"
	"adtoorder/transforms/ledger"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
)

// counter decodes and adds up a bundle's records in a worker for every processor: that
// is most of a run's work. The bundle's own goroutine reads the next batch meanwhile.
type counter[E any, P event.Event[E], S any] struct {
	windows window.Policy
	workers []*worker[E, P, S]
	batches chan []record.Record
	rejects chan []event.Reject
}

// worker has what one goroutine counts.
type worker[E any, P event.Event[E], S any] struct {
	decoder *event.Decoder[E, P]
	add     func(sums[S], *E)
	sums    sums[S]
}

// setup makes the workers.
func (c *counter[E, P, S]) setup(
	windows window.Policy, decoder func() *event.Decoder[E, P], add func(sums[S], *E),
) {
	c.windows = windows
	for range runtime.GOMAXPROCS(0) {
		c.workers = append(c.workers, &worker[E, P, S]{decoder: decoder(), add: add})
	}
}

// start begins a bundle.
func (c *counter[E, P, S]) start() {
	c.batches, c.rejects = make(chan []record.Record), make(chan []event.Reject)
	var working sync.WaitGroup
	for _, w := range c.workers {
		w.sums = sums[S]{}
		working.Go(func() { w.work(c.batches, c.rejects) })
	}
	go func() {
		working.Wait()
		close(c.rejects)
	}()
}

// count gives a batch to a worker, and emits rejects while none is free.
func (c *counter[E, P, S]) count(batch []record.Record, emit emitRejects) {
	for {
		select {
		case c.batches <- batch:
			return
		case rejects := <-c.rejects:
			c.emit(rejects, emit)
		}
	}
}

// finish ends a bundle, and returns what each worker has counted, and what all have booked.
func (c *counter[E, P, S]) finish(emit emitRejects) (counted []sums[S], booked ledger.Tally) {
	close(c.batches)
	for rejects := range c.rejects {
		c.emit(rejects, emit)
	}
	for _, w := range c.workers {
		counted = append(counted, w.sums)
		booked.Merge(w.decoder.Tally)
		w.sums, w.decoder.Tally = nil, ledger.Tally{}
	}
	return counted, booked
}

// emit emits rejects of one partition together, when the last of them is accounted for.
func (c *counter[E, P, S]) emit(rejects []event.Reject, emit emitRejects) {
	partitions := map[int64][]event.Reject{}
	for _, r := range rejects {
		start := c.windows.PartitionOf(c.windows.StartOf(r.Time))
		partitions[start] = append(partitions[start], r)
	}
	for _, some := range partitions {
		emit(mtime.FromMilliseconds(some[len(some)-1].Time), some)
	}
}

// work counts batches until there are no more.
func (w *worker[E, P, S]) work(batches <-chan []record.Record, rejects chan<- []event.Reject) {
	for batch := range batches {
		var unusable []event.Reject
		w.decoder.Decode(batch, func(e *E) { w.add(w.sums, e) },
			func(r event.Reject) { unusable = append(unusable, r) })
		if len(unusable) > 0 {
			rejects <- unusable
		}
	}
}
