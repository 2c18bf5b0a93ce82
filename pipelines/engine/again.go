package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"adtoorder/io/files"
	"adtoorder/io/table"
	"adtoorder/transforms/ledger"
)

// affected returns the partitions whose rows new records may change, by theirs: rows of a
// window are made of the records of that window alone.
func affected(reached map[int64]int64) []int64 { return slices.Sorted(maps.Keys(reached)) }

// surveyBatch looks through the fresh files, and finds the remembered ones that have to
// be read again for the windows that those reach. given are the files that the run names.
func (r *run) surveyBatch(ctx context.Context, given map[fileName]files.File) error {
	b := r.batch
	for i := range b.rest {
		if err := r.fill(ctx, given, &b.rest[i]); err != nil {
			return err
		}
	}
	found := placed{}
	b.survey = survey{records: map[int64]int64{}, read: map[string]int64{}, beside: map[int64]int64{}}
	for i := range b.fresh {
		f := &b.fresh[i]
		parts, err := r.lookAt(ctx, found, f.Stream, f.file)
		if err != nil {
			return err
		}
		b.survey.parts = append(b.survey.parts, parts...)
		in := found.of(nameOf(f.Source))
		for start, n := range in.all() {
			b.survey.records[start] += n
		}
		f.Found = in.found(r.Windows().PartitionSize())
		b.survey.read[f.Stream] += f.Found.Records
	}
	for _, s := range b.forgotten {
		b.survey.read[s.Stream] += s.Found.Records
	}
	partitions := affected(b.survey.records)
	if r.forgets { // what is forgotten is booked there
		b.survey.records[0] += 0
	}
	for _, s := range b.replaced {
		if slices.ContainsFunc(partitions, s.Reaches) {
			return r.targets[0].refuse(fmt.Sprintf("lacks rows of %s since a run with --replace, and new files "+
				"have records of windows that it reaches; name it among --%s, too, or give --replace and all files of "+
				"these windows, or another --lake", s.Path, s.Stream))
		}
	}
	for _, s := range b.rest {
		b.survey.read[s.Stream] += s.Found.Records
		shared := slices.DeleteFunc(slices.Clone(partitions), func(p int64) bool { return !s.Reaches(p) })
		if len(shared) == 0 {
			continue
		}
		file, err := r.fileOf(ctx, given, s, "new files have records of windows that it reaches")
		if err != nil {
			return err
		}
		b.again++
		b.survey.parts = append(b.survey.parts, surveyed{part{s.Stream, r.reading(s.Stream), file}, shared})
		for _, start := range shared {
			b.survey.records[start] += s.Found.Records / int64(len(partitions))
		}
		b.survey.addBeside(s.Found.Reached, table.Time(r.Windows().PartitionSize().Milliseconds()))
	}
	return nil
}

// addBeside adds what a file has of partitions that are not to be written.
func (s survey) addBeside(reached []table.Span, partition table.Time) {
	for _, span := range reached {
		for start := span.From; start < span.Until; start += partition {
			if _, is := s.records[int64(start)]; !is {
				s.beside[int64(start)] += span.Records / int64((span.Until-span.From)/partition)
			}
		}
	}
}

// fill finds out what a remembered file has, where an older engine, or a cluster, has not
// told.
func (r *run) fill(ctx context.Context, given map[fileName]files.File, s *table.Source) error {
	if s.Found != nil {
		return nil
	}
	file, err := r.fileOf(ctx, given, *s, "it is not known which windows it reaches")
	if err != nil {
		return err
	}
	found := placed{}
	_, err = r.lookAt(ctx, found, s.Stream, file)
	s.Found = found.of(nameOf(*s)).found(r.Windows().PartitionSize())
	return err
}

// fileOf returns a remembered file, which the run may name.
func (r *run) fileOf(
	ctx context.Context, given map[fileName]files.File, s table.Source, why string,
) (files.File, error) {
	if file, ok := given[nameOf(s)]; ok {
		return file, nil
	}
	return find(ctx, s, why)
}

// lookAt adds what a file has to what was found, and returns its parts.
func (r *run) lookAt(ctx context.Context, found placed, stream string, file files.File) ([]surveyed, error) {
	var parts []part
	for _, f := range file.Parts(surveyedPart) {
		parts = append(parts, part{stream, r.reading(stream), f})
	}
	all := make([]surveyed, len(parts))
	err := lookThrough(ctx, parts, placesIn(r.Windows()), func(i int, places []ledger.Place) {
		starts := map[int64]bool{}
		for _, p := range places {
			starts[p.Partition] = true
		}
		all[i] = surveyed{parts[i], slices.Sorted(maps.Keys(starts))}
		found.add(places)
	})
	return all, err
}

// all returns how many records there are by partition, those without a time in 1970's.
func (p *places) all() map[int64]int64 {
	all := maps.Clone(p.partitions)
	for _, n := range p.undated {
		all[0] += n
	}
	return all
}

// remember has lake and warehouse remember, once all rows of the run are there, the files
// that it has read.
func (r *run) remember(ctx context.Context) error {
	if r.Live() || r.Detached {
		return nil
	}
	noted, err := r.noted(ctx)
	if err != nil {
		return err
	}
	for _, t := range r.targets {
		if t.origin.Forgotten != nil {
			t.origin.Forgotten.State = ""
		}
		for i := range t.origin.Sources {
			if s := &t.origin.Sources[i]; s.State == table.Begun {
				s.State = ""
				if s.Found == nil {
					s.Found = noted.of(nameOf(*s)).found(r.Windows().PartitionSize())
				}
			}
		}
		if err := t.SetOrigin(ctx, t.origin); err != nil {
			return t.failed(err)
		}
	}
	return nil
}
