package conversion

import (
	"math/rand/v2"
	"slices"
	"testing"

	"adtoorder/transforms/event"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDistinctTellsIDsApartThatShareAHalf(t *testing.T) {
	var counter idCounter
	distinct := func(lists ...[]event.ID) []int64 {
		n, all := counter.count(slices.Values(lists))
		return []int64{n, all}
	}
	ids := []event.ID{{High: 1, Low: 1}, {High: 1, Low: 2}, {High: 2, Low: 1}, {High: 1, Low: 1},
		{High: 3, Low: 3}, {High: 3, Low: 3}, {}}
	assert.Equal(t, []int64{5, 7}, distinct(ids))
	assert.Equal(t, []int64{6, 8}, distinct(ids, nil, []event.ID{{High: 2, Low: 9}}))
	assert.Equal(t, []int64{5, 7}, distinct(ids[:3], ids[3:]), "it remembers nothing")
	assert.Equal(t, []int64{0, 0}, distinct())
}

func TestDistinctOfRandomIDs(t *testing.T) {
	var counter idCounter
	for seed := range uint64(500) {
		random := rand.New(rand.NewPCG(seed, 0))
		lists := make([][]event.ID, random.IntN(5))
		seen, all, most := map[event.ID]bool{}, 0, 1+random.Uint64N(40)
		for i := range lists {
			for range random.IntN(30) {
				id := event.ID{High: random.Uint64N(most), Low: random.Uint64N(3)}
				lists[i] = append(lists[i], id)
				seen[id] = true
				all++
			}
		}
		before := slices.Concat(lists...)
		distinct, n := counter.count(slices.Values(lists))
		require.EqualValues(t, len(seen), distinct, "seed %d", seed)
		require.EqualValues(t, all, n, "seed %d", seed)
		require.Equal(t, before, slices.Concat(lists...), "an element must not be changed, seed %d", seed)
	}
}
