package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestVerdict(t *testing.T) {
	peers := []string{"query", "files"}
	assert.Equal(t, "≤ 2.8 ÷ query: met, ≤ 1.2 ÷ files: missed, ≤ 300 MB: met", plainGoals[direct].verdict(
		figures{ratios: []float64{2.8, 1.21}, peak: 300e6}, peers))
	assert.Equal(t, "≤ 4.2 ÷ query: missed, ≤ 1.7 ÷ files: met, ≤ 700 MB: missed", idGoals[prism].verdict(
		figures{ratios: []float64{4.21, 1.7}, peak: 700e6 + 1}, peers))
	assert.Equal(t, "≤ 0.4 ÷ SQL: missed", plainGoals[engineFlink].verdict(
		figures{ratios: []float64{0.41}, peak: 9e9}, []string{"SQL"}))
	long := goal{seconds: 150, files: 11_000}
	assert.Equal(t, "≤ 150 s: met, ≤ 11000 files: missed", long.verdict(
		figures{median: 150, output: output{files: 11_001}}, nil))
	assert.Empty(t, goal{}.verdict(figures{ratios: []float64{1, 1}}, peers))
}
