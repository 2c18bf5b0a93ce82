package unbounded

import (
	"fmt"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/sdf"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// at is a restriction that has read one partition up to a position.
func at(position string) Restriction {
	return Restriction{Readers: 1, Partitions: []PartitionState{{Name: "a", Position: position}}, Done: []string{"b"},
		Waiting: []string{"c"}, Listed: 7}
}

func TestTrackerFollowsClaims(t *testing.T) {
	tr := &tracker{rest: at("1")}
	for _, position := range []string{"2", "2", "3"} {
		assert.True(t, tr.TryClaim(at(position)))
		assert.Equal(t, at(position), tr.GetRestriction())
		assert.False(t, tr.IsDone())
		assert.False(t, tr.IsBounded())
	}
	assert.False(t, tr.TryClaim(end{}), "the end leaves nothing to be emitted")
	assert.True(t, tr.IsDone())
	assert.True(t, tr.IsBounded())
	assert.False(t, tr.TryClaim(at("4")))
	assert.Equal(t, at("3"), tr.GetRestriction())
	assert.NoError(t, tr.GetError())
}

func TestTrackerSplitsForACheckpoint(t *testing.T) {
	tr := &tracker{rest: at("1")}
	require.True(t, tr.TryClaim(at("2")))
	primary, residual, err := tr.TrySplit(0)
	require.NoError(t, err)
	assert.Equal(t, Restriction{}, primary, "nothing is left to read")
	assert.Equal(t, at("2"), residual)
	assert.True(t, tr.IsDone())
	assert.False(t, tr.TryClaim(at("3")))
	assert.False(t, (&readFn{}).CreateTracker(residual.(Restriction)).IsBounded(), "the rest has no end")
	_, residual, err = tr.TrySplit(0)
	require.NoError(t, err)
	assert.Nil(t, residual, "what is done is not split")
}

func TestTrackerIsNotDivided(t *testing.T) {
	for _, fraction := range []float64{1e-9, 0.5, 1} {
		t.Run(fmt.Sprint(fraction), func(t *testing.T) {
			tr := &tracker{rest: at("1")}
			primary, residual, err := tr.TrySplit(fraction)
			require.NoError(t, err)
			assert.Nil(t, residual)
			assert.Equal(t, at("1"), primary)
			assert.False(t, tr.IsDone())
			assert.True(t, tr.TryClaim(at("2")))
		})
	}
}

// The restriction of a claim is changed on, for the next one.
func TestTrackerKeepsItsOwnCopy(t *testing.T) {
	spoil := func(r Restriction) {
		r.Partitions[0].Position, r.Done[0], r.Waiting[0] = "spoilt", "spoilt", "spoilt"
	}
	var tr sdf.RTracker = &tracker{rest: at("1")}
	spoil(tr.GetRestriction().(Restriction))
	assert.Equal(t, at("1"), tr.GetRestriction())
	claim := at("2")
	require.True(t, tr.TryClaim(claim))
	spoil(claim)
	assert.Equal(t, at("2"), tr.GetRestriction())
	original := at("3")
	spoil(original.clone())
	assert.Equal(t, at("3"), original)
}
