package compare

import (
	"cmp"
	"math"
	"slices"
)

// Chance returns the probability that two ratios of the same kind differ as much as
// these, or more: Fisher's exact test, two-sided by doubling the smaller tail (R. A.
// Fisher, The Logic of Inductive Inference, JRSS 98, 1935). It takes no number of clicks
// for too small.
func Chance(a, b Trials) float64 {
	if a.Of > b.Of { // the shorter tail is that of the smaller side
		a, b = b, a
	}
	hits, all := a.Hits+b.Hits, a.Of+b.Of
	term := math.Exp(choose(hits, a.Hits) + choose(all-hits, a.Of-a.Hits) - choose(all, a.Of))
	// Of a's clicks, x become orders, each as likely as any of all: p(x+1)/p(x) and its inverse.
	up := func(x int64) float64 {
		return float64(hits-x) * float64(a.Of-x) / (float64(x+1) * float64(all-hits-a.Of+x+1))
	}
	tail := func(step int64, ratio func(x int64) float64) float64 {
		sum, p := 0.0, term
		for x := a.Hits; p > 0; x += step {
			if sum += p; p < sum*1e-12 {
				break
			}
			p *= ratio(x)
		}
		return sum
	}
	down := func(x int64) float64 { return 1 / up(x-1) }
	// The median is within one of the mean, so that beyond that the smaller tail is known.
	switch mean := float64(a.Of) * float64(hits) / float64(all); {
	case float64(a.Hits) >= mean+1:
		return min(1, 2*tail(1, up))
	case float64(a.Hits) <= mean-1:
		return min(1, 2*tail(-1, down))
	}
	return min(1, 2*min(tail(1, up), tail(-1, down)))
}

// choose returns the logarithm of how many ways there are to choose k of n.
func choose(n, k int64) float64 {
	lg := func(n int64) float64 { value, _ := math.Lgamma(float64(n) + 1); return value }
	return lg(n) - lg(k) - lg(n-k)
}

// Discoveries returns which of many probabilities of chance are small enough for no more
// than a share of those that it returns to be chance, on average (Y. Benjamini,
// Y. Hochberg, Controlling the False Discovery Rate, JRSS B 57, 1995). Where nothing
// differs, it returns any with that probability at most. Their indices come smallest
// probability first.
func Discoveries(chances []float64, rate float64) (found []int) {
	order := make([]int, len(chances))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(chances[i], chances[j]) })
	for n := len(order); n > 0; n-- {
		if chances[order[n-1]] <= rate*float64(n)/float64(len(order)) {
			return order[:n]
		}
	}
	return nil
}

// AgainstOthers returns for each of some ratios the probability that it differs by chance
// from that of all others together.
func AgainstOthers(all []Trials) []float64 {
	sum := Sum(all)
	chances := make([]float64, len(all))
	for i, t := range all {
		chances[i] = 1
		if others := (Trials{sum.Hits - t.Hits, sum.Of - t.Of}); others.Of > 0 {
			chances[i] = Chance(t, others)
		}
	}
	return chances
}
