package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// seconds are samples that differ in their time alone.
func seconds(values ...float64) []sample {
	var samples []sample
	for _, v := range values {
		samples = append(samples, sample{usage: usage{seconds: v}})
	}
	return samples
}

func TestMedian(t *testing.T) {
	assert.Equal(t, 3.0, median([]float64{3}))
	assert.Equal(t, 2.0, median([]float64{9, 1, 2}))
	assert.Equal(t, 2.5, median([]float64{9, 1, 3, 2}))
}

func TestMedianLeavesItsArgument(t *testing.T) {
	values := []float64{3, 1, 2}
	median(values)
	assert.Equal(t, []float64{3, 1, 2}, values)
}

func TestRatioIsOfRounds(t *testing.T) {
	// The machine was three times as slow in the second round. The medians'
	// ratio would be 8/1 = 8.
	f := figuresOf(seconds(4, 15, 8), seconds(1, 3, 1))
	assert.Equal(t, 5.0, f.ratio) // of 4, 5, 8
	assert.Equal(t, figures{median: 8, least: 4, most: 15, ratio: 5}, f)
}

func TestPeakIsTheMostAndCPUTheMedian(t *testing.T) {
	samples := []sample{
		{usage: usage{seconds: 1, cpu: 3, peak: 10}},
		{usage: usage{seconds: 1, cpu: 1, peak: 30}},
		{usage: usage{seconds: 1, cpu: 2, peak: 20}},
	}
	f := figuresOf(samples, samples)
	assert.Equal(t, int64(30), f.peak)
	assert.Equal(t, 2.0, f.cpu)
	assert.Equal(t, 1.0, f.ratio)
}

func TestVerdict(t *testing.T) {
	assert.Equal(t, "≤ 4×: met, < 600 MB: met", directGoal.verdict(figures{ratio: 4, peak: 600e6 - 1}))
	assert.Equal(t, "≤ 4×: missed, < 600 MB: missed", directGoal.verdict(figures{ratio: 4.01, peak: 600e6}))
	assert.Equal(t, "≤ 8×: met", prismGoal.verdict(figures{ratio: 7.9, peak: 9e9}))
	assert.Empty(t, goal{}.verdict(figures{ratio: 1}))
}
