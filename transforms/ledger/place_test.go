package ledger

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPlacesAreBookedAndFoundAgain(t *testing.T) {
	in := Place{Clicks, "/a\nb", 3_600_000, "", 2}
	undated := Place{Orders, "gs://b/c d", 0, "wrong_type: Timestamp", 1}
	var tally, other Tally
	tally.AddPlace(in)
	tally.Add(0, Entry{Clicks, Malformed, "no_event"})
	other.AddPlace(in)
	other.AddPlace(undated)
	tally.Merge(other)
	in.Records = 4
	assert.ElementsMatch(t, []Place{in, undated}, tally.Places())

	got, ok := Row{WindowStart: 3_600_000, Entry: Entry{Clicks, placed, "/a\nb\n"}, Records: 4}.Place()
	assert.True(t, ok)
	assert.Equal(t, in, got)
	_, ok = Row{Entry: Entry{Clicks, Counted, ""}, Records: 4}.Place()
	assert.False(t, ok)
	assert.NotContains(t, Outcomes, placed)
}

func TestUndatedRecordsAreOnTheLedger(t *testing.T) {
	assert.Equal(t, Entry{Orders, Malformed, "bad_timestamp"}, Undated(Orders, "bad_timestamp"))
	for _, e := range []Entry{{Orders, BeforeStart, ""}, {Orders, NotPromotion, ""}, {Orders, Filtered, "a bot"},
		{Orders, Malformed, "no_event"}} {
		assert.Equal(t, e, Undated(Orders, UndatedAs(e.Outcome, e.Reason)))
	}
}
