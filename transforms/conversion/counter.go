package conversion

import (
	"runtime"
	"sync"

	"adtoorder/io/progress"
	"adtoorder/io/record"
	"adtoorder/transforms/event"
	"adtoorder/transforms/ledger"
)

// counter decodes and adds up a bundle's records in a worker for every processor: that
// is most of a run's work. The bundle's own goroutine reads the next batch meanwhile.
type counter[E any, P event.Event[E], S any] struct {
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
func (c *counter[E, P, S]) setup(decoder func() *event.Decoder[E, P], add func(sums[S], *E)) {
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
func (c *counter[E, P, S]) count(batch []record.Record, reject emitReject) {
	for {
		select {
		case c.batches <- batch:
			return
		case rejects := <-c.rejects:
			emitRejects(rejects, reject)
		}
	}
}

// finish ends a stream's bundle, and returns what each worker has counted, and what all have
// booked. What they have assumed goes to this process's progress.
func (c *counter[E, P, S]) finish(stream string, reject emitReject) (counted []sums[S], booked ledger.Tally) {
	close(c.batches)
	for rejects := range c.rejects {
		emitRejects(rejects, reject)
	}
	for _, w := range c.workers {
		counted = append(counted, w.sums)
		booked.Merge(w.decoder.Tally)
		w.sums, w.decoder.Tally = nil, ledger.Tally{}
		for assumption, records := range w.decoder.Assumed {
			if records > 0 {
				what := event.Assumption(assumption).String()
				progress.Assume(progress.Assumption{Stream: stream, What: what}, records)
			}
		}
		clear(w.decoder.Assumed[:])
	}
	return counted, booked
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
