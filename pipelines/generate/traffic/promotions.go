package traffic

import (
	"math/rand/v2"
	"slices"
	"strconv"
)

const firstPromotion = 601

// Appetites spread evenly over this range: of the clicks on the keenest
// promotion about four times as many become orders as on the dullest.
const (
	minAppetite = 0.4
	maxAppetite = 1.6
)

// promotions are the ads, with how often each is clicked and ordered.
type promotions struct {
	names   []string
	clicked weights // popularity
	ordered weights // popularity times appetite
}

func newPromotions(n int, seed uint64) *promotions {
	p := &promotions{names: make([]string, n)}
	rng := newRand(seed, appetiteSequence)
	for i := range n {
		p.names[i] = "P" + strconv.Itoa(firstPromotion+i)
		// Zipf's law, flattened by its first two ranks: with ten promotions the
		// first has a fifth of the clicks, the last a twentieth.
		popularity := 1 / float64(i+3)
		appetite := minAppetite + float64((maxAppetite-minAppetite)*rng.Float64())
		p.clicked.add(popularity)
		p.ordered.add(float64(popularity * appetite))
	}
	return p
}

// weights are running sums; an index is picked in proportion to its step.
type weights []float64

func (w *weights) add(weight float64) {
	if len(*w) > 0 {
		weight += (*w)[len(*w)-1]
	}
	*w = append(*w, weight)
}

func (w weights) pick(rng *rand.Rand) int {
	i, _ := slices.BinarySearch(w, rng.Float64()*w[len(w)-1])
	return i
}
