package engine

import (
	"context"
	"runtime"

	"adtoorder/io/files"
	"adtoorder/io/storage"
	"adtoorder/io/window"
	"adtoorder/transforms/event"

	"golang.org/x/sync/errgroup"
)

// survey says which partitions of event time the parts of finished files hold: what a
// pass over all records has found.
type survey struct {
	parts      []surveyed
	partitions map[int64]int64  // records, by the start of their partition, ms since the Unix epoch
	read       map[string]int64 // records, by stream
}

// surveyed is a part of a file.
type surveyed struct {
	stream     string
	file       files.File
	partitions map[int64]int64 // records
}

// surveyedPart is how much of a file is looked at as a whole, in bytes. Stretches read
// the parts at their borders twice.
const surveyedPart = 2 << 20

// survey reads all finished files, several parts at a time.
func (o Options) survey(ctx context.Context) (s survey, err error) {
	for _, in := range o.streams() {
		for _, f := range in.Files {
			for _, part := range f.Parts(surveyedPart) {
				s.parts = append(s.parts, surveyed{stream: in.name, file: part})
			}
		}
	}
	var st storage.Storage
	defer st.Close()
	policy := o.Windows()
	readers, ctx := errgroup.WithContext(ctx)
	readers.SetLimit(runtime.GOMAXPROCS(0))
	for i := range s.parts {
		readers.Go(func() error { return s.parts[i].look(ctx, &st, policy) })
	}
	if err := readers.Wait(); err != nil {
		return s, err
	}
	s.partitions, s.read = map[int64]int64{}, map[string]int64{}
	for _, part := range s.parts {
		for start, n := range part.partitions {
			s.partitions[start] += n
			s.read[part.stream] += n
		}
	}
	return s, nil
}

// look reads a part's records.
func (p *surveyed) look(ctx context.Context, st *storage.Storage, policy window.Policy) error {
	timeOf := event.Times(p.stream)
	p.partitions = map[int64]int64{}
	for batch, err := range files.Scan(ctx, st, p.file) {
		if err != nil {
			return err
		}
		for _, r := range batch {
			p.partitions[policy.PartitionOf(policy.StartOf(timeOf(r)))]++
		}
	}
	return nil
}
