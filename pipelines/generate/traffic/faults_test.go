package traffic

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestQuotaIsExactAndSpread(t *testing.T) {
	rng := newRand(1, 1)
	for _, share := range []float64{0, 0.001, 0.3, 1} {
		t.Run(fmt.Sprint(share), func(t *testing.T) {
			q := newQuota(share, 10_000, 10_000)
			var taken, firstHalf float64
			for i := range 10_000 {
				if q.take(rng) {
					taken++
					if i < 5000 {
						firstHalf++
					}
				}
			}
			assert.Equal(t, share*10_000, taken)
			assert.InDelta(t, taken/2, firstHalf, 150)
		})
	}
}

func TestQuotaIsBoundByTheEligible(t *testing.T) {
	assert.Equal(t, quota{wanted: 50, left: 60}, newQuota(0.5, 100, 60))
	assert.Equal(t, quota{wanted: 60, left: 60}, newQuota(0.9, 100, 60))
	assert.Equal(t, quota{}, newQuota(0.9, 0, 0))
}

func TestDelayRange(t *testing.T) {
	for span, want := range map[time.Duration][2]time.Duration{
		time.Hour:             {time.Minute, 20 * time.Minute},
		5 * time.Minute:       {time.Minute, 5 * time.Minute},
		10 * time.Second:      {5 * time.Second, 10 * time.Second},
		24 * time.Hour:        {time.Minute, 20 * time.Minute},
		20 * time.Millisecond: {10 * time.Millisecond, 20 * time.Millisecond},
	} {
		t.Run(span.String(), func(t *testing.T) {
			const n = 20_000
			opts := Options{Span: span, Late: 0.25}
			f, c := newFaults(opts, n, newRand(1, 1)), newClock(n, span)
			late, least, most := 0, span, time.Duration(0)
			for i := range n {
				offset := c.at(i, 0.5)
				delay := f.delay(i, offset)
				assert.LessOrEqual(t, delay, offset, "before the start")
				if delay > 0 {
					late++
					least = min(least, time.Duration(delay)*time.Millisecond)
					most = max(most, time.Duration(delay)*time.Millisecond)
				}
			}
			assert.Equal(t, n/4, late)
			assert.GreaterOrEqual(t, least, want[0])
			assert.LessOrEqual(t, most, want[1])
			assert.Greater(t, most, want[1]*9/10)
			assert.Less(t, least, want[0]*11/10)
		})
	}
}

func TestNothingIsLateInOneMillisecond(t *testing.T) {
	f := newFaults(Options{Span: time.Millisecond, Late: 1}, 1, newRand(1, 1))
	assert.Zero(t, f.delay(0, 0))
}
