package conversion

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRatio(t *testing.T) {
	for _, test := range []struct {
		clicks, orders int64
		want           float64
	}{
		{1, 0, 0}, {3, 1, 100.0 / 3}, {100, 10, 10}, {1, 1, 100}, {2, 5, 250}, {math.MaxInt64, math.MaxInt64, 100},
	} {
		t.Run(fmt.Sprintf("%d/%d", test.orders, test.clicks), func(t *testing.T) {
			got := Ratio(test.clicks, test.orders)
			require.NotNil(t, got)
			assert.InDelta(t, test.want, *got, 1e-12)
		})
	}
}

func TestNoRatioWithoutClicks(t *testing.T) {
	for _, clicks := range []int64{0, -1} {
		for _, orders := range []int64{0, 1, math.MaxInt64} {
			assert.Nil(t, Ratio(clicks, orders))
		}
	}
}

// The values are Newcombe's (Two-sided confidence intervals for the single
// proportion, 1998, table I, method 3), statsmodels' (proportion_confint,
// method wilson), and for the rest the formula's to 40 digits.
func TestInterval(t *testing.T) {
	for name, test := range map[string]struct {
		clicks, orders   int64
		low, high, delta float64
	}{
		"Newcombe 81/263":    {263, 81, 25.53, 36.62, 0.005},
		"Newcombe 15/148":    {148, 15, 6.24, 16.05, 0.005},
		"Newcombe 0/20":      {20, 0, 0, 16.11, 0.005},
		"Newcombe 1/29":      {29, 1, 0.61, 17.18, 0.005},
		"statsmodels 10/100": {100, 10, 5.522914, 17.436566, 1e-6},
		"statsmodels 0/10":   {10, 0, 0, 27.753280, 1e-6},
		"statsmodels 10/10":  {10, 10, 72.246720, 100, 1e-6},
		"0/1":                {1, 0, 0, 79.34506856227625726, 1e-12},
		"1/1":                {1, 1, 20.65493143772374273, 100, 1e-12},
		"1/2":                {2, 1, 9.453120573423072979, 90.54687942657692702, 1e-12},
		"1/1000000":          {1_000_000, 1, 0.000017652457674537, 0.000566491180431144, 1e-12},
	} {
		t.Run(name, func(t *testing.T) {
			low, high := Interval(test.clicks, test.orders)
			require.NotNil(t, low)
			require.NotNil(t, high)
			assert.InDelta(t, test.low, *low, test.delta)
			assert.InDelta(t, test.high, *high, test.delta)
		})
	}
}

func TestIntervalIsExactAtItsEnds(t *testing.T) {
	for clicks := int64(1); clicks > 0; clicks += 1 + clicks/1000 { // until it overflows
		low, _ := Interval(clicks, 0)
		_, high := Interval(clicks, clicks)
		require.Equal(t, 0.0, *low, "0/%d", clicks)
		require.Equal(t, 100.0, *high, "%[1]d/%[1]d", clicks)
	}
}

func TestNoIntervalWhereOrdersAreNoShareOfClicks(t *testing.T) {
	for _, test := range []struct{ clicks, orders int64 }{
		{0, 0}, {0, 1}, {-1, 0}, {-1, -1}, {1, -1}, {1, 2}, {100, 101}, {1, math.MaxInt64},
	} {
		t.Run(fmt.Sprintf("%d/%d", test.orders, test.clicks), func(t *testing.T) {
			low, high := Interval(test.clicks, test.orders)
			assert.Nil(t, low)
			assert.Nil(t, high)
		})
	}
}

func TestIntervalHoldsItsRatio(t *testing.T) {
	const seed = 1
	random := rand.New(rand.NewPCG(seed, 0))
	for range 20_000 {
		clicks := 1 + random.Int64N(int64(1)<<random.IntN(62))
		orders := random.Int64N(clicks + 1)
		ratio := *Ratio(clicks, orders)
		low, high := Interval(clicks, orders)
		require.True(t, 0 <= *low && *low <= ratio && ratio <= *high && *high <= 100,
			"%d/%d: %v in %v to %v, seed %d", orders, clicks, ratio, *low, *high, seed)
		// The bounds of the other share are those of this one from the other end.
		otherLow, otherHigh := Interval(clicks, clicks-orders)
		require.InDelta(t, 100-*high, *otherLow, 1e-9, "%d/%d, seed %d", orders, clicks, seed)
		require.InDelta(t, 100-*low, *otherHigh, 1e-9, "%d/%d, seed %d", orders, clicks, seed)
	}
}
