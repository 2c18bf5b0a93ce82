package window

import (
	"math"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window/trigger"
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

const (
	minute = 60_000
	hour   = 60 * minute
	at     = 497_000 * hour // 2026-09-12T08:00:00Z
)

// Windows are written to the partition in which they begin.
func TestPartitionOf(t *testing.T) {
	for name, c := range map[string]struct {
		size       time.Duration
		start, own int64
	}{
		"minutes, the first of an hour": {time.Minute, at, at},
		"minutes, the last of an hour":  {time.Minute, at + 59*minute, at},
		"one that ends in the next":     {7 * time.Minute, at + 58*minute, at},
		"an hour":                       {time.Hour, at, at},
		"one and a half":                {90 * time.Minute, 90 * minute, 90 * minute},
		"a day":                         {24 * time.Hour, 24 * hour, 24 * hour},
		"a second more than an hour":    {time.Hour + time.Second, 3 * (hour + 1000), 3 * (hour + 1000)},
		"the epoch":                     {time.Minute, 0, 0},
	} {
		p := Policy{Size: c.size}
		assert.Equal(t, c.own, p.PartitionOf(c.start), name)
		assert.Equal(t, c.own, p.PartitionOf(c.own), name)
	}
}

// Group by group, windows that are joined together are written together.
func TestStampOf(t *testing.T) {
	for name, c := range map[string]struct {
		p      Policy
		t      int64
		stamp  int64
		groups int64 // where the stamp is, by Into
	}{
		"a window alone":      {Policy{Size: time.Minute}, at + 90_000, at + 2*minute - 1, at + minute},
		"by hours":            {Policy{Size: time.Minute, Group: time.Hour}, at + 90_000, at, at},
		"the last of an hour": {Policy{Size: time.Minute, Group: time.Hour}, at + hour - 1, at, at},
		"a window as long":    {Policy{Size: time.Hour, Group: time.Hour}, at + 1, at + hour - 1, at},
		"a longer window":     {Policy{Size: 24 * time.Hour, Group: time.Hour}, 25 * hour, 48*hour - 1, 24 * hour},
		"no divisor of the longer": {Policy{Size: 90 * time.Minute, Group: time.Hour}, 95 * minute, 180*minute - 1,
			90 * minute},
	} {
		assert.Equal(t, c.stamp, c.p.StampOf(c.t), name)
		assert.Equal(t, c.groups, c.stamp-c.stamp%c.p.group().Milliseconds(), name)
	}
	straddling := Policy{Size: 7 * time.Minute, Group: time.Hour}
	for of := int64(at); of < at+3*hour; of += minute {
		start := straddling.StartOf(of)
		assert.Equal(t, straddling.PartitionOf(start), straddling.StampOf(of),
			"a window is grouped where it is written")
	}
}

func TestIntoPartitions(t *testing.T) {
	for name, c := range map[string]struct {
		p        Policy
		size     time.Duration
		lateness time.Duration
		fires    bool // before its end, and after
	}{
		"finished":         {Policy{Size: time.Minute, Keys: 1}, time.Hour, 0, false},
		"finished, longer": {Policy{Size: 24 * time.Hour, Keys: 1}, 24 * time.Hour, 0, false},
		"unbounded": {Policy{Size: 7 * time.Minute, AllowedLateness: time.Minute}, time.Hour, 8 * time.Minute,
			true},
		"unbounded, longer": {Policy{Size: 90 * time.Minute}, 90 * time.Minute, 90 * time.Minute, true},
	} {
		_, s := beam.NewPipelineWithRoot()
		got := c.p.IntoPartitions(s, beam.Create(s, "row"), 5*time.Second).WindowingStrategy()
		want := &window.WindowingStrategy{Fn: window.NewFixedWindows(c.size), Trigger: trigger.DefaultTrigger{},
			AccumulationMode: window.Discarding, AllowedLateness: int(c.lateness.Milliseconds())}
		if c.fires {
			after := trigger.AfterProcessingTime().PlusDelay(5 * time.Second)
			want.Trigger = trigger.AfterEndOfWindow().EarlyFiring(after).LateFiring(after)
		}
		assert.Equal(t, want, got, name)
	}
}
