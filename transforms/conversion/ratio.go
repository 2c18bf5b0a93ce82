// Package conversion counts clicks and orders by promotion and window, joins them, and
// computes what share of clicks became orders:
//
//	PCollection<[]event.Click> -> PCollection<KV<promotion, Clicks>> ┐
//	PCollection<[]event.Order> -> PCollection<KV<promotion, Orders>> ┴ -> PCollection<Row>
//
// pipelines/engine makes rows of tables from its Rows, and embeds its Counters there.
package conversion

import "math"

// Z is the standard normal quantile of a two-sided 95 % interval.
const Z = 1.959963984540054

// Ratio returns the conversion ratio in percent, 100 × orders / clicks; nil
// without clicks. It may exceed 100.
func Ratio(clicks, orders int64) *float64 {
	if clicks <= 0 {
		return nil
	}
	ratio := 100 * float64(orders) / float64(clicks)
	return &ratio
}

// Interval returns the 95 % Wilson score interval of the ratio, in percent:
// the bounds of p in |p̂ - p| = z √(p(1-p)/n), where n are the clicks and p̂ is
// orders/clicks (E. B. Wilson, Probable Inference, the Law of Succession, and
// Statistical Inference, JASA 22, 1927). Both are nil unless clicks > 0 and
// 0 ≤ orders ≤ clicks: more orders than clicks are no share of them.
func Interval(clicks, orders int64) (low, high *float64) {
	if clicks <= 0 || orders < 0 || orders > clicks {
		return nil, nil
	}
	// The conversions keep every step a float64 of its own: fused operations
	// would give other last digits on other processors.
	n, p := float64(clicks), float64(orders)/float64(clicks)
	zz := float64(Z*Z) / n
	centre := p + float64(zz/2)
	spread := float64(Z * math.Sqrt(float64(p*(1-p))/n+float64(zz/(4*n))))
	l, h := 100*max(0, (centre-spread)/(1+zz)), 100*min(1, (centre+spread)/(1+zz))
	// The bounds at the ends are exact, whatever the rounding.
	if orders == 0 {
		l = 0
	}
	if orders == clicks {
		h = 100
	}
	return &l, &h
}
