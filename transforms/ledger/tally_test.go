package ledger

import (
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/stretchr/testify/assert"
)

// at is a booking's time and entry.
type at struct {
	ms    int64
	entry Entry
}

// flushed flushes a tally and returns what it emits.
func flushed(t *testing.T, tally *Tally) map[at]int64 {
	all := map[at]int64{}
	tally.Flush(func(time beam.EventTime, e Entry, n int64) {
		booking := at{time.Milliseconds(), e}
		assert.NotContains(t, all, booking, "booked twice")
		all[booking] = n
	})
	return all
}

func TestTallyAddsUpByWindowAndEntry(t *testing.T) {
	malformed := Entry{Clicks, Malformed, "no_event"}
	for _, size := range []int64{1_000, 60_000, 7_000} {
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
		}, flushed(t, &tally))
	}
}

func TestTallyForgetsWhatItFlushed(t *testing.T) {
	var tally Tally
	assert.Empty(t, flushed(t, &tally))
	e := Entry{Orders, NotPromotion, ""}
	for range 2 {
		tally.Add(0, e)
		assert.Equal(t, map[at]int64{{0, e}: 1}, flushed(t, &tally))
	}
	assert.Empty(t, flushed(t, &tally))
}
