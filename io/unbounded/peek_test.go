package unbounded

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// peeked returns how many records of each partition a look gives.
func peeked(t *testing.T, f *fake, most int) (map[string]int, error) {
	t.Helper()
	fakes.Store(t.Name(), f)
	records, err := Peek(t.Context(), fakeSource{t.Name()}, most)
	found := map[string]int{}
	for _, r := range records {
		found[string(r.Payload[:1])]++
	}
	return found, err
}

func TestPeek(t *testing.T) {
	ended := time.UnixMilli(1)
	f := newFake("a", "b", "c")
	f.parts["a"].times = slices.Repeat([]int64{1}, 1000)
	f.parts["b"].times, f.parts["b"].end = []int64{1, 2}, ended
	f.parts["a"].end = ended
	f.parts["c"].closed = true
	f.starts["a"] = "990"
	got, err := peeked(t, f, 10)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"a": 8, "b": 2}, got, "a part of each, then of those that have more")
	assert.Equal(t, []int{1, 1}, []int{f.connected, f.closed})
	for p := range f.parts {
		_, times := f.lastHeld(p)
		assert.Zero(t, times, "nothing is finalized")
	}

	f = newFake("a", "slow")
	f.parts["a"].times = slices.Repeat([]int64{1}, 1000)
	reads := 0
	f.onRead = func(string) {
		if reads++; reads > 4 {
			f.parts["slow"].times = []int64{1, 2, 3}
		}
	}
	got, err = peeked(t, f, 10)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"a": 7, "s": 3}, got, "what comes a moment later is waited for")

	f = newFake("a")
	f.parts["a"].end = ended
	got, err = peeked(t, f, 10)
	assert.NoError(t, err)
	assert.Empty(t, got)
}

func TestALookThatFailsSaysWhy(t *testing.T) {
	for _, call := range []string{"list", "start a", "read a"} {
		f := newFake("a")
		f.failing = call
		_, err := peeked(t, f, 10)
		assert.ErrorContains(t, err, fmt.Sprintf("looking into fake:%s: ", t.Name()))
		assert.ErrorContains(t, err, "it does not "+call)
		assert.Equal(t, 1, f.closed)
	}
}
