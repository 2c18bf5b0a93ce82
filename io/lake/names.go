package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"
	"time"

	"adtoorder/io/storage"
)

// Layout is that of files which hold a partition each, as origins remember it. A lake
// of the former layout has a file a window instead: see Fold.
const Layout = "hour"

// How the start of a partition is written in its file's name, as short as it can be,
// and how formerly that of a window was.
const (
	hourName   = "20060102T15"
	minuteName = "20060102T1504"
	secondName = "20060102T150405"
	formerName = "20060102T150405Z"
)

// path returns the name of a partition's file in Hive layout. The partition's start
// is in milliseconds since the Unix epoch.
func (l Lake) path(dataset string, start int64, shard string) string {
	t, name := time.UnixMilli(start).UTC(), hourName
	if t.Minute() > 0 {
		name = minuteName
	}
	if t.Second() > 0 {
		name = secondName
	}
	return fmt.Sprintf("%s/%s/%s/%s-%s.%s", l.Dir, dataset,
		t.Format("year=2006/month=01/day=02/hour=15"), t.Format(name), shard, l.Format)
}

// file is a file of a lake, and what its name tells.
type file struct {
	name   string
	start  int64 // of its partition or, of the former layout, window: milliseconds since the Unix epoch
	shard  string
	format string
	former bool // of the former layout
}

// parse reads a file's name. It reports whether it is one that a lake gives.
func parse(name string) (f file, ok bool) {
	start, rest, ok := strings.Cut(path.Base(name), "-")
	ext := path.Ext(rest)
	f = file{name: name, shard: strings.TrimSuffix(rest, ext), format: strings.TrimPrefix(ext, ".")}
	if !ok || f.shard == "" || !slices.Contains(Formats(), f.format) {
		return f, false
	}
	for _, layout := range []string{hourName, minuteName, secondName, formerName} {
		if t, err := time.Parse(layout, start); err == nil && t.Format(layout) == start {
			f.start, f.former = t.UnixMilli(), layout == formerName
			return f, true
		}
	}
	return f, false
}

// parseTemporary reads the name of a file that is being written, or was when a process
// was killed: that of the file, between a dot and a suffix.
func parseTemporary(name string) bool {
	base, hidden := strings.CutPrefix(path.Base(name), ".")
	_, ok := parse(strings.TrimSuffix(base, path.Ext(base)))
	return hidden && ok
}

// pattern is that of a dataset's files.
func (l Lake) pattern(dataset string) string {
	return l.Dir + "/" + dataset + "/year=*/month=*/day=*/hour=*/*"
}

// files lists the files of a dataset, of either layout, in the order of their folders.
// What is not named like one is left out: a lake may hold notes of others.
func (l Lake) files(ctx context.Context, s *storage.Storage, dataset string) iter.Seq2[file, error] {
	return func(yield func(file, error) bool) {
		for name, err := range list(ctx, s, l.pattern(dataset)) {
			if f, ok := parse(name); (ok || err != nil) && !yield(f, err) {
				return
			}
		}
	}
}

// list lists the files of a pattern. A lake that is not there yet has none.
func list(ctx context.Context, s *storage.Storage, pattern string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for o, err := range s.List(ctx, pattern, nil) {
			if errors.Is(err, fs.ErrNotExist) || !yield(o.Name, err) {
				return
			}
		}
	}
}

// Has reports whether there is any file of a dataset. It looks for no more than one.
func (l Lake) Has(ctx context.Context, dataset string) (bool, error) {
	var s storage.Storage
	defer s.Close()
	for f, err := range l.files(ctx, &s, dataset) {
		if err != nil || f.format == l.Format {
			return err == nil, err
		}
	}
	return false, nil
}

// Sweep removes the temporary files that a killed run left behind. In a bucket
// there are none.
func (l Lake) Sweep(ctx context.Context, datasets []Dataset) error {
	if !storage.IsLocal(l.Dir) {
		return nil
	}
	for _, file := range []string{l.originFile(), l.noteFile("*")} {
		if err := l.remove(ctx, l.Dir+"/."+path.Base(file)+".*", storage.IsTemporary); err != nil {
			return err
		}
	}
	for _, d := range datasets {
		if err := l.remove(ctx, l.pattern(d.Name), parseTemporary); err != nil {
			return err
		}
	}
	return nil
}

// remove removes the files of a pattern that a function chooses.
func (l Lake) remove(ctx context.Context, pattern string, chosen func(name string) bool) error {
	var s storage.Storage
	defer s.Close()
	for name, err := range list(ctx, &s, pattern) {
		if err == nil && chosen(name) {
			err = s.Remove(ctx, name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
