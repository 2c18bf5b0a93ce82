package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// titles are those of the data sets that are chosen.
func titles(t *testing.T, o options) []string {
	t.Helper()
	data, err := datasets(o)
	require.NoError(t, err)
	var all []string
	for _, d := range data {
		all = append(all, d.title)
	}
	return all
}

func TestTheShortFormIsTheDefault(t *testing.T) {
	assert.Equal(t, []string{"clicks without ids", "clicks with ids", "1,000 promotions"}, titles(t, options{}))
}

func TestHistoryComesOnTop(t *testing.T) {
	assert.Equal(t, []string{
		"clicks without ids", "clicks with ids", "1,000 promotions",
		"30 days", "1 day", "10 days", "90 days", "1 day with ids", "10 days with ids", "90 days with ids",
		"90 days, one promotion", "10,000 promotions",
		"1 million clicks", "5 million clicks", "20 million clicks",
		"1 million clicks with ids", "5 million clicks with ids", "20 million clicks with ids",
	}, titles(t, options{history: true}))
}

func TestOnlyChoosesByTitle(t *testing.T) {
	assert.Equal(t, []string{"90 days", "90 days with ids", "90 days, one promotion"},
		titles(t, options{history: true, only: "90 days"}))
	_, err := datasets(options{only: "90 days"})
	assert.EqualError(t, err, "--only=90 days: must be part of one of these titles: clicks "+
		"without ids; clicks with ids; "+
		"1,000 promotions; --history has more")
	_, err = datasets(options{only: "91 days", history: true})
	assert.ErrorContains(t, err, "; 20 million clicks with ids")
	assert.NotContains(t, err.Error(), "--history")
}

func TestEachCaseHasADirectoryOfItsOwn(t *testing.T) {
	dirs := map[string]bool{}
	for _, d := range cases(options{work: "w"}) {
		assert.False(t, dirs[d.dir], d.dir)
		dirs[d.dir] = true
	}
	assert.True(t, dirs["w/90_days_one_promotion"], "%v", dirs)
}

func TestTheMostData(t *testing.T) {
	for _, d := range cases(options{}) {
		switch d.title {
		case "90 days":
			assert.Equal(t, []int{10_000_000, 1_000_000, 40}, []int{d.Clicks, d.Orders, d.Promotions})
			assert.Equal(t, 90*24*time.Hour, d.Span)
			assert.Equal(t, goal{seconds: 150, peak: 1_500_000_000, files: 11_000}, d.goals[direct])
			assert.Equal(t, goal{seconds: 210, peak: 2_500_000_000, files: 11_000}, d.goals[prism])
		case "20 million clicks":
			assert.Equal(t, []int{20_000_000, 2_000_000, 40}, []int{d.Clicks, d.Orders, d.Promotions})
			assert.Equal(t, 5*time.Hour, d.Span)
		}
	}
}

// In a series either the days grow, with as many clicks a day, or the clicks of
// the same hours.
func TestSeriesGrowInOneThing(t *testing.T) {
	last := map[string]dataset{}
	for _, d := range cases(options{}) {
		if before, ok := last[d.series]; ok && d.series != "" {
			assert.Greater(t, d.Clicks, before.Clicks, d.title)
			assert.Equal(t, before.EventIDs, d.EventIDs, d.title)
			if strings.HasPrefix(d.series, "days") {
				perDay := func(d dataset) float64 { return float64(d.Clicks) / d.Span.Hours() * 24 }
				assert.InDelta(t, perDay(before), perDay(d), 1, d.title)
			} else {
				assert.Equal(t, before.Span, d.Span, d.title)
			}
		}
		last[d.series] = d
	}
	assert.Len(t, last, 5, "with none")
}

func TestRounds(t *testing.T) {
	assert.Equal(t, rounds{5, true}, options{}.rounds(dataset{}))
	assert.Equal(t, rounds{1, false}, options{}.rounds(dataset{long: true}))
	assert.Equal(t, rounds{3, true}, options{runs: 3}.rounds(dataset{}))
	assert.Equal(t, rounds{3, true}, options{runs: 3}.rounds(dataset{long: true}))
	assert.Equal(t, "3 of each after one to warm up", rounds{3, true}.String())
	assert.Equal(t, "1 of each, none to warm up", rounds{1, false}.String())
}
