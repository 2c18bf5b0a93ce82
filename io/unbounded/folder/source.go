// Package folder reads a folder or bucket that new files drop into, without
// end. Every file is read once, whole, by its path: what changes later is not
// read again.
//
// A file's modification time, less Source.EveryMillis, stands for the broker's
// time of its records. Names that begin with "." or "_", or end in ".tmp" or
// ".part", are never read, nor is what lies in directories of such names.
package folder

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	lines "adtoorder/io/files"
	"adtoorder/io/progress"
	"adtoorder/io/storage"
	"adtoorder/io/unbounded"
)

func init() { unbounded.Register("watch:", "watch:", Parse) }

// Source says which files to read.
type Source struct {
	// Pattern is a glob: an absolute path, or a URL such as gs://bucket/dir/*.
	Pattern string
	// EveryMillis is how far the first record of a file may lie before the file's
	// modification time, in milliseconds: how often files are written.
	EveryMillis int64
	// StartMillis, in milliseconds since the Unix epoch, leaves out files that are
	// there when the job starts and whose time is before; 0 leaves out none.
	StartMillis int64
}

// String returns the URI that Parse reads.
func (s Source) String() string {
	uri := "watch:" + s.Pattern
	if s.EveryMillis > 0 {
		uri += "?every=" + short(s.every())
	}
	return uri
}

// short returns 1h rather than 1h0m0s.
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func (s Source) every() time.Duration { return time.Duration(s.EveryMillis) * time.Millisecond }

// time returns what stands for the broker's time of a file, in milliseconds
// since the Unix epoch; above 0.
func (s Source) time(modified time.Time) int64 {
	return max(1, modified.UnixMilli()-s.EveryMillis)
}

// URI implements unbounded.Source: the pattern is absolute, so it is the same anywhere.
func (s Source) URI() string { return s.String() }

// From implements unbounded.Source.
func (s Source) From(startMillis int64) unbounded.Source {
	s.StartMillis = startMillis
	return s
}

// Partitioned implements unbounded.Source: a folder is one partition.
func (s Source) Partitioned() bool { return false }

// Needs implements unbounded.Source.
func (s Source) Needs() unbounded.Needs {
	return unbounded.Needs{Environment: storage.Credentials(s.Pattern)}
}

// Check reports whether there is something to watch: the directory is there, or
// the bucket can be listed.
func (s Source) Check(ctx context.Context) error {
	var st storage.Storage
	defer st.Close()
	if err := st.Reach(ctx, s.Pattern); err != nil {
		return err
	}
	files, err := list(ctx, &st, s.Pattern)
	if err != nil {
		return err
	}
	if len(files) == 0 && !strings.ContainsAny(s.Pattern, storage.Special) { // a misspelt directory, most likely
		return fmt.Errorf("%s does not exist: create it, or name its files by a glob", s.Pattern)
	}
	return checkFormats(ctx, &st, files)
}

// checked is how many files Check looks into: an object of a bucket takes some 50 ms.
const checked = 20

// checkFormats reports that files can't be read, where none of those that are there can.
// One among others is told of, and gives a reject.
func checkFormats(ctx context.Context, st *storage.Storage, files []storage.Object) (failed error) {
	readable := len(files) == 0
	for _, o := range files[:min(len(files), checked)] {
		info, err := o.Info()
		if err != nil || !info.Mode.IsRegular() {
			continue
		}
		err = lines.Check(ctx, st, lines.File{Path: o.Name, Size: info.Size})
		if readable = readable || err == nil; errors.Is(err, lines.ErrUnreadable) {
			progress.Problem(ctx, err.Error())
			failed = err
		}
	}
	if readable {
		return nil
	}
	return failed
}

// Connect implements unbounded.Source.
func (s Source) Connect(context.Context) (unbounded.Client, error) {
	c := &client{source: s, storage: &storage.Storage{Patience: patience}, listEvery: folderEvery, batchSize: batchSize}
	if s.inBucket() {
		c.listEvery = bucketEvery
	}
	return c, nil
}

func (s Source) inBucket() bool { return !storage.IsLocal(s.Pattern) }
