package traffic

import "time"

// busyness is the traffic of each equal part of the span, relative to the
// others: a rise, a dip and a peak that charts can show.
var busyness = [...]float64{8, 7, 8, 10, 11, 10, 9, 11, 13, 14, 11, 8}

// clock spreads n records over a span.
type clock struct {
	n        float64
	span     int64 // milliseconds
	busyness []float64
	sum      float64
}

func newClock(n int, span time.Duration) clock {
	c := clock{n: float64(n), span: span.Milliseconds(), busyness: busyness[:]}
	for _, b := range busyness {
		c.sum += b
	}
	return c
}

// newEvenClock keeps one pace.
func newEvenClock(n int, span time.Duration) clock {
	return clock{n: float64(n), span: span.Milliseconds(), busyness: []float64{1}, sum: 1}
}

// at is the time of record i in milliseconds after the start, in [0, span).
// jitter, in [0, 1), places it between its neighbours, so that times increase
// with i although none but the current one is known.
func (c clock) at(i int, jitter float64) int64 {
	// The conversion keeps the compiler from fusing operations, which would
	// round differently from one processor to another.
	rest := float64((float64(i) + jitter) / c.n * c.sum)
	part := 0
	for part < len(c.busyness)-1 && rest >= c.busyness[part] {
		rest -= c.busyness[part]
		part++
	}
	passed := (float64(part) + rest/c.busyness[part]) / float64(len(c.busyness))
	return min(int64(passed*float64(c.span)), c.span-1)
}
