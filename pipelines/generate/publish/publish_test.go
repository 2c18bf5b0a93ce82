package publish

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"adtoorder/pipelines/generate/traffic"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRunCounts(t *testing.T) {
	clicks, orders := &memory{}, &memory{}
	var sent Sent
	c, o, err := Plan{clicks, orders, simulated()}.Run(t.Context(), &sent)
	require.NoError(t, err)
	c.Bytes, o.Bytes = 0, 0
	assert.Equal(t, traffic.Counts{Records: 3000, Late: 300, Duplicates: 150, Malformed: 60}, c)
	assert.Equal(t, traffic.Counts{Records: 300, Late: 30, Duplicates: 15, Malformed: 6}, o)
	assert.EqualValues(t, 3210, sent.Clicks.Load())
	assert.EqualValues(t, 321, sent.Orders.Load())
	for _, m := range []*memory{clicks, orders} {
		assert.Equal(t, 1, m.finished)
		assert.Equal(t, 1, m.closed)
	}
}

func TestBothStreamsComeInOrderOfArrival(t *testing.T) {
	var last time.Time
	puts := 0
	inOrder := func(r traffic.Record) error {
		assert.False(t, r.Time.Before(last))
		last = r.Time
		puts++
		return nil
	}
	_, _, err := Plan{&memory{onPut: inOrder}, &memory{onPut: inOrder}, simulated()}.Run(t.Context(), &Sent{})
	require.NoError(t, err)
	assert.Equal(t, 3210+321, puts)
}

func TestMergeOfUnequalStreams(t *testing.T) {
	for name, numbers := range map[string][2]int{"no clicks": {0, 10}, "no orders": {10, 0}, "nothing": {0, 0},
		"more orders": {2, 20}} {
		t.Run(name, func(t *testing.T) {
			opts := traffic.Defaults()
			opts.Clicks, opts.Orders = numbers[0], numbers[1]
			g := generator(t, opts)
			var got [2]int
			for i := range merge(g.Clicks(), g.Orders()) {
				got[i]++
			}
			assert.Equal(t, numbers, got)
			for stop := range numbers[0] + numbers[1] {
				for range merge(g.Clicks(), g.Orders()) { // a yield after the end would panic
					if stop--; stop < 0 {
						break
					}
				}
			}
		})
	}
}

func TestFailures(t *testing.T) {
	opts := live(10, time.Minute)
	broken := func(context.Context) error { return errBroken }
	for name, test := range map[string]struct {
		orders           memory
		finished, closed int // of clicks
		want             string
	}{
		"check":  {memory{checked: errBroken}, 0, 0, "memory can't be written to: broken"},
		"open":   {memory{opened: errBroken}, 0, 1, "broken"},
		"put":    {memory{onPut: func(traffic.Record) error { return errBroken }}, 0, 1, "broken"},
		"reach":  {memory{onReach: func(time.Time) error { return errBroken }}, 0, 1, "broken"},
		"finish": {memory{onFinish: broken}, 1, 1, "broken"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clicks := &memory{}
				_, _, err := Plan{clicks, &test.orders, opts}.Run(t.Context(), &Sent{})
				assert.EqualError(t, err, test.want)
				assert.Equal(t, test.finished, clicks.finished)
				assert.Equal(t, test.closed, clicks.closed)
			})
		})
	}
}

func TestCheckEndsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, _, err := Plan{silent{}, &memory{}, simulated()}.Run(t.Context(), &Sent{})
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, patience, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _, err = Plan{silent{}, &memory{}, simulated()}.Run(ctx, &Sent{})
		assert.NoError(t, err, "an interruption")
	})
}

// silent is a destination that never answers.
type silent struct{ *memory }

func (silent) String() string { return "silent" }

func (silent) check(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestInterruptionLeavesTimeForTheRest(t *testing.T) {
	for name, test := range map[string]struct {
		takes, want time.Duration
		err         error
	}{
		"enough":  {grace - time.Second, grace - time.Second, nil},
		"too few": {time.Hour, grace, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				slow := &memory{onFinish: func(ctx context.Context) error {
					select {
					case <-ctx.Done():
						return ctx.Err()
					case <-time.After(test.takes):
						return nil
					}
				}}
				start := time.Now()
				_, _, err := Plan{slow, &memory{}, live(10, time.Hour)}.Run(ctx, &Sent{})
				assert.ErrorIs(t, err, test.err)
				assert.Equal(t, time.Minute+test.want, time.Since(start))
			})
		})
	}
}
