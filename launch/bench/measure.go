package main

import (
	"context"
	"fmt"
	"strings"
)

// sample is one run.
type sample struct {
	usage
	output
	totals    totals
	warehouse string // the file, "" without
}

// contender is something to measure.
type contender struct {
	name string
	run  func(context.Context, dataset) (sample, error)
	// peer is a short name for the column of ratios to this one, "" where there is none.
	peer string
	// unchecked says that a run has no totals, since it writes no tables.
	unchecked bool
}

// result is a contender and its measured runs, one a round.
type result struct {
	contender
	samples []sample
}

// rounds say how often contenders run.
type rounds struct {
	measured int
	warmUp   bool // in front of those
}

// String says it in words.
func (r rounds) String() string {
	if r.warmUp {
		return fmt.Sprintf("%d of each after one to warm up", r.measured)
	}
	return fmt.Sprintf("%d of each, none to warm up", r.measured)
}

// measure runs the contenders one after another, round by round. It fails if a
// run's totals differ from those of the first contender in the same round.
func measure(ctx context.Context, d dataset, contenders []contender, r rounds, say sayer) ([]result, error) {
	results := make([]result, len(contenders))
	for i, c := range contenders {
		results[i].contender = c
	}
	first := 1
	if r.warmUp {
		first = 0
	}
	for n := first; n <= r.measured; n++ {
		samples, err := round(ctx, d, contenders)
		name := "warm-up"
		if n > 0 {
			name = fmt.Sprintf("run %d of %d", n, r.measured)
		}
		say("%s, %s: %s", d.title, name, times(contenders, samples))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.title, err)
		}
		if n == 0 {
			continue
		}
		for i, s := range samples {
			results[i].samples = append(results[i].samples, s)
		}
	}
	return results, nil
}

// times tells the seconds of those that have run.
func times(contenders []contender, samples []sample) string {
	var parts []string
	for i, s := range samples {
		parts = append(parts, fmt.Sprintf("%s %.2f s", contenders[i].name, s.seconds))
	}
	return strings.Join(parts, "; ")
}

// round returns what has been measured also where it fails.
func round(ctx context.Context, d dataset, contenders []contender) ([]sample, error) {
	var samples []sample
	for _, c := range contenders {
		s, err := c.run(ctx, d)
		if err != nil {
			return samples, err
		}
		samples = append(samples, s)
		if c.unchecked {
			continue
		}
		if err := s.totals.compare(samples[0].totals); err != nil {
			return samples, fmt.Errorf("the results of %s are not those of %s: %w", c.name, contenders[0].name, err)
		}
	}
	return samples, nil
}
