package traffic

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestClockRisesThroughTheSpan(t *testing.T) {
	const n = 10_000
	c := newClock(n, time.Hour)
	last := int64(-1)
	for i := range n {
		at := c.at(i, 0.999*float64(i%2))
		if at < last || at >= time.Hour.Milliseconds() {
			t.Fatalf("record %d at %d ms, after one at %d ms", i, at, last)
		}
		last = at
	}
	assert.Zero(t, c.at(0, 0))
	assert.Greater(t, last, (59 * time.Minute).Milliseconds())
}

func TestClockFollowsBusyness(t *testing.T) {
	const perUnit = 100 // records for each unit of busyness
	c := newClock(120*perUnit, 12*time.Minute)
	assert.Equal(t, 120.0, c.sum)
	perMinute := make([]float64, len(busyness))
	for i := range 120 * perUnit {
		perMinute[c.at(i, 0.5)/time.Minute.Milliseconds()]++
	}
	for minute, want := range busyness {
		assert.InDelta(t, want*perUnit, perMinute[minute], 1, "minute %d", minute)
	}
}

func TestClockStaysInTheShortestSpan(t *testing.T) {
	c := newClock(3, time.Millisecond)
	assert.Zero(t, c.at(2, 0.999999999999))
}
