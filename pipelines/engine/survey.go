package engine

import (
	"context"
	"runtime"

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
	stream  string
	file    files.File
	records map[int64]int64
}

// surveyedPart is how much of a file is looked at as a whole, in bytes. Stretches read
// the parts at their borders twice.
const surveyedPart = 2 << 20

// survey reads all finished files, several parts at a time. spanOf returns the start of
// the span that holds the time at which a record is accounted for.
func (o Options) survey(ctx context.Context, spanOf func(t int64) int64) (s survey, err error) {
	for _, in := range o.streams() {
		for _, f := range in.Files {
			for _, part := range f.Parts(surveyedPart) {
				s.parts = append(s.parts, surveyed{stream: in.name, file: part})
			}
		}
	}
	var st storage.Storage
	defer st.Close()
	readers, ctx := errgroup.WithContext(ctx)
	readers.SetLimit(runtime.GOMAXPROCS(0))
	for i := range s.parts {
		readers.Go(func() error { return s.parts[i].look(ctx, &st, spanOf) })
	}
	if err := readers.Wait(); err != nil {
		return s, err
	}
	s.records, s.read = map[int64]int64{}, map[string]int64{}
	for _, part := range s.parts {
		for start, n := range part.records {
			s.records[start] += n
			s.read[part.stream] += n
		}
	}
	return s, nil
}

// look reads a part's records.
func (p *surveyed) look(ctx context.Context, st *storage.Storage, spanOf func(int64) int64) error {
	timesOf := event.Times(p.stream)
	var times []int64
	p.records = map[int64]int64{}
	for batch, err := range files.Scan(ctx, st, p.file) {
		if err != nil {
			return err
		}
		times = timesOf(times[:0], batch)
		for _, t := range times {
			p.records[spanOf(t)]++
		}
	}
	return nil
}
