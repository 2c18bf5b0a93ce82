package event

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"adtoorder/io/record"
	"adtoorder/io/window"
	"adtoorder/transforms/ledger"
)

// samples chooses a few of the records that are not about a promotion, to be looked at:
// those of the least rank in each span of event time. A rank follows from a record's place
// alone, so that the same ones are chosen on every runner and in every run, however the
// work is shared.
type samples struct {
	stream string
	spans  window.Policy // its groups are the spans
	most   int           // of a span

	chosen map[int64][]Reject // by the span's stamp, in the order of ranks
	// Of the last record: its source, the hash of that, its window, its span, and up to
	// which rank that takes some.
	source     string
	hash       uint64
	start, end int64
	span       int64
	takes      uint64
}

const (
	// samplesAnHour is how many records of a stream are chosen at most of an hour, which is
	// the span of finished input. Of unbounded input it is a window, which has its share.
	samplesAnHour = 10
	// maxSample is what is kept of a sample's payload, in bytes.
	maxSample = 4 << 10
)

func newSamples(stream string, windows window.Policy) *samples {
	spans := windows.Spans()
	share := samplesAnHour * spans.Group.Minutes() / window.Partition.Minutes()
	return &samples{stream: stream, spans: spans, most: min(max(1, int(share)), samplesAnHour),
		chosen: map[int64][]Reject{}}
}

// offer takes a record that is accounted for at a time, if it is one of a span's.
func (s *samples) offer(r *record.Record, at int64) {
	if at < s.start || at >= s.end {
		s.start, s.end, s.span = s.spans.StartOf(at), s.spans.EndOf(at), s.spans.StampOf(at)
		s.takes = s.limit(s.span)
	}
	rank := s.rank(r)
	if rank > s.takes {
		return
	}
	sample := Reject{Stream: s.stream, Source: r.Source, Position: r.Position(), Offset: r.Offset, Time: at,
		Outcome: ledger.NotPromotion, Rank: rank}
	if taken := s.add(s.span, sample); taken != nil {
		taken.Payload = bytes.Clone(r.Payload[:min(len(r.Payload), maxSample)])
		taken.Cut = r.Size > int64(len(taken.Payload))
		s.takes = s.limit(s.span)
	}
}

// limit returns the largest rank that a span takes.
func (s *samples) limit(span int64) uint64 {
	if of := s.chosen[span]; len(of) == s.most {
		return of[len(of)-1].Rank
	}
	return math.MaxUint64
}

// add takes a sample, if it is one of a span's, and returns it then.
func (s *samples) add(span int64, sample Reject) (taken *Reject) {
	of := s.chosen[span]
	i, again := slices.BinarySearchFunc(of, sample, compareRanks)
	if again || i == s.most {
		return nil
	}
	of = slices.Insert(of, i, sample)
	s.chosen[span] = of[:min(len(of), s.most)]
	return &of[i]
}

func compareRanks(a, b Reject) int {
	return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Position, b.Position))
}

// take returns what was chosen since the last time.
func (s *samples) take() (all []Reject) {
	for _, of := range s.chosen {
		all = append(all, of...)
	}
	clear(s.chosen)
	s.start, s.end = 0, 0
	return all
}

// rank mixes the hash of a record's source with its position.
func (s *samples) rank(r *record.Record) uint64 {
	if r.Source != s.source {
		s.source, s.hash = r.Source, hashOn(hashStart, r.Source)
	}
	if r.Sequence != "" {
		return mix(hashOn(s.hash, r.Sequence))
	}
	return mix(s.hash + uint64(r.Offset))
}

// FNV-1a, of 64 bits.
const (
	hashStart = 14695981039346656037
	hashPrime = 1099511628211
)

func hashOn(hash uint64, text string) uint64 {
	for i := range len(text) {
		hash = (hash ^ uint64(text[i])) * hashPrime
	}
	return hash
}

// mix spreads near numbers over all of 64 bits (the finalizer of SplitMix64).
func mix(n uint64) uint64 {
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}
