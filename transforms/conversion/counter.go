package conversion

import (
	"runtime"
	"sync"

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
	records int // since the start
}

// maxCounted is how many records are counted before what they add up to is emitted, a
// bundle's end or not: a batch on Flink takes all that a slot reads for one bundle. A
// partial sum takes some 200 bytes, an id 16 to 32.
const maxCounted = 1_000_000

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

// full reports whether what was counted is to be emitted before there is more.
func (c *counter[E, P, S]) full() bool { return c.records >= maxCounted }

// start begins to count.
func (c *counter[E, P, S]) start() {
	c.records = 0
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
	c.records += len(batch)
	for {
		select {
		case c.batches <- batch:
			return
		case rejects := <-c.rejects:
			emitRejects(rejects, reject)
		}
	}
}

// finish ends counting, and returns what each worker has counted, and what all have booked.
func (c *counter[E, P, S]) finish(reject emitReject) (counted []sums[S], booked ledger.Tally) {
	close(c.batches)
	for rejects := range c.rejects {
		emitRejects(rejects, reject)
	}
	for _, w := range c.workers {
		counted = append(counted, w.sums)
		booked.Merge(w.decoder.Tally)
		w.sums, w.decoder.Tally = nil, ledger.Tally{}
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
