package pubsub

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var start = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// leased returns leases of three batches: a b, c, d e f. The job has read 10
// messages before.
func leased(t *testing.T) *leases {
	t.Helper()
	l := newLeases()
	again, _, err := l.rewind("10", start)
	require.NoError(t, err)
	require.Empty(t, again)
	assert.Equal(t, "12", l.take([]string{"a", "b"}, start))
	assert.Equal(t, "13", l.take([]string{"c"}, start.Add(time.Second)))
	assert.Equal(t, "16", l.take([]string{"d", "e", "f"}, start.Add(2*time.Second)))
	return l
}

func TestWhatIsHeldIsAcknowledged(t *testing.T) {
	for position, want := range map[string][]string{"": nil, "10": nil, "11": nil, "12": {"a", "b"},
		"13": {"a", "b", "c"}, "16": {"a", "b", "c", "d", "e", "f"}} {
		t.Run(position, func(t *testing.T) {
			l := leased(t)
			l.finalized(position)
			assert.Equal(t, want, l.pending(false))
			assert.Equal(t, len(want) > 0, len(l.wake) > 0, "the keeper is told")
			assert.Len(t, l.all(), 6-len(want))
			l.finalized("16")
			assert.Empty(t, l.pending(false), "nothing twice")
		})
	}
}

func TestGoingBackGivesBack(t *testing.T) {
	for position, want := range map[string][]string{"16": nil, "13": {"d", "e", "f"}, "12": {"c", "d", "e", "f"},
		"3": {"a", "b", "c", "d", "e", "f"}} {
		t.Run(position, func(t *testing.T) {
			l := leased(t)
			again, _, err := l.rewind(position, start)
			require.NoError(t, err)
			assert.Equal(t, want, again)
			again, _, err = l.rewind(position, start)
			require.NoError(t, err)
			assert.Empty(t, again, "nothing twice")
			assert.Equal(t, "17", l.take([]string{"g"}, start), "numbers are not used again")
			l.finalized("16") // is heard late
			assert.NotContains(t, l.pending(false), "g")
			again, _, err = l.rewind("17", start)
			require.NoError(t, err)
			assert.Empty(t, again)
			l.finalized("17")
			assert.Contains(t, l.pending(false), "g")
		})
	}
}

// A reads to 16, another worker goes on to 500, and A again: what A holds was
// given up, and its numbers would now be those of others.
func TestAReaderThatComesBackGivesUpWhatItHeld(t *testing.T) {
	l := leased(t)
	again, goesOn, err := l.rewind("500", start)
	require.NoError(t, err)
	assert.False(t, goesOn)
	assert.Equal(t, []string{"a", "b", "c", "d", "e", "f"}, again)
	assert.Equal(t, "501", l.take([]string{"g"}, start))
	l.finalized("500") // of the other's
	assert.Empty(t, l.pending(false))
	again, goesOn, err = l.rewind("501", start)
	require.NoError(t, err)
	assert.True(t, goesOn)
	assert.Empty(t, again)
	l.finalized("501")
	assert.Equal(t, []string{"g"}, l.pending(false))
}

func TestWhatAReaderThatIsGoneHasReadIsGivenUp(t *testing.T) {
	l := leased(t)
	l.finalized("12")
	assert.Empty(t, l.abandoned(start.Add(readerAbsence-1)))
	assert.Equal(t, []string{"c", "d", "e", "f"}, l.abandoned(start.Add(readerAbsence)))
	assert.Empty(t, l.abandoned(start.Add(2*readerAbsence)), "nothing twice")
	assert.Equal(t, []string{"a", "b"}, l.pending(false), "what is held stays so")
	assert.Empty(t, newLeases().abandoned(start), "a reader that has not begun")
}

func TestExtended(t *testing.T) {
	l := leased(t)
	batches, _ := l.due(start.Add(time.Minute))
	require.Len(t, batches, 3)
	until := start.Add(2 * time.Minute)
	l.extended(batches, until, []string{"c"}, []string{"a", "d", "e"})
	assert.Equal(t, []time.Time{until, start.Add(time.Second + leaseTime), until},
		[]time.Time{l.batches[0].until, l.batches[1].until, l.batches[2].until}, "c is to be tried again")
	assert.Equal(t, []string{"b", "c", "f"}, l.all(), "the others are ours no longer")
}

func TestPositionsAreNumbers(t *testing.T) {
	for _, position := range []string{"a", "-1", "1.5"} {
		t.Run(position, func(t *testing.T) {
			_, _, err := newLeases().rewind(position, start)
			assert.ErrorContains(t, err, fmt.Sprintf("position %q is no number of messages", position))
		})
	}
}

func TestDue(t *testing.T) {
	l := leased(t)
	lasts := func(after time.Duration) (all []int64) {
		batches, _ := l.due(start.Add(after))
		for _, b := range batches {
			all = append(all, b.last)
		}
		return all
	}
	assert.Empty(t, lasts(4*time.Second))
	assert.Equal(t, []int64{12}, lasts(5*time.Second))
	assert.Equal(t, []int64{12, 13}, lasts(6*time.Second))
	l.batches[0].until = start.Add(leaseExtension)
	assert.Equal(t, []int64{13, 16}, lasts(7*time.Second))
	l.finalized("13")
	assert.Equal(t, []int64{16}, lasts(7*time.Second))
}

func TestWhatIsHeldTooLongIsForgotten(t *testing.T) {
	l := leased(t)
	_, forgotten := l.due(start.Add(maxHeld - 1))
	assert.Zero(t, forgotten)
	_, forgotten = l.due(start.Add(maxHeld + time.Second))
	assert.Equal(t, 3, forgotten)
	assert.Equal(t, []string{"d", "e", "f"}, l.all())
}

func TestRoomIsBounded(t *testing.T) {
	l := newLeases()
	assert.Equal(t, maxLeased, l.room())
	many := make([]string, maxLeased-10)
	position := l.take(many, start)
	assert.Equal(t, 10, l.room())
	l.finalized(position)
	assert.Equal(t, 10, l.room(), "what is not acknowledged yet counts")
	l.take(make([]string, 10), start)
	assert.Zero(t, l.room())
	ids := l.pending(false)
	assert.Equal(t, maxLeased-10, l.room())
	l.putBack(ids)
	assert.Zero(t, l.room())
	assert.Empty(t, l.pending(false), "what has failed waits")
	assert.Len(t, l.pending(true), maxLeased-10)
}
