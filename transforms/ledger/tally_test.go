package ledger

import (
	"testing"
	"time"

	windows "adtoorder/io/window"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/stretchr/testify/assert"
)

// at is a booking's window and entry.
type at struct {
	ms    int64
	entry Entry
}

// flushed flushes a tally and returns what it emits.
func flushed(t *testing.T, tally *Tally, policy windows.Policy) map[at]int64 {
	all := map[at]int64{}
	tally.Flush(policy, Clicks, func(time beam.EventTime, stream string, b Bookings) {
		assert.Equal(t, Clicks, stream)
		for _, c := range b.Counts {
			assert.Equal(t, policy.StampOf(c.Window), time.Milliseconds())
			booking := at{c.Window, c.Entry}
			assert.NotContains(t, all, booking, "booked twice")
			all[booking] = c.Records
		}
	})
	return all
}

func TestTallyAddsUpByWindowAndEntry(t *testing.T) {
	malformed := Entry{Clicks, Malformed, "no_event"}
	for _, policy := range []windows.Policy{minutes, {Size: time.Second}, {Size: 7 * time.Second},
		{Size: 7 * time.Second, Group: time.Hour}} {
		size := policy.Size.Milliseconds()
		var tally Tally
		for _, start := range []int64{0, 0, 0, size, 2 * size, 3 * size} {
			tally.Add(start, malformed)
		}
		tally.Add(0, Entry{Clicks, Malformed, "no_timestamp"})
		tally.Add(0, Entry{Orders, Malformed, "no_event"})
		tally.Add(0, Entry{Clicks, NotPromotion, ""})
		assert.Equal(t, map[at]int64{
			{0, malformed}: 3, {size, malformed}: 1, {2 * size, malformed}: 1, {3 * size, malformed}: 1,
			{0, Entry{Clicks, Malformed, "no_timestamp"}}: 1,
			{0, Entry{Orders, Malformed, "no_event"}}:     1,
			{0, Entry{Clicks, NotPromotion, ""}}:          1,
		}, flushed(t, &tally, policy))
	}
}

func TestTallyForgetsWhatItFlushed(t *testing.T) {
	var tally Tally
	assert.Empty(t, flushed(t, &tally, minutes))
	e := Entry{Orders, NotPromotion, ""}
	for range 2 {
		tally.Add(0, e)
		assert.Equal(t, map[at]int64{{0, e}: 1}, flushed(t, &tally, minutes))
	}
	assert.Empty(t, flushed(t, &tally, minutes))
}

func TestTalliesMerge(t *testing.T) {
	e, other := Entry{Clicks, NotPromotion, ""}, Entry{Clicks, Malformed, "no_event"}
	var one, two Tally
	one.Add(0, e)
	two.Add(0, e)
	two.Add(60_000, e)
	two.Add(0, other)
	one.Merge(two)
	one.Merge(Tally{})
	assert.Equal(t, map[at]int64{{0, e}: 2, {60_000, e}: 1, {0, other}: 1}, flushed(t, &one, minutes))
}
