package main

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func quiet(string, ...any) {}

// fake notes its runs, takes a second more each time, and always finds the same.
func fake(name string, order *[]string, found totals) contender {
	times := 0.0
	return contender{name: name, run: func(context.Context, dataset) (sample, error) {
		*order = append(*order, name)
		times++
		return sample{usage: usage{seconds: times}, totals: found}, nil
	}}
}

func TestContendersTakeTurns(t *testing.T) {
	var order []string
	results, err := measure(context.Background(), dataset{},
		[]contender{fake("A", &order, totals{Rows: 1}), fake("B", &order, totals{Rows: 1})}, rounds{2, true}, quiet)
	require.NoError(t, err)
	assert.Equal(t, []string{"A", "B", "A", "B", "A", "B"}, order)
	for i, name := range []string{"A", "B"} {
		assert.Equal(t, name, results[i].name)
		require.Len(t, results[i].samples, 2, "the warm-up counts")
		assert.Equal(t, 2.0, results[i].samples[0].seconds)
		assert.Equal(t, 3.0, results[i].samples[1].seconds)
	}
}

func TestNoneToWarmUp(t *testing.T) {
	var order []string
	results, err := measure(context.Background(), dataset{}, []contender{fake("A", &order, totals{})}, rounds{1, false},
		quiet)
	require.NoError(t, err)
	assert.Equal(t, []string{"A"}, order)
	require.Len(t, results[0].samples, 1)
	assert.Equal(t, 1.0, results[0].samples[0].seconds)
}

func TestARunWithoutTotals(t *testing.T) {
	var order []string
	without := fake("B", &order, totals{})
	without.unchecked = true
	_, err := measure(context.Background(), dataset{},
		[]contender{fake("A", &order, totals{Rows: 1}), without}, rounds{1, false}, quiet)
	assert.NoError(t, err)
}

func TestWrongResultsFail(t *testing.T) {
	var order []string
	_, err := measure(context.Background(), dataset{title: "clicks"},
		[]contender{fake("A", &order, totals{Rows: 1}), fake("B", &order, totals{Rows: 2})}, rounds{2, true}, quiet)
	assert.EqualError(t, err, "clicks: the results of B are not those of A: rows 2, want 1")
	assert.Equal(t, []string{"A", "B"}, order, "the warm-up is checked")
}

// What a long round has measured is told, though another contender fails.
func TestAFailedRoundTellsItsTimes(t *testing.T) {
	var order, said []string
	broken := contender{name: "B", run: func(context.Context, dataset) (sample, error) {
		return sample{}, errors.New("broken")
	}}
	_, err := measure(context.Background(), dataset{title: "days"}, []contender{fake("A", &order, totals{}), broken},
		rounds{1, false}, func(format string, values ...any) { said = append(said, fmt.Sprintf(format, values...)) })
	assert.EqualError(t, err, "days: broken")
	assert.Equal(t, []string{"days, run 1 of 1: A 1.00 s"}, said)
}

func TestFailedRunFails(t *testing.T) {
	broken := contender{name: "A", run: func(context.Context, dataset) (sample, error) {
		return sample{}, errors.New("broken")
	}}
	_, err := measure(context.Background(), dataset{title: "clicks"}, []contender{broken}, rounds{2, true}, quiet)
	assert.EqualError(t, err, "clicks: broken")
}
