package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"adtoorder/io/files"
	"adtoorder/io/table"
	"adtoorder/io/unbounded"
	"adtoorder/pipelines/command"
	"adtoorder/transforms/ledger"
)

// batch is what a run over finished files adds to what lake and warehouse remember.
type batch struct {
	fresh []freshFile // whose rows are not all there
	known int         // files that the run names and whose rows are all there
	again int         // remembered files that are to be read again
	// rest are the remembered files beside the fresh ones; survey is what is to be read
	// where there are any, since windows may have records of both.
	rest   []table.Source
	survey survey
	// forgotten are what files that are no longer remembered had, one a stream.
	forgotten []table.Source
	// replaced are files that have rows beside those of a run with --replace.
	replaced []table.Source
}

// freshFile is a file that is to be read whole.
type freshFile struct {
	table.Source
	file files.File
}

// adds reports whether the run adds finished files to finished files. With live sources
// it has to name all that there ever was.
func (r *run) adds() bool {
	return !r.Live() && !r.Replace && !slices.ContainsFunc(r.targets, func(t target) bool {
		return slices.ContainsFunc(t.stored.Sources, func(s table.Source) bool { return unbounded.Is(s.Path) })
	})
}

// plan finds out what is new to lake and warehouse, and which of the files that they
// remember have to be read again. It refuses files that are not as they were.
func (r *run) plan(ctx context.Context) error {
	for _, t := range r.targets {
		if err := t.takes(); err != nil {
			return err
		}
	}
	if err := r.forget(ctx); err != nil {
		return err
	}
	for _, t := range r.targets {
		if err := t.lacksNothing(r.targets); err != nil {
			return err
		}
	}
	b := &batch{}
	r.batch = b
	given := r.filesByName()
	for _, s := range union(r.targets) {
		file, isGiven := given[nameOf(s)]
		switch done := allHave(r.targets, s); {
		case done:
			b.rest = append(b.rest, s)
			if isGiven {
				b.known++
			}
			continue
		case !isGiven: // a run over it was killed
			var err error
			if file, err = find(ctx, s, "a run that has begun to read it has not ended"); err != nil {
				return err
			}
		}
		s.Found = nil // what a run found that was killed, maybe of windows that are forgotten since
		b.fresh = append(b.fresh, freshFile{s, file})
	}
	r.Clicks.Files, r.Orders.Files = nil, nil
	for _, f := range b.fresh {
		r.give(f.Stream, f.file)
	}
	b.replaced = replacedIn(r.targets)
	b.forgotten = r.targets[0].forgottenFiles()
	if len(b.fresh) > 0 && r.isRemembered() || r.forgets {
		if err := r.surveyBatch(ctx, given); err != nil {
			return err
		}
	}
	for i := range r.targets {
		r.targets[i].origin.Sources = b.begun()
	}
	return nil
}

// begun returns all files, as they are remembered until the rows of the fresh ones are there.
func (b *batch) begun() []table.Source {
	all := slices.Concat(b.rest, b.replaced)
	for _, f := range b.fresh {
		f.State = table.Begun
		all = append(all, f.Source)
	}
	slices.SortFunc(all, func(a, b table.Source) int {
		return cmp.Or(cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Path, b.Path))
	})
	return all
}

// addsNothing reports whether all rows are there that the run would write.
func (r *run) addsNothing() bool { return r.batch != nil && len(r.batch.fresh) == 0 && !r.forgets }

// isRemembered reports whether a run adds to anything.
func (r *run) isRemembered() bool {
	return len(r.batch.rest)+len(r.batch.replaced)+len(r.batch.forgotten) > 0
}

// give has the run read a file.
func (r *run) give(stream string, file files.File) {
	if stream == ledger.Clicks {
		r.Clicks.Files = append(r.Clicks.Files, file)
	} else {
		r.Orders.Files = append(r.Orders.Files, file)
	}
}

// filesByName returns the files that the run names.
func (o Options) filesByName() map[fileName]files.File {
	all := map[fileName]files.File{}
	for _, in := range o.streams() {
		for _, f := range in.Files {
			all[fileName{in.name, f.Path}] = f
		}
	}
	return all
}

// find returns a remembered file that the run does not name, as it was.
func find(ctx context.Context, was table.Source, why string) (files.File, error) {
	const otherwise = "restore it, or give --replace to put this run's windows in place of those that share its records"
	found, err := files.Match(ctx, []string{was.Path})
	switch {
	case err != nil:
		return files.File{}, command.Refuse(was.Stream, was.Path,
			fmt.Sprintf("is needed, since %s, and can't be read (%v); %s", why, err, otherwise))
	case len(found) != 1 || !was.Same(sourceOf(was.Stream, found[0])):
		return files.File{}, command.Refuse(was.Stream, was.Path,
			fmt.Sprintf("is needed, since %s, and has changed; %s", why, otherwise))
	}
	return found[0], nil
}
