package conversion

import (
	"runtime"

	"adtoorder/io/progress"
	"adtoorder/io/record"
	"adtoorder/io/window"
	"adtoorder/transforms/event"
	"adtoorder/transforms/ledger"
)

// counter decodes and adds up a bundle's records in a worker for every processor: that
// is most of a run's work. The bundle's own goroutine reads the next batch meanwhile.
//
// A worker has a goroutine as long as it has a batch, and waits for nobody: of a bundle
// that fails, Beam (2.77) tells its DoFns nothing, not even a Teardown.
type counter[E any, P event.Event[E], S any] struct {
	stream  stream[E, P, S]
	workers []*worker[E, P, S]
	idle    chan *worker[E, P, S] // those without a batch; it has room for all
	records int                   // since the start
}

// stream is what tells the counting of one stream from that of the other.
type stream[E any, P event.Event[E], S any] struct {
	name    string
	windows window.Policy
	reading event.Reading
	decoder func(window.Policy) *event.Decoder[E, P]
	add     func(sums[S], *E)
	partial func(key, *S) Partial
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
	rejects []event.Reject // of its last batch
}

// setup makes the workers.
func (c *counter[E, P, S]) setup(of stream[E, P, S]) error {
	c.stream = of
	c.idle = make(chan *worker[E, P, S], runtime.GOMAXPROCS(0))
	for range cap(c.idle) {
		w := &worker[E, P, S]{decoder: of.decoder(of.windows), add: of.add}
		if err := w.decoder.ReadBy(of.reading); err != nil {
			return err
		}
		c.workers = append(c.workers, w)
		c.idle <- w
	}
	return nil
}

// full reports whether what was counted is to be emitted before there is more.
func (c *counter[E, P, S]) full() bool { return c.records >= maxCounted }

// start begins to count.
func (c *counter[E, P, S]) start() {
	c.records = 0
	for _, w := range c.workers {
		w.sums = sums[S]{}
	}
}

// count gives a batch to the next worker that is idle, and emits the rejects that it has.
func (c *counter[E, P, S]) count(batch []record.Record, reject func([]event.Reject)) {
	c.records += len(batch)
	w := <-c.idle
	rejects := w.rejects
	go func() {
		w.work(batch)
		c.idle <- w
	}()
	reject(rejects)
}

// finish ends counting, and returns what each worker has counted, and what all have
// booked. What they have assumed goes to this process's progress.
func (c *counter[E, P, S]) finish(reject func([]event.Reject)) (counted []sums[S], booked ledger.Tally) {
	for range c.workers {
		w := <-c.idle
		reject(w.rejects)
		counted = append(counted, w.sums)
		booked.Merge(w.decoder.Tally)
		booked.Merge(w.decoder.Places)
		w.tell(c.stream.name)
		w.tellOutcomes(c.stream.name)
		w.sums, w.rejects, w.decoder.Tally, w.decoder.Places = nil, nil, ledger.Tally{}, ledger.Tally{}
	}
	for _, w := range c.workers {
		c.idle <- w
	}
	return counted, booked
}

// tell notes what a worker has assumed of a stream's records.
func (w *worker[E, P, S]) tell(stream string) {
	for assumption, records := range w.decoder.Assumed {
		if records > 0 {
			what := w.decoder.Describe(event.Assumption(assumption))
			progress.Assume(progress.Assumption{Stream: stream, What: what}, records)
		}
	}
	clear(w.decoder.Assumed[:])
}

// tellOutcomes notes what became of a stream's records as far as a worker knows, and what
// came close to what is looked for.
func (w *worker[E, P, S]) tellOutcomes(stream string) {
	d := w.decoder
	progress.Book(stream, ledger.Counted, d.Events) // or a duplicate, which the join finds
	for e, records := range d.Tally.Entries() {
		progress.Book(stream, e.Outcome, records)
	}
	d.Events = 0
	if d.Near != nil {
		d.Near.Tell()
	}
}

// work counts a batch.
func (w *worker[E, P, S]) work(batch []record.Record) {
	w.rejects = nil
	w.decoder.Decode(batch, func(e *E) { w.add(w.sums, e) },
		func(r event.Reject) { w.rejects = append(w.rejects, r) })
}
