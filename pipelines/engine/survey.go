package engine

import (
	"context"
	"maps"
	"runtime"
	"slices"
	"sync"

	"adtoorder/io/files"
	"adtoorder/io/storage"
	"adtoorder/transforms/event"

	"golang.org/x/sync/errgroup"
)

// survey says which spans of event time the parts of finished files hold: what a pass
// over all records has found.
type survey struct {
	parts   []surveyed
	records map[int64]int64  // by the start of their span, milliseconds since the Unix epoch
	read    map[string]int64 // records, by stream
}

// surveyed is a part of a file.
type surveyed struct {
	part
	starts []int64 // of the spans that it has records of, in order
}

// part is a part of a stream's file.
type part struct {
	stream string
	file   files.File
}

// surveyedPart is how much of a file is looked at as a whole, in bytes. Stretches read
// the parts at their borders twice.
const surveyedPart = 2 << 20

// survey reads all finished files. spanOf returns the start of the span that holds the
// time at which a record is accounted for.
func (o Options) survey(ctx context.Context, spanOf func(t int64) int64) (survey, error) {
	parts := o.parts()
	s := survey{parts: make([]surveyed, len(parts)), records: map[int64]int64{}, read: map[string]int64{}}
	err := o.lookThrough(ctx, parts, spanOf, func(i int, found map[int64]int64) {
		s.parts[i] = surveyed{parts[i], slices.Sorted(maps.Keys(found))}
		for start, n := range found {
			s.records[start] += n
			s.read[parts[i].stream] += n
		}
	})
	return s, err
}

// parts returns the parts of all finished files.
func (o Options) parts() (all []part) {
	for _, in := range o.streams() {
		for _, file := range in.parts() {
			all = append(all, part{in.name, file})
		}
	}
	return all
}

// parts returns the parts of a stream's finished files.
func (in Input) parts() (all []files.File) {
	for _, f := range in.Files {
		all = append(all, f.Parts(surveyedPart)...)
	}
	return all
}

// lookThrough reads parts, several at a time, and calls a function with how many records each
// has, by span: one call after another.
func (o Options) lookThrough(
	ctx context.Context, parts []part, spanOf func(int64) int64, found func(i int, records map[int64]int64),
) error {
	var st storage.Storage
	defer st.Close()
	readers, ctx := errgroup.WithContext(ctx)
	readers.SetLimit(runtime.GOMAXPROCS(0))
	var one sync.Mutex
	for i, p := range parts {
		readers.Go(func() error {
			records, err := p.look(ctx, &st, o.reading(p.stream), spanOf)
			one.Lock()
			defer one.Unlock()
			found(i, records)
			return err
		})
	}
	return readers.Wait()
}

// look reads a part's records.
func (p part) look(
	ctx context.Context, st *storage.Storage, by event.Reading, spanOf func(int64) int64,
) (records map[int64]int64, err error) {
	timesOf, err := event.Times(p.stream, by)
	if err != nil {
		return nil, err
	}
	var times []int64
	records = map[int64]int64{}
	for batch, err := range files.Scan(ctx, st, p.file) {
		if err != nil {
			return nil, err
		}
		times = timesOf(times[:0], batch)
		for _, t := range times {
			records[spanOf(t)]++
		}
	}
	return records, nil
}
