//go:build integration

package scenarios

import (
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/require"
)

// untilEqual waits until the warehouse holds what it has to.
func untilEqual(t *testing.T, f engine.Flags, want results) {
	t.Helper()
	for began := time.Now(); time.Since(began) < waitLimit; time.Sleep(500 * time.Millisecond) {
		if same(want, inWarehouse(t, f)) && same(want, inLake(t, f)) {
			return
		}
	}
	t.Logf("the rows are not those that were expected after %v", waitLimit)
}

// same leaves out conversions, whose ratios assertRows compares.
func same(a, b results) bool {
	a.Conversions, b.Conversions = nil, nil
	return reflect.DeepEqual(a, b)
}

// quantiles returns the lag that a share (0 to 1) of all do not exceed.
func quantiles(lags []time.Duration) func(share float64) time.Duration {
	slices.Sort(lags)
	return func(share float64) time.Duration { return lags[int(share*float64(len(lags)-1))] }
}

// watchRows looks at the table conversions for some time, once it has rows, and returns
// how long after its window's end plus the out-of-orderness each row was complete.
func watchRows(t *testing.T, f engine.Flags, long, outOfOrderness time.Duration) (lags []time.Duration) {
	t.Helper()
	type seen struct {
		clicks, orders int64
		changed        time.Time
	}
	type key struct {
		end       int64
		promotion string
	}
	rows := map[key]seen{}
	var first time.Time // when there were rows
	for began := time.Now(); first.IsZero() || time.Since(first) < long; time.Sleep(50 * time.Millisecond) {
		since := time.Now().Add(-20 * time.Second).UTC().Format(time.RFC3339)
		found, err := selectRows[engine.ConversionRow](t, f, "conversions", "window_start > ?", since)
		if first.IsZero() && len(found) > 0 {
			first = time.Now()
		}
		require.False(t, first.IsZero() && time.Since(began) > waitLimit, "no row comes: %v", err)
		now := time.Now()
		for _, r := range found {
			k := key{int64(r.WindowEnd), r.Promotion}
			if was, ok := rows[k]; !ok || was.clicks != r.Clicks || was.orders != r.Orders {
				rows[k] = seen{r.Clicks, r.Orders, now}
			}
		}
	}
	firstEnd, last := int64(math.MaxInt64), time.Now().Add(-10*time.Second).UnixMilli()
	for k := range rows {
		firstEnd = min(firstEnd, k.end)
	}
	for k, s := range rows {
		if k.end > firstEnd+10_000 && k.end < last { // whole windows, once the run is under way
			lags = append(lags, max(0, s.changed.Sub(time.UnixMilli(k.end).Add(outOfOrderness))))
		}
	}
	require.NotEmpty(t, lags)
	return lags
}
