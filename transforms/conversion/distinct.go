package conversion

import (
	"iter"
	"slices"

	"adtoorder/transforms/event"
)

// idCounter counts distinct ids, one set of lists after another, in memory that it uses
// again: 8 bytes an id.
//
// It sorts the first halves of ids, plain numbers, in a third of the time that whole ids
// take, and looks closer at those whose halves are equal: at the duplicates, which are few.
// A table of hashes would take less time still, but producers choose the ids: some that
// fall on one place of it are soon found, and slow it down at will.
type idCounter struct{ halves []uint64 }

// count returns how many distinct ids there are in lists, and how many ids at all. It
// goes through the lists several times.
func (c *idCounter) count(lists iter.Seq[[]event.ID]) (distinct, all int64) {
	n := 0
	for ids := range lists {
		n += len(ids)
	}
	halves := slices.Grow(c.halves[:0], n)
	c.halves = halves
	for ids := range lists {
		for _, id := range ids {
			halves = append(halves, id.High)
		}
	}
	slices.Sort(halves)
	shared := halves[:0] // halves that several ids have; never more than were looked at
	sharing := 0         // ids that have them
	for i := 0; i < n; distinct++ {
		half, first := halves[i], i
		for i++; i < n && halves[i] == half; i++ {
		}
		if i-first > 1 {
			shared = append(shared, half)
			sharing += i - first
		}
	}
	if sharing > 0 {
		distinct += closer(lists, shared, sharing) - int64(len(shared))
	}
	return distinct, int64(n)
}

// closer returns how many distinct ids there are among those, so many, whose halves are
// in a sorted list.
func closer(lists iter.Seq[[]event.ID], shared []uint64, sharing int) int64 {
	same := make([]event.ID, 0, sharing)
	for ids := range lists {
		for _, id := range ids {
			if _, ok := slices.BinarySearch(shared, id.High); ok {
				same = append(same, id)
			}
		}
	}
	slices.SortFunc(same, event.ID.Compare)
	return int64(len(slices.Compact(same)))
}
