package engine

import (
	"context"
	"maps"
	"slices"
	"time"

	"adtoorder/io/files"
	"adtoorder/io/progress"
	"adtoorder/transforms/ledger"
)

// stretch is a part of finished input, by event time, that is a pipeline run of its own,
// so that what a run takes in memory follows the stretch and not the history. Rows
// merge, so that stretches end at what one run would.
type stretch struct {
	from, until    int64 // starts of windows, half-open, milliseconds since the Unix epoch; both 0 for all
	clicks, orders []files.File
	// read is how many records the whole input has, by stream. One stretch books
	// them, since parts of files may be read in several. It is nil where what is read is
	// what is counted.
	read map[string]int64
}

// maxWeight is the most that a stretch holds: about so many rows of the join, each of
// which takes about a kilobyte on its way through all tables and files. An id takes a
// sixteenth of that.
const (
	maxWeight = 300_000
	idsPerRow = 16
)

// stretches cuts finished input where one run would hold more than maxWeight. A sample
// tells whether a pass over all of it is worth its time.
func (o Options) stretches(ctx context.Context) ([]stretch, error) {
	if o.Live() || !o.embedded() {
		return []stretch{{}}, nil
	}
	t, err := o.sample(ctx)
	if err != nil || t.weight(o.Windows().PartitionSize(), o.Window, t.records) <= maxWeight {
		return []stretch{{}}, err
	}
	s, err := o.survey(ctx)
	if err != nil {
		return nil, err
	}
	return s.stretches(o.Windows().PartitionSize(), func(records int64) int64 {
		return t.rows(o, records) + t.ids(records)/idsPerRow
	}), nil
}

// stretches cuts a survey into stretches of at most maxWeight, of whole partitions.
func (s survey) stretches(partition time.Duration, weigh func(records int64) int64) (all []stretch) {
	var one stretch
	var weight int64
	for _, start := range slices.Sorted(maps.Keys(s.partitions)) {
		more := weigh(s.partitions[start])
		if weight > 0 && weight+more > maxWeight {
			all = append(all, s.fill(one))
			one, weight = stretch{from: start}, 0
		}
		weight += more
		one.until = start + partition.Milliseconds()
	}
	all = append(all, s.fill(one))
	all[0].read = s.read
	return all
}

// fill gives a stretch the parts of files that hold its records.
func (s survey) fill(one stretch) stretch {
	for _, part := range s.parts {
		for start := range part.partitions {
			if start < one.from || start >= one.until {
				continue
			}
			if part.stream == ledger.Clicks {
				one.clicks = append(one.clicks, part.file)
			} else {
				one.orders = append(one.orders, part.file)
			}
			break
		}
	}
	one.clicks, one.orders = files.Joined(one.clicks), files.Joined(one.orders)
	return one
}
