package event

import (
	"runtime"

	"adtoorder/io/record"
)

// parallelDecoder decodes batches side by side, and hands them back in the order in
// which they came. Decoding is most of a run's work; so it goes on while the bundle's
// own goroutine reads the next batch and counts the last.
type parallelDecoder[E any, P Event[E]] struct {
	idle    []*Decoder[E, P]
	batches []*decoding[E, P] // started, the oldest first; at most as many as decoders
}

// decoding is a batch that is being decoded.
type decoding[E any, P Event[E]] struct {
	decoder *Decoder[E, P]
	events  []E
	rejects []Reject
	done    chan struct{}
}

// setup makes a decoder for every processor.
func (q *parallelDecoder[E, P]) setup(c classifier) {
	for range runtime.GOMAXPROCS(0) {
		q.idle = append(q.idle, newDecoder[E, P](c))
	}
}

func (q *parallelDecoder[E, P]) full() bool  { return len(q.idle) == 0 }
func (q *parallelDecoder[E, P]) empty() bool { return len(q.batches) == 0 }

// push starts to decode a batch. The queue must not be full.
func (q *parallelDecoder[E, P]) push(batch []record.Record) {
	last := len(q.idle) - 1
	b := &decoding[E, P]{q.idle[last], make([]E, 0, len(batch)), nil, make(chan struct{})}
	q.idle = q.idle[:last]
	q.batches = append(q.batches, b)
	go func() {
		defer close(b.done)
		b.decoder.Decode(batch,
			func(e *E) { b.events = append(b.events, P(e).own()) },
			func(r Reject) { b.rejects = append(b.rejects, r) })
	}()
}

// pop waits for the oldest batch. The queue must not be empty.
func (q *parallelDecoder[E, P]) pop() ([]E, []Reject) {
	b := q.batches[0]
	q.batches = q.batches[1:]
	<-b.done
	q.idle = append(q.idle, b.decoder)
	return b.events, b.rejects
}
