package publish

import (
	"context"
	"fmt"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"adtoorder/pipelines/generate/traffic"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// paced checks that records come when they arrive, and counts them by the second.
func paced(t *testing.T, perSecond map[time.Duration]int) func(traffic.Record) error {
	start := time.Now()
	return func(r traffic.Record) error {
		behind := time.Since(r.Time)
		if behind < 0 || behind > slice {
			t.Fatalf("put %v after its arrival", behind)
		}
		perSecond[r.Time.Sub(start).Truncate(time.Second)]++
		return nil
	}
}

func TestLiveRecordsAreSentWhenTheyArrive(t *testing.T) {
	for _, rate := range []int{10, 100, 10_000} {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clicks, orders := map[time.Duration]int{}, map[time.Duration]int{}
				start, slices := time.Now(), 0
				c, _, err := Plan{
					&memory{onPut: paced(t, clicks), onReach: func(now time.Time) error {
						assert.Equal(t, time.Now(), now)
						slices++
						return nil
					}},
					&memory{onPut: paced(t, orders)}, live(rate, 20*time.Second),
				}.Run(t.Context(), &Sent{})
				require.NoError(t, err)
				assert.Equal(t, 20*rate, c.Records)
				assert.Equal(t, 20*time.Second, time.Since(start).Truncate(slice))
				assert.InDelta(t, 20*time.Second/slice, slices, 50, "sinks are told the time in every slice")
				for second := range 20 {
					at := time.Duration(second) * time.Second
					assert.Equal(t, rate, clicks[at], at)
					assert.Equal(t, rate/10, orders[at], at)
				}
			})
		})
	}
}

func TestEndlessTrafficGoesOnUntilInterrupted(t *testing.T) {
	const decade = 10 * 365 * 24 * time.Hour
	id := regexp.MustCompile(`^{"(Event|Order)Id":"(\w+)"`)
	ids, valid := map[string]bool{}, 0
	collect := func(r traffic.Record) error {
		if r.Fault == traffic.None || r.Fault == traffic.Late {
			ids[id.FindStringSubmatch(string(r.Payload))[2]] = true
			valid++
		}
		return nil
	}
	synctest.Test(t, func(t *testing.T) {
		opts := live(100, decade)
		opts.Duplicates, opts.Malformed, opts.Late = 0.05, 0.05, 0.1
		for range 2 { // ids don't come again in a second run, either
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			start := time.Now()
			c, o, err := Plan{&memory{onPut: collect}, &memory{onPut: collect}, opts}.Run(ctx, &Sent{})
			cancel()
			require.NoError(t, err)
			assert.Equal(t, 5*time.Minute, time.Since(start))
			assert.InDelta(t, 30_000, c.Records, 2) // one slice
			assert.InDelta(t, 3_000, o.Records, 1)
			assert.InDelta(t, 1500, c.Duplicates, 300)
			assert.InDelta(t, 1500, c.Malformed, 300)
			assert.InDelta(t, 3000, c.Late, 300)
		}
	})
	assert.Len(t, ids, valid)
	assert.Greater(t, valid, 65_000)
}

func TestSendingCatchesUpAfterAStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		puts := 0
		stalling := &memory{onPut: func(traffic.Record) error {
			if puts++; puts == 100 {
				time.Sleep(10 * time.Second)
			}
			return nil
		}}
		start := time.Now()
		c, _, err := Plan{stalling, &memory{}, live(100, 20*time.Second)}.Run(t.Context(), &Sent{})
		require.NoError(t, err)
		assert.Equal(t, 2000, c.Records)
		assert.Equal(t, 20*time.Second, time.Since(start).Truncate(slice))
	})
}
