package unbounded

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDrainStops(t *testing.T) {
	defer Undrain()
	f := newFake("a", "b")
	f.batch = 1
	inBubble(t, f, func(t *testing.T, r *reader) {
		f.parts["a"].times = []int64{now() - 9_000, now() - 9_000}
		f.parts["b"].times = []int64{now() - 9_000}
		f.onRead = func(string) { Drain() }
		assert.True(t, r.bundle().ShouldResume())
		assert.Equal(t, []string{"a0", "b0"}, payloads(r.got), "what it was at")
		assert.False(t, r.bundle().ShouldResume())
		assert.True(t, r.tracker.IsDone())
		assert.Len(t, r.got, 2)
		Undrain()
		f.onRead = nil
		r.bundle()
		assert.Equal(t, []string{"a0", "b0", "a1"}, payloads(r.got))
	})
}

// A runner that drains a job truncates the restrictions.
func TestATruncatedReaderStops(t *testing.T) {
	f := newFake("a")
	inBubble(t, f, func(t *testing.T, r *reader) {
		f.parts["a"].times = []int64{now()}
		r.rest = r.fn.TruncateRestriction(r.fn.CreateTracker(r.rest), 0)
		assert.False(t, r.bundle().ShouldResume())
		assert.True(t, r.tracker.IsDone())
		assert.Empty(t, f.calls)
	})
}

func TestRestrictionsOfReaders(t *testing.T) {
	fn := &readFn{Readers: 3}
	rest := fn.CreateInitialRestriction(1)
	assert.Equal(t, Restriction{Index: 1, Readers: 3}, rest)
	assert.Equal(t, []Restriction{rest}, fn.SplitRestriction(1, rest), "a reader is not divided")
	assert.Positive(t, fn.RestrictionSize(1, rest))
	assert.Zero(t, fn.InitialWatermarkEstimatorState(0, rest, 1))
}

func TestClientsAreSharedByInstances(t *testing.T) {
	f := newFake("a")
	inBubble(t, f, func(t *testing.T, r *reader) {
		r.bundle()
		other := newReader(t, f, t.Name())
		other.bundle()
		assert.Equal(t, 1, f.connected)
		second := newReader(t, f, t.Name())
		second.rest = Restriction{Index: 1, Readers: 2}
		second.bundle()
		assert.Equal(t, 2, f.connected, "another reader")
		Close()
		assert.Equal(t, 2, f.closed)
		r.bundle()
		assert.Equal(t, 3, f.connected)
	})
}

func TestASourceThatCantBeOpenedFails(t *testing.T) {
	fn := &readFn{URI: "fake:nowhere"}
	_, err := fn.ProcessElement(t.Context(), &watermark{}, fn.CreateTracker(Restriction{Readers: 1}), 0, nil, nil, nil)
	assert.ErrorContains(t, err, "no such fake")
}
