package window

import (
	"math"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window"
	"github.com/stretchr/testify/assert"
)

func TestWindowsOfTimes(t *testing.T) {
	minute := Policy{Size: time.Minute}
	for name, c := range map[string]struct {
		p                    Policy
		at, start, end, last int64
	}{
		"the epoch":              {minute, 0, 0, 60_000, 59_999},
		"the first of a window":  {minute, 60_000, 60_000, 120_000, 119_999},
		"the last of a window":   {minute, 119_999, 60_000, 120_000, 119_999},
		"a second":               {Policy{Size: time.Second}, 61_999, 61_000, 62_000, 61_999},
		"no divisor of a minute": {Policy{Size: 7 * time.Second}, 60_000, 56_000, 63_000, 62_999},
		"a day":                  {Policy{Size: 24 * time.Hour}, 86_400_001, 86_400_000, 172_800_000, 172_799_999},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.start, c.p.StartOf(c.at))
			assert.Equal(t, c.end, c.p.EndOf(c.at))
			assert.Equal(t, c.last, c.p.LastOf(c.at))
		})
	}
}

func TestLateness(t *testing.T) {
	p := Policy{Size: time.Minute, AllowedLateness: 10 * time.Second, Start: 61_000}
	assert.False(t, p.Ended(59_999, 59_999))
	assert.True(t, p.Ended(59_999, 60_000))
	assert.False(t, p.Ended(60_000, 60_000))
	assert.False(t, p.Expired(0, 69_999))
	assert.True(t, p.Expired(0, 70_000))
	assert.True(t, p.BeforeStart(119_999), "its window begins before, though it does not")
	assert.False(t, p.BeforeStart(120_000))
	assert.False(t, Policy{Size: time.Minute}.BeforeStart(0))
}

func TestHolds(t *testing.T) {
	for name, c := range map[string]struct {
		from, until, start int64
		want               bool
	}{
		"no bounds":             {0, 0, 0, true},
		"no bounds, any time":   {0, 0, math.MaxInt64, true},
		"the first":             {60_000, 180_000, 60_000, true},
		"before the first":      {60_000, 180_000, 0, false},
		"the last":              {60_000, 180_000, 120_000, true},
		"the end is exclusive":  {60_000, 180_000, 180_000, false},
		"from the epoch":        {0, 60_000, 0, true},
		"from the epoch, after": {0, 60_000, 60_000, false},
		"none":                  {60_000, 60_000, 60_000, false},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, Policy{Size: time.Minute, From: c.from, Until: c.until}.Holds(c.start))
		})
	}
}

func TestBounds(t *testing.T) {
	start, end := Bounds(window.IntervalWindow{Start: mtime.FromMilliseconds(5), End: mtime.FromMilliseconds(9)})
	assert.Equal(t, []int64{5, 9}, []int64{start, end})
}
