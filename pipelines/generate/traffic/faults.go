package traffic

import (
	"math"
	"math/rand/v2"
	"sort"
	"time"
)

const (
	minDelay = time.Minute
	maxDelay = 20 * time.Minute

	// resendWithin is how many records later at most a duplicate comes.
	resendWithin = 300
)

// faults decides which records suffer what.
type faults struct {
	rng       *rand.Rand
	late      quota
	lateFrom  int   // the first record that is far enough from the start to be late
	least     int64 // milliseconds by which a late record is late
	live      bool  // late records may be older than the start
	duplicate quota
	malformed quota
}

func newFaults(opts Options, n int, rng *rand.Rand) *faults {
	least, from := minDelay.Milliseconds(), 0
	if !opts.Live {
		c := opts.clock(n)
		least = leastDelay(opts.Span)
		from = sort.Search(n, func(i int) bool { return c.at(i, 0) >= least })
	}
	return &faults{
		rng:       rng,
		late:      newQuota(opts.Late, n, n-from),
		lateFrom:  from,
		least:     least,
		live:      opts.Live,
		duplicate: newQuota(opts.Duplicates, n, n),
		malformed: newQuota(opts.Malformed, n, n),
	}
}

// leastDelay in milliseconds; a span too short for a minute gives half of it.
func leastDelay(span time.Duration) int64 {
	return min(minDelay, span/2).Milliseconds()
}

// delay is by how many milliseconds the Timestamp of record i is earlier than
// its place in the stream, offset milliseconds after the start; mostly 0.
func (f *faults) delay(i int, offset int64) int64 {
	if i < f.lateFrom || !f.late.take(f.rng) {
		return 0
	}
	most := maxDelay.Milliseconds()
	if !f.live {
		most = min(most, offset)
	}
	return f.least + f.rng.Int64N(most-f.least+1)
}

// quota picks an exact number of records out of those still to come, each with
// the same chance (selection sampling).
type quota struct {
	wanted, left int
}

// newQuota is for the share of n records, of which only some can be picked.
func newQuota(share float64, n, eligible int) quota {
	return quota{wanted: min(int(math.Round(share*float64(n))), eligible), left: eligible}
}

func (q *quota) take(rng *rand.Rand) bool {
	if q.wanted == 0 {
		return false
	}
	taken := rng.IntN(q.left) < q.wanted
	q.left--
	if taken {
		q.wanted--
	}
	return taken
}
