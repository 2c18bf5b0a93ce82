package traffic

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPromotionNames(t *testing.T) {
	assert.Equal(t, []string{"P601", "P602", "P603"}, newPromotions(3, 1).names)
}

func TestPopularityFallsAndAppetiteVaries(t *testing.T) {
	p := newPromotions(40, 1)
	var lowest, highest float64 = maxAppetite, minAppetite
	for i := 1; i < 40; i++ {
		clicked, ordered := p.clicked[i]-p.clicked[i-1], p.ordered[i]-p.ordered[i-1]
		assert.InDelta(t, 1/float64(i+3), clicked, 1e-9)
		lowest, highest = min(lowest, ordered/clicked), max(highest, ordered/clicked)
	}
	assert.GreaterOrEqual(t, lowest, minAppetite-1e-9)
	assert.LessOrEqual(t, highest, maxAppetite+1e-9)
	assert.Greater(t, highest, 2*lowest, "conversion hardly differs")
}

func TestAppetiteDependsOnSeedAndIndexAlone(t *testing.T) {
	few, many, other := newPromotions(3, 1), newPromotions(30, 1), newPromotions(3, 2)
	assert.Equal(t, few.ordered, many.ordered[:3])
	assert.NotEqual(t, few.ordered, other.ordered)
}

func TestPickInProportion(t *testing.T) {
	var w weights
	for _, weight := range []float64{1, 0, 3, 6} {
		w.add(weight)
	}
	rng := newRand(1, 1)
	var picked [4]float64
	for range 100_000 {
		picked[w.pick(rng)]++
	}
	assert.InDelta(t, 10_000, picked[0], 500)
	assert.Zero(t, picked[1])
	assert.InDelta(t, 30_000, picked[2], 700)
	assert.InDelta(t, 60_000, picked[3], 700)
}
