package compare

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"
)

// Fisher's tasting of tea, and others whose tails were added up by hand.
func TestChanceOfSmallTables(t *testing.T) {
	for name, c := range map[string]struct {
		a, b Trials
		want float64
	}{
		"tea, 3 of 4":       {Trials{3, 4}, Trials{1, 4}, 2 * 17.0 / 70},
		"tea, all":          {Trials{4, 4}, Trials{0, 4}, 2 * 1.0 / 70},
		"the sides change":  {Trials{0, 4}, Trials{4, 4}, 2 * 1.0 / 70},
		"no orders":         {Trials{0, 10}, Trials{0, 90}, 1},
		"equal":             {Trials{5, 10}, Trials{5, 10}, 1},
		"sides of two size": {Trials{2, 2}, Trials{0, 8}, 2 * 1.0 / 45},
	} {
		t.Run(name, func(t *testing.T) {
			assert.InDelta(t, c.want, Chance(c.a, c.b), 1e-12)
		})
	}
}

// The tails equal those of all terms added up, and the normal approximation where clicks are many.
func TestChanceOfLargeTables(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		a := Trials{Of: 1 + random.Int64N(50)}
		b := Trials{Of: 1 + random.Int64N(80)}
		a.Hits, b.Hits = random.Int64N(a.Of+1), random.Int64N(b.Of+1)
		var lower, upper float64
		hits, all := a.Hits+b.Hits, a.Of+b.Of
		for x := max(0, hits-b.Of); x <= min(hits, a.Of); x++ {
			p := math.Exp(choose(hits, x) + choose(all-hits, a.Of-x) - choose(all, a.Of))
			if x <= a.Hits {
				lower += p
			}
			if x >= a.Hits {
				upper += p
			}
		}
		require.InDelta(t, min(1, 2*min(lower, upper)), Chance(a, b), 1e-9, "%v %v", a, b)
	}
	assert.InDelta(t, 0.05, Chance(Trials{500_000, 1_000_000}, Trials{501_386, 1_000_000}), 0.0005)
	assert.InDelta(t, 0.042, Chance(Trials{100, 1000}, Trials{130, 1000}), 0.002)
}

func TestDiscoveries(t *testing.T) {
	// Benjamini and Hochberg's own example: the four smallest of fifteen.
	chances := []float64{0.0459, 0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.3240, 0.4262, 0.5719,
		0.6528, 0.7590, 1}
	assert.Equal(t, []int{1, 2, 3, 4}, Discoveries(chances, 0.05))
	assert.Empty(t, Discoveries([]float64{0.04, 0.9}, 0.05))
	assert.Equal(t, []int{1, 0}, Discoveries([]float64{0.05, 0.04}, 0.05),
		"both, since the larger one is small enough for two")
	assert.Empty(t, Discoveries(nil, 0.05))
}

// beta draws ratios of a prior, and orders of clicks.
func beta(random *rand.Rand, p Prior, clicks []int64) (all []Trials, true []float64) {
	spread := distuv.Beta{Alpha: p.Mean * p.Clicks, Beta: (1 - p.Mean) * p.Clicks, Src: random}
	for _, n := range clicks {
		ratio := spread.Rand()
		hits := distuv.Binomial{N: float64(n), P: ratio, Src: random}.Rand()
		all, true = append(all, Trials{int64(hits), n}), append(true, ratio)
	}
	return all, true
}

// The prior that ratios were drawn from is found, and intervals hold what they promise;
// drawn ratios are nearer to the truth than raw ones.
func TestFitFindsThePrior(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	want := Prior{0.08, 200}
	var mean, clicks, rawError, shrunkError float64
	held, drawn := 0, 0
	const sets = 40
	for range sets {
		var n []int64
		for range 300 {
			n = append(n, 20+random.Int64N(2000))
		}
		all, truth := beta(random, want, n)
		p := Fit(all)
		mean, clicks = mean+p.Mean/sets, clicks+p.Clicks/sets
		for i, one := range all {
			ratio, low, high := p.Shrink(one)
			require.True(t, low < ratio && ratio < high)
			rawError += math.Abs(one.ratio() - truth[i])
			shrunkError += math.Abs(ratio - truth[i])
			if drawn++; low <= truth[i] && truth[i] <= high {
				held++
			}
		}
	}
	assert.InDelta(t, want.Mean, mean, 0.002)
	assert.InDelta(t, want.Clicks, clicks, 20)
	assert.InDelta(t, 0.95, float64(held)/float64(drawn), 0.01)
	assert.Less(t, shrunkError, 0.9*rawError)
}

func TestFitOfLittle(t *testing.T) {
	assert.Zero(t, Fit(nil))
	assert.Zero(t, Fit([]Trials{{5, 10}}))
	assert.Zero(t, Fit([]Trials{{0, 10}, {0, 20}}))
	assert.Zero(t, Fit([]Trials{{10, 10}, {20, 20}}))
	same := Fit([]Trials{{10, 100}, {10, 100}, {10, 100}})
	assert.Equal(t, Prior{0.1, 300}, same, "no wider than chance: as narrow as all clicks tell")
	apart := Fit([]Trials{{1, 1}, {0, 1}, {1, 1}})
	assert.InDelta(t, 2.0/3, apart.Mean, 1e-9, "of one click each, spread can't be told")
	ratio, low, high := Fit([]Trials{{1000, 1000}, {0, 1000}}).Shrink(Trials{1000, 1000})
	assert.True(t, ratio > 0.99 && low > 0.98 && high <= 1)
}

// Where the normal distribution takes over, nothing jumps.
func TestQuantilesOfManyClicks(t *testing.T) {
	for _, at := range []float64{0.025, 0.975} {
		exact := quantile(manyClicks-1, 20*manyClicks, at)
		near := quantile(manyClicks, 20*manyClicks, at)
		mean := 1.0 / 21
		assert.InDelta(t, exact-mean, near-mean, 0.02*math.Abs(exact-mean))
	}
}

func BenchmarkAThousand(b *testing.B) {
	random := rand.New(rand.NewPCG(5, 6))
	var n []int64
	for range 1000 {
		n = append(n, 20+random.Int64N(100_000))
	}
	all, _ := beta(random, Prior{0.08, 200}, n)
	for b.Loop() {
		p := Fit(all)
		for _, one := range all {
			p.Shrink(one)
		}
		Discoveries(AgainstOthers(all), 0.05)
	}
}
