package storage

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path"
	"strings"
	"time"
)

// Object is a file of a listing.
type Object struct {
	Name string
	info *Info // nil for a local file, until it is asked for
}

// Info describes the file. A bucket's listing holds it; a local file is looked at,
// and may be gone since (fs.ErrNotExist).
func (o Object) Info() (Info, error) {
	if o.info != nil {
		return *o.info, nil
	}
	return describe(o.Name)
}

// List lists the files that a pattern names. Besides the globs of path.Match it
// knows ** for directories of any depth, or, as the last element, for all files
// below: logs/**, logs/**/clicks-*.jsonl. Symbolic links are followed, but not by **.
// What exists with a ?, [ or \ in its name, as it is written, is meant literally.
// Local directories that a pattern without ** fits are listed as well.
//
// Files and directories are left out of whose names skip, if not nil, says so.
// Nothing that can't be listed is taken for empty: it is an error, the last that the
// sequence has; where the directory that the globs stand in does not exist, an
// fs.ErrNotExist.
func (s *Storage) List(ctx context.Context, pattern string, skip func(name string) bool) iter.Seq2[Object, error] {
	if skip == nil {
		skip = func(string) bool { return false }
	}
	return func(yield func(Object, error) bool) {
		at, err := s.in(ctx, pattern)
		if err != nil {
			yield(Object{}, err)
			return
		}
		at.list(ctx, pattern, skip)(yield)
	}
}

// reachTimeout is how long a bucket may take to answer before a run begins.
const reachTimeout = 8 * time.Second

// Reach fails within seconds where a bucket does not answer, or is not there. It lists
// next to nothing of what a name or pattern begins with.
func (s *Storage) Reach(ctx context.Context, pattern string) error {
	return s.reach(ctx, pattern, reachTimeout)
}

func (s *Storage) reach(ctx context.Context, pattern string, timeout time.Duration) error {
	at, err := s.in(ctx, pattern)
	b, remote := at.(bucket)
	if err != nil || !remote {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	_, err = b.page(limited, pattern, query{prefix: literal(b.key(pattern)), limit: 1})
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("%s can't be reached in %s: %w", pattern, timeout, err)
	}
	return err
}

const (
	// Special are the characters that make a name a pattern.
	Special = `*?[\`
	// unlikely are those of them that a pattern is first taken literally for.
	unlikely = `?[\`
)

// anyDepth is the element of a pattern that stands for directories of any depth.
const anyDepth = "**"

// literal returns what all names begin with that a pattern fits.
func literal(pattern string) string {
	if i := strings.IndexAny(pattern, Special); i >= 0 {
		return pattern[:i]
	}
	return pattern
}

// Split returns a pattern's directory, the part without special characters, and the
// glob of files below it.
func Split(pattern string) (dir, glob string) {
	slash := strings.LastIndexByte(literal(pattern), '/')
	return pattern[:slash+1], pattern[slash+1:]
}

// Quote returns the pattern that fits a name alone.
func Quote(name string) string {
	return strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `\`, `\\`).Replace(name)
}

// CheckGlob reports what is wrong with a glob.
func CheckGlob(glob string) error {
	for element := range strings.SplitSeq(glob, "/") {
		if _, err := path.Match(element, ""); err != nil {
			return fmt.Errorf("%s is no glob: %w", element, err)
		}
	}
	return nil
}

// fits reports whether a file's name, by elements, is one of a glob's.
func fits(globs, names []string) bool {
	for i, glob := range globs {
		switch {
		case glob == anyDepth && i == len(globs)-1:
			return len(names) > i && names[len(names)-1] != ""
		case glob == anyDepth:
			for j := i; j < len(names); j++ {
				if fits(globs[i+1:], names[j:]) {
					return true
				}
			}
			return false
		case i >= len(names) || !fit(glob, names[i]):
			return false
		}
	}
	return len(names) == len(globs)
}

// fit reports whether one element of a name is one of a glob's. The empty one, behind
// the slash that a directory's name ends with, is itself alone.
func fit(glob, name string) bool {
	ok, _ := path.Match(glob, name)
	return ok && (glob == "") == (name == "")
}

// below reports whether what a glob fits may lie below a directory.
func below(globs, names []string) bool {
	for i, name := range names {
		if i >= len(globs) || globs[i] != anyDepth && !fit(globs[i], name) {
			return false
		}
		if globs[i] == anyDepth {
			return true
		}
	}
	return len(names) < len(globs)
}

// describe looks at a local file.
func describe(name string) (Info, error) {
	info, err := os.Stat(name)
	if err != nil {
		return Info{}, err
	}
	return Info{Size: info.Size(), Modified: info.ModTime(), Mode: info.Mode().Type()}, nil
}
