package event

import (
	"runtime"

	"adtoorder/io/record"
)

// parallelParser parses batches side by side, and hands them back in the order in
// which they came. Parsing is most of a run's work; so it goes on while the bundle's
// own goroutine reads the next batch and counts the last.
type parallelParser[E any, P event[E]] struct {
	idle    []*parser
	batches []*parsing[E] // started, the oldest first; at most as many as parsers
}

// parsing is a batch that is being parsed.
type parsing[E any] struct {
	parser *parser
	batch  []record.Record
	result []result[E] // one a record
	done   chan struct{}
}

// result is what became of a record.
type result[E any] struct {
	event E
	parsed
}

// setup makes a parser for every processor.
func (q *parallelParser[E, P]) setup() {
	for range runtime.GOMAXPROCS(0) {
		q.idle = append(q.idle, newParser())
	}
}

func (q *parallelParser[E, P]) full() bool  { return len(q.idle) == 0 }
func (q *parallelParser[E, P]) empty() bool { return len(q.batches) == 0 }

// push starts to parse a batch. The queue must not be full.
func (q *parallelParser[E, P]) push(batch []record.Record) {
	last := len(q.idle) - 1
	b := &parsing[E]{q.idle[last], batch, make([]result[E], len(batch)), make(chan struct{})}
	q.idle = q.idle[:last]
	q.batches = append(q.batches, b)
	go func() {
		defer close(b.done)
		for i, r := range b.batch {
			one := &b.result[i]
			one.parsed = P(&one.event).parse(b.parser, r)
		}
	}()
}

// pop waits for the oldest batch. The queue must not be empty.
func (q *parallelParser[E, P]) pop() ([]record.Record, []result[E]) {
	b := q.batches[0]
	q.batches = q.batches[1:]
	<-b.done
	q.idle = append(q.idle, b.parser)
	return b.batch, b.result
}
