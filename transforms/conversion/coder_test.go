package conversion

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"adtoorder/transforms/event"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// samplePartials are partial sums of many kinds, each next to one of the same
// window or promotion and to one of another.
func samplePartials() Partials {
	a, b, c := id("a"), id("b"), id("c")
	largest := sumOf(math.MaxInt64, 0, math.MaxInt64, 0, math.MaxInt64, math.MaxInt64)
	versions := []Version{versionOf(a, false, true, math.MaxInt64, math.MaxInt64, math.MaxInt64),
		versionOf(b, true, true, 0, 0, 0), {}}
	return Partials{[]Partial{
		{},
		{Window: 60_000, Clicks: &Clicks{}},
		{Window: 60_000, Promotion: "P1", Clicks: &Clicks{Anonymous: 3, LateAnonymous: 1}, Orders: &Orders{}},
		{Window: 60_000, Promotion: "P1", Orders: &Orders{Anonymous: sumOf(1, 2, 3, 4, 5, 6)}},
		{Window: 0, Promotion: "P1",
			Clicks: &Clicks{math.MaxInt64, math.MaxInt64, []event.ID{{High: math.MaxUint64, Low: 1}}, nil}},
		{Window: math.MaxInt64, Promotion: "größer", Clicks: &Clicks{LateIDs: []event.ID{{High: 1,
			Low: math.MaxUint64}}}},
		{Window: 120_000, Promotion: "P1", Clicks: &Clicks{1, 2, []event.ID{a, b, a}, []event.ID{c, b}}},
		{Window: 120_000, Promotion: "P2", Orders: &Orders{largest,
			[]Version{versionOf(a, true, false, 1, 2, 3)}, nil}},
		{Window: 120_000, Promotion: "P2", Clicks: &Clicks{IDs: []event.ID{a}}, Orders: &Orders{Sum{}, versions, nil}},
		{Window: 120_000, Promotion: "P2", Orders: &Orders{largest, versions[:1],
			[]Piece{{b, versionOf(a, true, false, 1, 2, 3)}, {c, versions[0]}}}},
		{Window: 120_000, Promotion: "P3", Orders: &Orders{Pieces: []Piece{{}}}},
	}}
}

func TestCoder(t *testing.T) {
	all := samplePartials()
	for _, want := range []Partials{{[]Partial{}}, {all.Sums[:1]}, {all.Sums[2:3]}, all} {
		encoded := encodePartials(want)
		got, err := decodePartials(encoded)
		require.NoError(t, err)
		assert.Equal(t, want, got)
		for end := range encoded {
			_, err := decodePartials(encoded[:end])
			require.ErrorIs(t, err, errShort, "%d bytes of %d", end, len(encoded))
		}
	}
}

// What is appended to one list of ids must not show in another.
func TestDecodedListsAreApart(t *testing.T) {
	p, err := decodePartials(encodePartials(samplePartials()))
	require.NoError(t, err)
	for _, sum := range p.Sums {
		if sum.Clicks != nil {
			_, _ = append(sum.Clicks.IDs, id("x")), append(sum.Clicks.LateIDs, id("x"))
		}
	}
	assert.Equal(t, samplePartials(), p)
}

// Broken data must not make the decoder take all memory.
func TestDecoderRefusesLengthsThatCannotBe(t *testing.T) {
	for _, length := range []int64{-1, math.MinInt64, 3, 1 << 40, math.MaxInt64} {
		for name, before := range map[string][]byte{
			"sums":       nil,
			"promotions": appendInts([]byte{2, hasPromotion}, 0),
			"ids":        appendInts([]byte{2, hasClicks}, 0, 0, 0),
			"versions":   appendInts([]byte{2, hasOrders}, 0, 0, 0, 0, 0, 0, 0),
		} {
			encoded := append(appendInts(before, length), make([]byte, 2)...)
			_, err := decodePartials(encoded)
			assert.ErrorIs(t, err, errShort, "%d %s", length, name)
		}
	}
	tooLong := make([]byte, binary.MaxVarintLen64+1) // a varint of more than 64 bits
	for i := range tooLong {
		tooLong[i] = 0xff
	}
	_, err := decodePartials(tooLong)
	assert.ErrorIs(t, err, errShort)
}

func TestPartialSumsAreSmall(t *testing.T) {
	const window = 1_793_491_200_000
	var same, apart Partials
	for i := range 100 {
		clicks := &Clicks{Anonymous: 100, LateAnonymous: 3}
		same.Sums = append(same.Sums, Partial{window, "promotion-1", clicks, nil})
		apart.Sums = append(apart.Sums, Partial{window + int64(i)*60_000, fmt.Sprint("promotion-", i%7), clicks, nil})
	}
	assert.LessOrEqual(t, len(encodePartials(same)), 100*8+30, "the same window and promotion")
	assert.LessOrEqual(t, len(encodePartials(apart)), 100*(8+2+12)+30, "other ones")
	ids := Partials{[]Partial{{Window: window, Promotion: "promotion-1", Clicks: &Clicks{IDs: make([]event.ID, 10)}}}}
	assert.LessOrEqual(t, len(encodePartials(ids)), 10*16+30)
}
