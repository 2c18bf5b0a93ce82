// Package traffic makes random clicks and orders in the shape that a shop's two
// streams have, seeded and with faults on demand, for pipelines/generate and for tests.
//
// Records come as iterators in order of arrival, so that they can go to files (see
// Generator.WriteDir) or to any other sink. Memory does not grow with the number of
// records.
package traffic

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"time"
)

// Fault says what is wrong with a Record.
type Fault uint8

const (
	None      Fault = iota // a valid record in its place
	Late                   // valid, but its Timestamp is earlier than its neighbours'
	Duplicate              // has the id of a record before it
	Malformed              // not a record at all
)

// Record is one line or message.
type Record struct {
	Time    time.Time // simulated arrival, in UTC; never decreases
	Payload []byte    // without a line end; valid until the next record
	User    int       // 17 for the user U17
	Fault   Fault
}

// Every purpose draws from a random sequence of its own, so that faults leave
// the records as they are, and the number of clicks the orders.
const (
	clickSequence uint64 = iota + 1
	orderSequence
	clickFaultSequence
	orderFaultSequence
	appetiteSequence
)

func newRand(seed, sequence uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, sequence))
}

// Generator makes the traffic that its options describe. Its iterators can be
// run several times and side by side; each run gives the same records.
type Generator struct {
	opts       Options
	promotions *promotions
}

// New returns the error of opts.Validate, if any.
func New(opts Options) (*Generator, error) {
	if err := opts.Validate(); err != nil {
		return nil, fmt.Errorf("traffic options: %w", err)
	}
	opts.EventIDs = opts.EventIDs || opts.Duplicates > 0
	return &Generator{opts: opts, promotions: newPromotions(opts.Promotions, opts.Seed)}, nil
}

// Clicks yields the clicks in order of arrival.
func (g *Generator) Clicks() iter.Seq[Record] {
	return func(yield func(Record) bool) {
		rng := newRand(g.opts.Seed, clickSequence)
		src := &clickSource{rng: rng, opts: &g.opts, promotions: g.promotions}
		faults := newFaults(g.opts, g.opts.Clicks, newRand(g.opts.Seed, clickFaultSequence))
		newStream(g.opts, g.opts.Clicks, rng, src, faults, malformedClicks).run(yield)
	}
}

// Orders yields the orders in order of arrival.
func (g *Generator) Orders() iter.Seq[Record] {
	return func(yield func(Record) bool) {
		rng := newRand(g.opts.Seed, orderSequence)
		src := &orderSource{rng: rng, promotions: g.promotions}
		faults := newFaults(g.opts, g.opts.Orders, newRand(g.opts.Seed, orderFaultSequence))
		newStream(g.opts, g.opts.Orders, rng, src, faults, malformedOrders).run(yield)
	}
}
