package conversion

import (
	"encoding/binary"
	"math"
	"testing"

	"adtoorder/transforms/event"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func sampleClicks() []Clicks {
	none := []event.ID{}
	return []Clicks{
		{0, 0, none, none},
		{3, 1, none, none},
		{math.MaxInt64, math.MaxInt64, []event.ID{{High: math.MaxUint64, Low: 1}}, none},
		{0, 0, none, []event.ID{{High: 1, Low: math.MaxUint64}}},
		{1, 2, []event.ID{id("a"), id("b"), id("a")}, []event.ID{id("c"), id("b")}},
	}
}

func sampleOrders() []Orders {
	return []Orders{
		{Sum{}, []Version{}},
		{sumOf(1, 2, 3, 4, 5, 6), []Version{}},
		{sumOf(math.MaxInt64, 0, math.MaxInt64, 0, math.MaxInt64, math.MaxInt64),
			[]Version{versionOf(id("a"), true, false, 1, 2, 3)}},
		{Sum{}, []Version{versionOf(id("a"), false, true, math.MaxInt64, math.MaxInt64, math.MaxInt64),
			versionOf(id("b"), true, true, 0, 0, 0), {}}},
	}
}

func TestCoderOfClicks(t *testing.T) {
	for _, want := range sampleClicks() {
		encoded := encodeClicks(want)
		got, err := decodeClicks(encoded)
		require.NoError(t, err)
		assert.Equal(t, want, got)
		for end := range encoded {
			_, err := decodeClicks(encoded[:end])
			require.ErrorIs(t, err, errShort, "%d bytes of %d", end, len(encoded))
		}
	}
}

func TestCoderOfOrders(t *testing.T) {
	for _, want := range sampleOrders() {
		encoded := encodeOrders(want)
		got, err := decodeOrders(encoded)
		require.NoError(t, err)
		assert.Equal(t, want, got)
		for end := range encoded {
			_, err := decodeOrders(encoded[:end])
			require.ErrorIs(t, err, errShort, "%d bytes of %d", end, len(encoded))
		}
	}
}

func TestCoderOfPartials(t *testing.T) {
	for _, c := range sampleClicks() {
		got, err := decodePartial(encodePartial(Partial{Clicks: &c}))
		require.NoError(t, err)
		assert.Equal(t, Partial{Clicks: &c}, got)
	}
	for _, o := range sampleOrders() {
		got, err := decodePartial(encodePartial(Partial{Orders: &o}))
		require.NoError(t, err)
		assert.Equal(t, Partial{Orders: &o}, got)
	}
	for _, broken := range []string{"", "c", "o", "c\x00"} {
		_, err := decodePartial([]byte(broken))
		assert.ErrorIs(t, err, errShort, "%q", broken)
	}
	_, err := decodePartial([]byte("x\x00\x00\x00\x00"))
	assert.ErrorContains(t, err, "'x'")
}

// Broken data must not make the decoder take all memory.
func TestDecodersRefuseLengthsThatCannotBe(t *testing.T) {
	for _, length := range []int64{-1, math.MinInt64, 2, 1 << 40, math.MaxInt64} {
		clicks := append(appendInts(nil, 0, 0, length, 0), make([]byte, 16)...)
		_, err := decodeClicks(clicks)
		assert.ErrorIs(t, err, errShort, "%d ids", length)
		orders := append(appendInts(nil, 0, 0, 0, 0, 0, 0, length), make([]byte, 16)...)
		_, err = decodeOrders(orders)
		assert.ErrorIs(t, err, errShort, "%d ids", length)
	}
	tooLong := make([]byte, binary.MaxVarintLen64+1) // a varint of more than 64 bits
	for i := range tooLong {
		tooLong[i] = 0xff
	}
	_, err := decodeClicks(tooLong)
	assert.ErrorIs(t, err, errShort)
}

func TestPartialSumsWithoutIDsAreSmall(t *testing.T) {
	assert.LessOrEqual(t, len(encodeClicks(Clicks{Anonymous: 100, LateAnonymous: 3})), 8)
	assert.LessOrEqual(t, len(encodeClicks(Clicks{IDs: make([]event.ID, 10)})), 10*16+8)
}
