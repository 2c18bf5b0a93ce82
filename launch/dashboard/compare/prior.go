// Package compare says what many conversion ratios have to say, and what is chance:
// ratios drawn to what all have in common, and differences beyond chance where many are
// looked at. It knows nothing of promotions or dates.
package compare

import (
	"math"

	"gonum.org/v1/gonum/mathext" // inverse of the incomplete beta function; BSD, kept, comes with the charts anyway
)

// Trials are clicks of which some became orders: 0 ≤ Hits ≤ Of, Of > 0.
type Trials struct{ Hits, Of int64 }

// Sum adds up trials.
func Sum(all []Trials) (sum Trials) {
	for _, t := range all {
		sum.Hits, sum.Of = sum.Hits+t.Hits, sum.Of+t.Of
	}
	return sum
}

func (t Trials) ratio() float64 { return float64(t.Hits) / float64(t.Of) }

// Prior is how the true ratios of many promotions are spread: a beta distribution of
// some mean, as narrow as so many clicks would tell.
type Prior struct{ Mean, Clicks float64 }

// fitSteps is how often weights and spread are computed from one another; they settle
// within a few.
const fitSteps = 20

// Fit returns the prior of some ratios by J. C. Kleinman's moment estimator, whose weights
// follow the spread that it finds (Proportions with Extraneous Variance: Single and
// Independent Samples, JASA 68, 1973). Where they vary no more than chance has them vary,
// the prior is as narrow as all clicks together tell the mean. The zero Prior is returned
// where there is nothing to learn from: fewer than two ratios, or all 0 or all 1.
func Fit(all []Trials) Prior {
	sum := Sum(all)
	if len(all) < 2 || sum.Hits == 0 || sum.Hits == sum.Of {
		return Prior{}
	}
	mean, spread := sum.ratio(), 0.0 // spread: the correlation of two clicks of one promotion
	for range fitSteps {
		mean, spread = refit(all, spread)
	}
	most := float64(sum.Of) // clicks; a prior can't be told more sharply than that
	if spread*(most+1) <= 1 {
		return Prior{mean, most}
	}
	return Prior{mean, 1/spread - 1}
}

// refit estimates mean and spread with the weights that a spread gives.
func refit(all []Trials, spread float64) (mean, next float64) {
	weigh := func(t Trials) float64 { return float64(t.Of) / (1 + spread*float64(t.Of-1)) }
	var total float64
	for _, t := range all {
		total += weigh(t)
		mean += weigh(t) * t.ratio()
	}
	mean /= total
	var squares, chance, whole float64 // of deviations; what chance adds to them; what a spread of 1 would
	for _, t := range all {
		w := weigh(t)
		squares += w * (t.ratio() - mean) * (t.ratio() - mean)
		chance += w / float64(t.Of) * (1 - w/total)
		whole += w * (1 - w/total)
	}
	variance := mean * (1 - mean)
	next = (squares - variance*chance) / (variance * (whole - chance))
	if !(next > 0) { // none, or none that can be told: all have one click
		return mean, 0
	}
	return mean, min(next, 1-1e-9)
}

// Shrink draws a ratio to the prior's mean, the more the fewer clicks it has: the mean of
// the beta distribution that the prior and the clicks leave, and its central 95 %. No
// clicks (the zero Trials) give the prior's own.
func (p Prior) Shrink(t Trials) (ratio, low, high float64) {
	a := p.Mean*p.Clicks + float64(t.Hits)
	b := (1-p.Mean)*p.Clicks + float64(t.Of-t.Hits)
	return a / (a + b), quantile(a, b, 0.025), quantile(a, b, 0.975)
}

// manyClicks is from how many hits and misses on the normal distribution is as good: its
// bounds then differ by less than a hundredth of their distance.
const manyClicks = 10_000

// z is the standard normal quantile of a two-sided 95 % interval.
const z = 1.959963984540054

// quantile returns that of a beta distribution, at 0.025 or 0.975.
func quantile(a, b, at float64) float64 {
	if min(a, b) < manyClicks {
		return mathext.InvRegIncBeta(a, b, at)
	}
	mean := a / (a + b)
	return mean + math.Copysign(z, at-0.5)*math.Sqrt(mean*(1-mean)/(a+b+1))
}
