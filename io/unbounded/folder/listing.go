package folder

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	lines "adtoorder/io/files"
	"adtoorder/io/storage"
)

const (
	// folderEvery and bucketEvery are the least time between two listings.
	folderEvery = 200 * time.Millisecond
	bucketEvery = 5 * time.Second
	// restFor is how long a local file must have stayed the same while it was
	// watched, and restBefore how long before it was listed, to be read.
	restFor    = 200 * time.Millisecond
	restBefore = 2 * time.Second
)

// file is a file to read.
type file struct {
	path string
	storage.Info
}

// listing is what the last listing has shown.
type listing struct {
	known map[string]sighting // by path: files that are not read yet
	ready []file              // those of them to read now, in order
	asOf  time.Time           // the time just before it
	idle  bool                // there was nothing left to read
	due   time.Time           // when the next one is due
}

// sighting is a file, and since when it is known to be as it is.
type sighting struct {
	storage.Info
	since time.Time
}

// settled reports whether a file is complete. Objects appear in a bucket when
// they are.
func (c *client) settled(s sighting, at time.Time) bool {
	return c.source.inBucket() || at.Sub(s.since) >= restFor || at.Sub(s.Modified) > restBefore
}

// look lists the files, and sorts out which are to be read.
func (c *client) look(ctx context.Context) error {
	at := time.Now()
	listed, err := list(ctx, c.storage, c.source.Pattern)
	if err != nil {
		return err
	}
	paths := make([]string, len(listed))
	for i, o := range listed {
		paths[i] = o.Name
	}
	if c.current != nil && !slices.Contains(paths, c.current.path) {
		c.finish()
	}
	c.seen.keep(paths)
	unread := slices.DeleteFunc(listed, func(o storage.Object) bool {
		return c.seen.has(o.Name) || c.current != nil && c.current.path == o.Name
	})
	if err := c.describe(unread, at); err != nil {
		return err
	}
	c.ready = nil
	for path, s := range c.known {
		if c.settled(s, at) {
			c.ready = append(c.ready, file{path, s.Info})
		}
	}
	slices.SortFunc(c.ready, func(a, b file) int {
		return cmp.Or(a.Modified.Compare(b.Modified), cmp.Compare(a.path, b.path))
	})
	c.idle = len(c.known) == 0 && c.current == nil
	c.asOf = at
	if c.source.inBucket() {
		c.asOf = at.Truncate(time.Second) // as S3 rounds modification times down
	}
	c.due = time.Now().Add(c.listEvery)
	return nil
}

// patience is for how long a listing may take, and for how long a file of a bucket that
// can't be opened or read on is tried again: a reader that waits for more does not drain.
const patience = time.Minute

// list lists the files of a pattern.
func list(ctx context.Context, in files, pattern string) (all []storage.Object, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for o, err := range in.List(ctx, pattern, lines.Hidden) {
		if errors.Is(err, fs.ErrNotExist) {
			dir, _ := storage.Split(pattern)
			return nil, fmt.Errorf("directory %s does not exist: create it", filepath.Clean(dir))
		}
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, nil
}

// describe has known hold these files, and no others. Where that fails, what was
// found out is kept.
func (c *client) describe(files []storage.Object, at time.Time) (err error) {
	known := map[string]sighting{}
	for _, o := range files {
		before, ok := c.known[o.Name]
		info, failure := o.Info()
		switch {
		case errors.Is(failure, fs.ErrNotExist):
		case failure != nil:
			err = failure
			if ok {
				known[o.Name] = before
			}
		case !info.Mode.IsRegular():
		case ok && info.Size == before.Size && info.Modified.Equal(before.Modified):
			known[o.Name] = before
		default:
			known[o.Name] = sighting{info, at}
		}
	}
	c.known = known
	return err
}
