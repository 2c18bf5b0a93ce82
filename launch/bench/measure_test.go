package main

import (
	"context"
	"errors"
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
		return sample{usage{seconds: times}, found}, nil
	}}
}

func TestContendersTakeTurns(t *testing.T) {
	var order []string
	results, err := measure(context.Background(), dataset{},
		[]contender{fake("A", &order, totals{Rows: 1}), fake("B", &order, totals{Rows: 1})}, 2, quiet)
	require.NoError(t, err)
	assert.Equal(t, []string{"A", "B", "A", "B", "A", "B"}, order)
	for i, name := range []string{"A", "B"} {
		assert.Equal(t, name, results[i].name)
		require.Len(t, results[i].samples, 2, "the warm-up counts")
		assert.Equal(t, 2.0, results[i].samples[0].seconds)
		assert.Equal(t, 3.0, results[i].samples[1].seconds)
	}
}

func TestWrongResultsFail(t *testing.T) {
	var order []string
	_, err := measure(context.Background(), dataset{title: "clicks"},
		[]contender{fake("A", &order, totals{Rows: 1}), fake("B", &order, totals{Rows: 2})}, 2, quiet)
	assert.EqualError(t, err, "clicks: the results of B are not those of A: rows 2, want 1")
	assert.Equal(t, []string{"A", "B"}, order, "the warm-up is checked")
}

func TestFailedRunFails(t *testing.T) {
	broken := contender{name: "A", run: func(context.Context, dataset) (sample, error) {
		return sample{}, errors.New("broken")
	}}
	_, err := measure(context.Background(), dataset{title: "clicks"}, []contender{broken}, 2, quiet)
	assert.EqualError(t, err, "clicks: broken")
}
