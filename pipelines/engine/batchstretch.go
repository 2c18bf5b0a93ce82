package engine

import (
	"context"
	"maps"
	"math"
	"slices"

	"adtoorder/io/files"
	"adtoorder/io/table"
	"adtoorder/transforms/ledger"
)

// batchStretches cuts what a batch has to read into stretches. The one of 1970 is of its
// own: there the malformed records without a time are booked that other files have.
func (r *run) batchStretches(ctx context.Context, most float64) ([]stretch, error) {
	partition := r.Windows().PartitionSize()
	weigh := func(int64) float64 { return 0 }
	if r.embedded() {
		t, err := r.sample(ctx)
		if err != nil {
			return nil, err
		}
		weigh = func(records int64) float64 {
			return t.weight(partition.Seconds()/r.Window.Seconds(), float64(records))
		}
	} else {
		most = math.Inf(1)
	}
	var all []stretch
	for _, s := range r.batch.survey.splitAtZero() {
		all = append(all, s.stretches(partition, most, weigh)...)
	}
	if len(all) > 0 {
		all[0].booked = r.batch.undatedBeside(all[0])
	}
	return all, nil
}

// splitAtZero returns what a survey has of the partition of 1970, and the rest, as far as
// there is any. The first of them says how many records were read.
func (s survey) splitAtZero() (all []survey) {
	zero := survey{records: map[int64]int64{}}
	rest := survey{records: maps.Clone(s.records), beside: s.beside}
	if n, ok := s.records[0]; ok {
		zero.records[0] = n
		delete(rest.records, 0)
	}
	for _, p := range s.parts {
		if i, in := slices.BinarySearch(p.starts, 0); in {
			zero.parts = append(zero.parts, surveyed{p.part, p.starts[:i+1]})
			p.starts = p.starts[i+1:]
		}
		rest.parts = append(rest.parts, p)
	}
	for _, one := range []survey{zero, rest} {
		if len(one.records) > 0 {
			all = append(all, one)
		}
	}
	if len(all) > 0 {
		all[0].read = s.read
	}
	return all
}

// undatedBeside are the undated records of the remembered files that the first stretch
// does not read.
func (b *batch) undatedBeside(s stretch) (booked []ledger.Booking) {
	isRead := func(source table.Source) bool {
		read := map[string][]files.File{ledger.Clicks: s.clicks, ledger.Orders: s.orders}[source.Stream]
		return s.from == 0 && slices.ContainsFunc(read, func(f files.File) bool { return f.Path == source.Path })
	}
	for _, source := range slices.Concat(b.rest, b.forgotten) {
		if isRead(source) {
			continue
		}
		for reason, n := range source.Found.Undated {
			booked = append(booked, ledger.Booking{Entry: ledger.Undated(source.Stream, reason), Records: n})
		}
	}
	return booked
}
