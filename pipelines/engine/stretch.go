package engine

import (
	"context"
	"maps"
	"slices"
	"time"

	"adtoorder/io/files"
	"adtoorder/io/record"
	"adtoorder/transforms/ledger"
)

// stretch is a part of finished input, by event time, that is a pipeline run of its own,
// so that what a run takes in memory follows the stretch and not the history. Rows
// merge, so that stretches end at what one run would.
type stretch struct {
	from, until    int64 // starts of windows, half-open, milliseconds since the Unix epoch; both 0 for all
	clicks, orders []files.File
	// group is how much event time of it Flink groups at once; 0 for a partition.
	group time.Duration
	// read is how many records the whole input has, by stream. The first stretch books
	// them, since parts of files are read in several.
	read map[string]int64
	// booked are outcomes of records that the run doesn't read: the first stretch books
	// them, too.
	booked []ledger.Booking
}

// maxWeight is the most that a stretch holds: about so many rows of the join, each of
// which takes about a kilobyte on its way through all tables and files. An id takes a
// sixteenth of that.
const (
	maxWeight = 300_000
	idsPerRow = 16
)

// stretches cuts finished input where one run would hold more than a weight. A sample
// tells whether a pass over all of it, which says what is where, is worth its time. On
// Flink there is one run, and the sample tells how much of it can be grouped at once.
func (o Options) stretches(ctx context.Context, most float64) ([]stretch, error) {
	if o.Live() || o.Runner == Dataflow {
		return []stretch{{}}, nil
	}
	windows := o.Windows()
	partition := windows.PartitionSize()
	t, err := o.sample(ctx)
	switch {
	case err != nil:
		return nil, err
	case o.Runner == Flink:
		return []stretch{{group: t.group(partition)}}, nil
	case t.total(partition, o.Window) <= most:
		return []stretch{{}}, nil
	}
	s, err := o.survey(ctx, func(t int64) int64 { return windows.PartitionOf(windows.StartOf(windows.AccountedAt(t))) })
	if err != nil {
		return nil, err
	}
	return s.stretches(partition, most, func(records int64) float64 {
		return t.weight(partition.Seconds()/o.Window.Seconds(), float64(records))
	}), nil
}

// within returns the options of a stretch.
func (o Options) within(s stretch) Options {
	o.stretch = s
	if s.until > 0 {
		o.Clicks.Files, o.Orders.Files = s.clicks, s.orders
	}
	return o
}

// counts are how many records were read of a stream, where this is the stretch that
// books them.
func (s stretch) counts(stream string) []record.Count {
	if s.read[stream] == 0 {
		return []record.Count{}
	}
	return []record.Count{{Records: s.read[stream]}}
}

// stretches cuts a survey into stretches of whole partitions, of at most a weight where
// one partition is not more.
func (s survey) stretches(
	partition time.Duration, most float64, weigh func(records int64) float64,
) (all []stretch) {
	of := map[int64]int{} // the stretch of a partition
	var weight float64
	beside := slices.Sorted(maps.Keys(s.beside))
	for _, start := range slices.Sorted(maps.Keys(s.records)) {
		more, gap := weigh(s.records[start]), 0.0
		for ; len(beside) > 0 && beside[0] < start; beside = beside[1:] {
			gap += weigh(s.beside[beside[0]])
		}
		if len(all) == 0 || weight+gap+more > most {
			all = append(all, stretch{from: start})
			weight, gap = 0, 0
		}
		weight += gap + more
		of[start] = len(all) - 1
		all[of[start]].until = start + partition.Milliseconds()
	}
	for _, part := range s.parts {
		in := map[int]bool{}
		for _, start := range part.starts {
			in[of[start]] = true
		}
		for i := range in {
			all[i].add(part)
		}
	}
	for i := range all {
		all[i].clicks, all[i].orders = files.Joined(all[i].clicks), files.Joined(all[i].orders)
	}
	all[0].read = s.read
	return all
}

// add gives a stretch a part of a file that holds some of its records.
func (s *stretch) add(part surveyed) {
	if part.stream == ledger.Clicks {
		s.clicks = append(s.clicks, part.file)
	} else {
		s.orders = append(s.orders, part.file)
	}
}
