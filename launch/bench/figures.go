package main

import (
	"fmt"
	"slices"
	"strings"
)

// figures sum up a contender's runs.
type figures struct {
	median, least, most float64 // seconds
	cpu                 float64 // seconds, median
	peak                int64   // bytes, of the run that took most
	ratio               float64 // median of each round's seconds to the base's
}

// figuresOf expects as many samples of the base, in the same rounds.
func figuresOf(samples, base []sample) figures {
	var f figures
	var seconds, cpu, ratios []float64
	for i, s := range samples {
		seconds = append(seconds, s.seconds)
		cpu = append(cpu, s.cpu)
		ratios = append(ratios, s.seconds/base[i].seconds)
		f.peak = max(f.peak, s.peak)
	}
	f.median, f.least, f.most = median(seconds), slices.Min(seconds), slices.Max(seconds)
	f.cpu, f.ratio = median(cpu), median(ratios)
	return f
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// goal is what a contender should reach; 0 where nothing is asked.
type goal struct {
	ratio float64 // at most
	peak  int64   // bytes, less than
}

var (
	directGoal = goal{ratio: 4, peak: 600e6}
	prismGoal  = goal{ratio: 8}
	flinkGoal  = goal{ratio: 0.8}
)

// verdict tells each goal and whether it is met.
func (g goal) verdict(f figures) string {
	word := map[bool]string{true: "met", false: "missed"}
	var parts []string
	if g.ratio > 0 {
		parts = append(parts, fmt.Sprintf("≤ %g×: %s", g.ratio, word[f.ratio <= g.ratio]))
	}
	if g.peak > 0 {
		parts = append(parts, fmt.Sprintf("< %d MB: %s", g.peak/1e6, word[f.peak < g.peak]))
	}
	return strings.Join(parts, ", ")
}
