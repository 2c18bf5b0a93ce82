package folder

import (
	"cmp"
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// folderEvery and bucketEvery are the least time between two listings.
	folderEvery = 200 * time.Millisecond
	bucketEvery = 5 * time.Second
	// restFor is how long a local file must have stayed the same while it was
	// watched, and restBefore how long before it was listed, to be read.
	restFor    = 200 * time.Millisecond
	restBefore = 2 * time.Second
	// parallel is how many files are described at once.
	parallel = 16
)

// file is a file to read.
type file struct {
	path string
	stat
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
	stat
	since time.Time
}

// settled tells whether a file is complete. Objects appear in a bucket when
// they are.
func (c *client) settled(s sighting, at time.Time) bool {
	return inBucket(c.source.Pattern) || at.Sub(s.since) >= restFor || at.Sub(s.modified) > restBefore
}

// look lists the files, and sorts out which are to be read.
func (c *client) look(ctx context.Context) error {
	at := time.Now()
	paths, err := c.store.list(ctx)
	if err != nil {
		return err
	}
	if c.current != nil && !slices.Contains(paths, c.current.path) {
		c.finish()
	}
	c.seen.keep(paths)
	unread := slices.DeleteFunc(paths, func(path string) bool {
		return c.seen.has(path) || c.current != nil && c.current.path == path
	})
	if err := c.describe(ctx, unread, at); err != nil {
		return err
	}
	c.ready = nil
	for path, s := range c.known {
		if c.settled(s, at) {
			c.ready = append(c.ready, file{path, s.stat})
		}
	}
	slices.SortFunc(c.ready, func(a, b file) int {
		return cmp.Or(a.modified.Compare(b.modified), cmp.Compare(a.path, b.path))
	})
	c.idle = len(c.known) == 0 && c.current == nil
	c.asOf = at
	if inBucket(c.source.Pattern) {
		c.asOf = at.Truncate(time.Second) // as S3 rounds modification times down
	}
	c.due = time.Now().Add(c.listEvery)
	return nil
}

// describe has known hold these files, and no others. Where that fails, what was
// found out is kept.
func (c *client) describe(ctx context.Context, paths []string, at time.Time) error {
	found := make([]sighting, len(paths))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i, path := range paths {
		before, ok := c.known[path]
		if found[i] = before; ok && inBucket(c.source.Pattern) {
			continue
		}
		group.Go(func() error {
			s, there, err := c.store.stat(ctx, path)
			switch {
			case err != nil:
				return err
			case !there:
				found[i] = sighting{}
			case !ok || s.size != before.size || !s.modified.Equal(before.modified):
				found[i] = sighting{s, at}
			}
			return nil
		})
	}
	err := group.Wait()
	c.known = map[string]sighting{}
	for i, s := range found {
		if !s.since.IsZero() {
			c.known[paths[i]] = s
		}
	}
	return err
}
