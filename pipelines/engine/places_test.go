package engine

import (
	"math"
	"testing"
	"time"

	"adtoorder/io/table"
	"adtoorder/transforms/ledger"

	"github.com/stretchr/testify/assert"
)

const hour = 3_600_000

func TestPlacesAreSpansOfOneDateEach(t *testing.T) {
	found := placed{}
	for _, partition := range []int64{22, 23, 24, 25, 27} {
		found.add([]ledger.Place{{Stream: ledger.Clicks, Source: "/a", Partition: partition * hour,
			Records: partition}})
	}
	found.add([]ledger.Place{{Stream: ledger.Clicks, Source: "/a", Undated: "no_timestamp", Records: 7},
		{Stream: ledger.Orders, Source: "/a", Partition: 30 * hour, Records: 1000}})
	span := func(from, until, records int64) table.Span {
		return table.Span{From: table.Time(from * hour), Until: table.Time(until * hour), Records: records}
	}
	got := found.of(fileName{ledger.Clicks, "/a"})
	assert.Equal(t, &table.Found{Records: 128, Undated: map[string]int64{"no_timestamp": 7},
		Reached: []table.Span{span(22, 24, 45), span(24, 26, 49), span(27, 28, 27)}}, got.found(time.Hour))
	assert.Equal(t, map[int64]int64{0: 7, 22 * hour: 22, 23 * hour: 23, 24 * hour: 24, 25 * hour: 25, 27 * hour: 27},
		got.all())
	assert.Equal(t, &table.Found{Undated: map[string]int64{}, Reached: []table.Span{}},
		found.of(fileName{ledger.Clicks, "/none"}).found(time.Hour))

	s := table.Source{Found: got.found(time.Hour)}
	for at, reaches := range map[int64]bool{21: false, 22: true, 23: true, 25: true, 26: false, 27: true, 28: false} {
		assert.Equal(t, reaches, s.Reaches(at*hour), at)
	}
	assert.True(t, table.Source{}.Reaches(math.MaxInt32), "nobody knows")

	// Of what lies before the second day nothing is kept.
	kept := kept(*s.Found, table.Time(24*hour), time.Hour)
	assert.Equal(t, &table.Found{Records: 128, Undated: map[string]int64{"no_timestamp": 7, ledger.BeforeStart: 45},
		Reached: []table.Span{span(24, 26, 49), span(27, 28, 27)}}, kept)
	assert.Len(t, s.Found.Reached, 3, "unchanged")
}

// Of 1970 only the first partition is never forgotten.
func TestTheFirstPartitionOf1970IsASpanOfItsOwn(t *testing.T) {
	in := places{partitions: map[int64]int64{0: 1, hour: 2, 2 * hour: 4}}
	found := in.found(time.Hour)
	assert.Equal(t, []table.Span{{From: 0, Until: hour, Records: 1}, {From: hour, Until: 3 * hour, Records: 6}},
		found.Reached)
	assert.Equal(t, map[string]int64{ledger.BeforeStart: 6}, kept(*found, 24*hour, time.Hour).Undated)
}

// A batch's stretches of 1970 are of their own, and only the first says what was read.
func TestASurveyIsSplitAtZero(t *testing.T) {
	one, two := part{stream: ledger.Clicks}, part{stream: ledger.Orders}
	s := survey{parts: []surveyed{{one, []int64{0, hour}}, {two, []int64{2 * hour}}},
		records: map[int64]int64{0: 1, hour: 2, 2 * hour: 3}, read: map[string]int64{ledger.Clicks: 9}}
	assert.Equal(t, []survey{
		{parts: []surveyed{{one, []int64{0}}}, records: map[int64]int64{0: 1}, read: s.read},
		{parts: []surveyed{{one, []int64{hour}}, {two, []int64{2 * hour}}},
			records: map[int64]int64{hour: 2, 2 * hour: 3}},
	}, s.splitAtZero())
	delete(s.records, 0)
	s.parts[0].starts = s.parts[0].starts[1:]
	assert.Equal(t, []survey{s}, s.splitAtZero())
	assert.Empty(t, survey{}.splitAtZero())
}
