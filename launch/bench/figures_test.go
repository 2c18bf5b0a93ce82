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
	assert.Equal(t, figures{median: 8, least: 4, most: 15, ratios: []float64{5}}, f, "of 4, 5, 8")
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
	assert.Equal(t, []float64{1}, f.ratios)
}

func TestEachPeerHasARatio(t *testing.T) {
	f := figuresOf(seconds(6, 6), seconds(1, 1), seconds(3, 3))
	assert.Equal(t, []float64{6, 2}, f.ratios)
	assert.Empty(t, figuresOf(seconds(6)).ratios)
}

func TestOutputIsKept(t *testing.T) {
	f := figuresOf([]sample{{output: output{1, 2, 3}}})
	assert.Equal(t, output{files: 1, lake: 2, tables: 3}, f.output)
}
