package main

import (
	"context"
	"fmt"
	"strings"
)

// sample is one run.
type sample struct {
	usage
	totals totals
}

// contender is something to measure.
type contender struct {
	name string
	run  func(context.Context, dataset) (sample, error)
	goal goal
}

// result is a contender and its measured runs, one a round.
type result struct {
	contender
	samples []sample
}

// measure runs the contenders one after another, round by round, the first
// round to warm up. It fails if a run's totals differ from those of the first
// contender in the same round.
func measure(ctx context.Context, d dataset, contenders []contender, runs int, say sayer) ([]result, error) {
	results := make([]result, len(contenders))
	for i, c := range contenders {
		results[i].contender = c
	}
	for n := range runs + 1 {
		samples, err := round(ctx, d, contenders)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.title, err)
		}
		name := "warm-up"
		if n > 0 {
			name = fmt.Sprintf("run %d of %d", n, runs)
			for i, s := range samples {
				results[i].samples = append(results[i].samples, s)
			}
		}
		var times []string
		for i, s := range samples {
			times = append(times, fmt.Sprintf("%s %.2f s", contenders[i].name, s.seconds))
		}
		say("%s, %s: %s", d.title, name, strings.Join(times, "; "))
	}
	return results, nil
}

func round(ctx context.Context, d dataset, contenders []contender) ([]sample, error) {
	var samples []sample
	for _, c := range contenders {
		s, err := c.run(ctx, d)
		if err != nil {
			return nil, err
		}
		samples = append(samples, s)
		if err := s.totals.compare(samples[0].totals); err != nil {
			return nil, fmt.Errorf("the results of %s are not those of %s: %w", c.name, contenders[0].name, err)
		}
	}
	return samples, nil
}
