package main

import (
	"strings"
	"testing"

	"adtoorder/pipelines/generate/traffic"

	"github.com/stretchr/testify/assert"
)

func TestGrowthIsTheMostAboveAnEarlierValue(t *testing.T) {
	assert.Equal(t, 2.0, growth([]float64{3, 1, 2}))
	assert.Equal(t, 2.0, growth([]float64{1, 1.5, 2}))
	assert.Equal(t, 0.5, growth([]float64{4, 2, 1}), "values fall")
}

func TestGrowthOfSeries(t *testing.T) {
	set := func(title, series string, clicks int, onDirect, other float64) measured {
		return measured{dataset{title: title, series: series,
			Options: traffic.Options{Clicks: clicks, Orders: clicks / 10}},
			[]result{{contender{name: direct}, seconds(onDirect)}, {contender{name: "other"}, seconds(other)}}}
	}
	var out strings.Builder
	printGrowth(&out, []measured{
		set("alone", "", 1000, 1, 1),
		set("1 day", "days", 1_000_000, 1.1, 11),
		set("1 hour", "hours", 1000, 1, 1), // of no other length
		set("10 days", "days", 10_000_000, 14.3, 22),
	})
	assert.Equal(t, `
More days: seconds for a million records of 1 day, 10 days
engine, direct          1.00     1.30; growth 1.30×, ≤ 1.2×: missed
other                  10.00     2.00; growth 0.20×
`, out.String())
}
