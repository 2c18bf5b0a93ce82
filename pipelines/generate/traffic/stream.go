package traffic

import (
	"math/rand/v2"
	"time"
)

// source makes the records of one stream.
type source interface {
	// draw makes the record of that number, above 0, in place of the one before.
	draw(number int)
	// drawn is the user of the record that was drawn.
	drawn() (user int)
	appendTo(buf []byte, unixMilli int64) []byte
	// appendAgain writes the record as a later delivery of it would come.
	appendAgain(buf []byte, unixMilli int64, rng *rand.Rand) []byte
}

// stream puts the records of a source into order of arrival. A place in the
// stream is taken by one record and, after it, by the duplicates that are due
// there and at most one malformed line.
type stream struct {
	n       int
	first   int   // number of the first record
	start   int64 // Unix milliseconds
	clock   clock
	rng     *rand.Rand
	source  source
	faults  *faults
	broken  []malformation
	nbroken int

	pending [resendWithin + 1][]Record // duplicates, by the place where they are due, modulo the length
	arrival time.Time
	buf     []byte
	stamper stamper
	yield   func(Record) bool
}

func newStream(opts Options, n int, rng *rand.Rand, src source, f *faults, broken []malformation) *stream {
	return &stream{
		n:      n,
		first:  opts.firstNumber(),
		start:  opts.Start.UnixMilli(),
		clock:  opts.clock(n),
		rng:    rng,
		source: src,
		faults: f,
		broken: broken,
	}
}

func (s *stream) run(yield func(Record) bool) {
	s.yield = yield
	for i := range s.n {
		offset := s.clock.at(i, s.rng.Float64())
		s.arrival = time.UnixMilli(s.start + offset).UTC()
		if !s.record(i, offset) || !s.duplicates(i) || !s.malformed() {
			return
		}
	}
	for i := range s.pending {
		if !s.duplicates(s.n + i) {
			return
		}
	}
}

func (s *stream) record(i int, offset int64) bool {
	fault := None
	delay := s.faults.delay(i, offset)
	if delay > 0 {
		fault = Late
	}
	timestamp := s.start + offset - delay
	s.source.draw(s.first + i)
	s.buf = s.source.appendTo(s.buf[:0], timestamp)
	if s.faults.duplicate.take(s.faults.rng) {
		due := (i + 1 + s.faults.rng.IntN(resendWithin)) % len(s.pending)
		again := s.source.appendAgain(nil, timestamp, s.faults.rng)
		s.pending[due] = append(s.pending[due], Record{Payload: again, User: s.source.drawn(), Fault: Duplicate})
	}
	return s.yield(Record{Time: s.arrival, Payload: s.buf, User: s.source.drawn(), Fault: fault})
}

func (s *stream) duplicates(place int) bool {
	due := place % len(s.pending)
	for _, r := range s.pending[due] {
		r.Time = s.arrival
		if !s.yield(r) {
			return false
		}
	}
	s.pending[due] = nil
	return true
}

func (s *stream) malformed() bool {
	if !s.faults.malformed.take(s.faults.rng) {
		return true
	}
	kind := s.broken[s.nbroken%len(s.broken)]
	s.nbroken++
	id := string(appendPadded([]byte{'M'}, s.nbroken, 6))
	timestamp := string(s.stamper.appendTo(nil, s.arrival.UnixMilli()))
	s.buf = kind.appendTo(s.buf[:0], id, timestamp)
	return s.yield(Record{Time: s.arrival, Payload: s.buf, User: 1, Fault: Malformed})
}
