package engine

import (
	"context"
	"maps"
	"runtime"
	"slices"
	"sync"

	"adtoorder/io/files"
	"adtoorder/io/storage"
	"adtoorder/io/window"
	"adtoorder/transforms/event"
	"adtoorder/transforms/ledger"

	"golang.org/x/sync/errgroup"
)

// survey says which spans of event time the parts of finished files hold: what a pass
// over all records has found.
type survey struct {
	parts   []surveyed
	records map[int64]int64  // by the start of their span, milliseconds since the Unix epoch
	read    map[string]int64 // records, by stream
	// beside are about how many records the parts have besides, by the start of their span:
	// a stretch that goes on beyond them has them, too.
	beside map[int64]int64
}

// surveyed is a part of a file.
type surveyed struct {
	part
	starts []int64 // of the spans that it has records of, in order
}

// part is a part of a stream's file.
type part struct {
	stream  string
	reading event.Reading
	file    files.File
}

// surveyedPart is how much of a file is looked at as a whole, in bytes. Stretches read
// the parts at their borders twice.
const surveyedPart = 2 << 20

// survey reads all finished files. spanOf returns the start of the span that holds the
// time at which a record is accounted for.
func (o Options) survey(ctx context.Context, spanOf func(t int64) int64) (survey, error) {
	parts := o.parts()
	s := survey{parts: make([]surveyed, len(parts)), records: map[int64]int64{}, read: map[string]int64{}}
	err := lookThrough(ctx, parts, timesIn(spanOf), func(i int, found map[int64]int64) {
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
			all = append(all, part{in.name, o.reading(in.name), file})
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

// lookThrough reads parts, several at a time, and calls a function with what another one has
// found in each: one call after another.
func lookThrough[T any](
	ctx context.Context, parts []part, look func(context.Context, *storage.Storage, part) (T, error),
	found func(i int, in T),
) error {
	var st storage.Storage
	defer st.Close()
	readers, ctx := errgroup.WithContext(ctx)
	readers.SetLimit(runtime.GOMAXPROCS(0))
	var one sync.Mutex
	for i, p := range parts {
		readers.Go(func() error {
			in, err := look(ctx, &st, p)
			one.Lock()
			defer one.Unlock()
			found(i, in)
			return err
		})
	}
	return readers.Wait()
}

// timesIn returns a function that returns how many records a part has, by span.
func timesIn(spanOf func(int64) int64) func(context.Context, *storage.Storage, part) (map[int64]int64, error) {
	return func(ctx context.Context, st *storage.Storage, p part) (map[int64]int64, error) {
		timesOf, err := event.Times(p.stream, p.reading)
		if err != nil {
			return nil, err
		}
		var times []int64
		records := map[int64]int64{}
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
}

// placesIn returns a function that returns where a part's records are accounted for.
func placesIn(windows window.Policy) func(context.Context, *storage.Storage, part) ([]ledger.Place, error) {
	return func(ctx context.Context, st *storage.Storage, p part) ([]ledger.Place, error) {
		look, err := event.NewLook(p.stream, windows, p.reading)
		if err != nil {
			return nil, err
		}
		for batch, err := range files.Scan(ctx, st, p.file) {
			if err != nil {
				return nil, err
			}
			look.Decode(batch, func(event.Seen) {})
		}
		return look.Places.Places(), nil
	}
}
