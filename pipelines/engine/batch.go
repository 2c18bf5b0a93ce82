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

// takes refuses a run that can't be added to the target's rows.
func (t target) takes() error {
	if differs := t.origin.Differs(t.stored); differs != "" {
		return t.refuse(differs + instead + t.flag)
	}
	for _, was := range t.stored.Sources {
		i := slices.IndexFunc(t.origin.Sources, was.Names)
		if i >= 0 && was.State != table.Replaced && !was.Same(t.origin.Sources[i]) {
			return t.refuse(was.Changed() + "; restore it, or give --replace and all files that share its windows, " +
				"or another --" + t.flag)
		}
	}
	return nil
}

// lacksNothing refuses a run where others have rows of a file which the target lacks, and
// the run does not name it.
func (t target) lacksNothing(all []target) error {
	for _, other := range all {
		for _, s := range other.stored.Sources {
			if s.State == "" && !slices.ContainsFunc(t.stored.Sources, s.Same) &&
				!slices.ContainsFunc(t.origin.Sources, s.Same) {
				return other.refuse(fmt.Sprintf("has rows from %s, which --%s=%s lacks; name that file among --%s, too, "+
					"or give another --%s", s.Path, t.flag, t.value, s.Stream, other.flag))
			}
		}
	}
	return nil
}

func nameOf(s table.Source) fileName { return fileName{s.Stream, s.Path} }

// union returns all files that targets remember or are given, by stream and path, with
// what is known of them; but not those of which rows were replaced.
func union(targets []target) (all []table.Source) {
	for _, t := range targets {
		for _, s := range slices.Concat(t.stored.Sources, t.origin.Sources) {
			if s.State != table.Replaced {
				all = append(all, s)
			}
		}
	}
	unknown := func(s table.Source) int { return map[bool]int{true: 1}[s.Found == nil] }
	slices.SortFunc(all, func(a, b table.Source) int {
		return cmp.Or(cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Path, b.Path), unknown(a)-unknown(b))
	})
	return slices.CompactFunc(all, func(a, b table.Source) bool { return a.Names(b) })
}

// replacedIn returns the files of which targets remember that rows were replaced, where
// the run does not read them again.
func replacedIn(targets []target) (all []table.Source) {
	for _, t := range targets {
		for _, s := range t.stored.Sources {
			if s.State == table.Replaced && !slices.ContainsFunc(t.origin.Sources, s.Same) &&
				!slices.ContainsFunc(all, s.Same) {
				all = append(all, s)
			}
		}
	}
	return all
}

// allHave reports whether all targets have all rows of a file.
func allHave(targets []target, s table.Source) bool {
	return !slices.ContainsFunc(targets, func(t target) bool {
		return !slices.ContainsFunc(t.stored.Sources, func(has table.Source) bool {
			return has.State == "" && has.Same(s)
		})
	})
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
