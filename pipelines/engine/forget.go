package engine

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"time"

	"adtoorder/io/files"
	"adtoorder/io/storage"
	"adtoorder/io/table"
	"adtoorder/transforms/ledger"
)

// forget plans that windows which are not to be kept are removed, all but those of the
// first hour of 1970, where the ledger books what was read. A target also forgets what only the other one has: the
// run that was to see to that was killed.
func (r *run) forget(ctx context.Context) error {
	r.forgotten = max(r.forgotten, r.ForgetBefore)
	if r.forgotten == 0 {
		return nil
	}
	for i := range r.targets {
		t := &r.targets[i]
		was := table.Forgotten{}
		if t.stored.Forgotten != nil {
			was = *t.stored.Forgotten
		}
		if int64(was.Before) == r.forgotten && was.State == "" {
			continue
		}
		r.forgets = true
		t.origin.Forgotten = &table.Forgotten{Before: table.Time(r.forgotten), State: table.Begun,
			Files: maps.Clone(was.Files)}
		starts, err := t.Windows(ctx)
		if err != nil {
			return err
		}
		t.remove = slices.DeleteFunc(starts, func(start int64) bool {
			return r.Windows().PartitionOf(start) == 0 || start >= r.forgotten
		})
		if t.stored.Sources, err = r.forgetFiles(ctx, t.stored.Sources, t.origin.Forgotten); err != nil {
			return err
		}
	}
	return nil
}

// forgetFiles returns the sources that are still remembered, without what they have of
// forgotten windows. Of a file that has nothing else, and is gone, only a sum is kept.
func (r *run) forgetFiles(
	ctx context.Context, sources []table.Source, forgotten *table.Forgotten,
) (all []table.Source, err error) {
	var st storage.Storage
	defer st.Close()
	given := r.filesByName()
	for _, s := range sources {
		if s.State == table.Begun {
			all = append(all, s)
			continue
		}
		if err := r.fill(ctx, given, &s); err != nil {
			return nil, err
		}
		s.Found = kept(*s.Found, forgotten.Before, r.Windows().PartitionSize())
		if s.State == table.Replaced {
			s.Found.Undated = nil // its records are on no books
		}
		err := error(nil)
		if !files.IsCopied(s.Path) { // nobody knows whether a web server will give that again
			_, err = st.Stat(ctx, s.Path)
		}
		switch {
		case len(s.Found.Reached) > 0 || err == nil:
			all = append(all, s)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		case s.State == "":
			forgotten.Add(s)
		}
	}
	return all, nil
}

// kept returns what a file has of windows that are kept. The records of the others are
// before the start; but not those of the first hour of 1970, whose rows stay.
func kept(f table.Found, before table.Time, partition time.Duration) *table.Found {
	left := table.Found{Records: f.Records, Undated: maps.Clone(f.Undated), Reached: []table.Span{}}
	for _, s := range f.Reached {
		switch {
		case s.From >= before:
			left.Reached = append(left.Reached, s)
		case s.From > 0:
			if left.Undated == nil {
				left.Undated = map[string]int64{}
			}
			left.Undated[ledger.BeforeStart] += s.Records
		}
	}
	return &left
}

// forgottenFiles returns what the files that the target no longer remembers had, as if
// they were one a stream.
func (t target) forgottenFiles() (all []table.Source) {
	if t.origin.Forgotten != nil {
		for stream, found := range t.origin.Forgotten.Files {
			all = append(all, table.Source{Stream: stream, Found: &found})
		}
	}
	return all
}
