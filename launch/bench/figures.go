package main

import "slices"

// figures sum up a contender's runs.
type figures struct {
	median, least, most float64   // seconds
	cpu                 float64   // seconds, median
	ratios              []float64 // to each peer: the median of each round's ratio of seconds
	peak                int64     // bytes, of the run that took most
	output                        // of the last run; all write the same
}

// figuresOf expects as many samples of each peer, in the same rounds.
func figuresOf(samples []sample, peers ...[]sample) figures {
	var f figures
	var seconds, cpu []float64
	for _, s := range samples {
		seconds = append(seconds, s.seconds)
		cpu = append(cpu, s.cpu)
		f.peak, f.output = max(f.peak, s.peak), s.output
	}
	f.median, f.least, f.most = median(seconds), slices.Min(seconds), slices.Max(seconds)
	f.cpu = median(cpu)
	for _, peer := range peers {
		f.ratios = append(f.ratios, ratio(samples, peer))
	}
	return f
}

// ratio is the median of each round's ratio of seconds.
func ratio(samples, to []sample) float64 {
	var ratios []float64
	for i, s := range samples {
		ratios = append(ratios, s.seconds/to[i].seconds)
	}
	return median(ratios)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
