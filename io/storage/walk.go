package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// list implements files.
func (local) list(_ context.Context, pattern string, skip func(string) bool) iter.Seq2[Object, error] {
	return func(each func(Object, error) bool) {
		yield := func(o Object, err error) bool {
			if err != nil {
				err = fmt.Errorf("listing %s: %w", pattern, err)
			}
			return each(o, err)
		}
		dir, globs := split(pattern)
		if len(globs) == 0 {
			if _, err := os.Lstat(pattern); err == nil {
				yield(Object{Name: pattern}, nil)
			} else if !errors.Is(err, fs.ErrNotExist) {
				yield(Object{}, err)
			}
			return
		}
		if err := CheckGlob(strings.Join(globs, "/")); err != nil {
			yield(Object{}, err)
			return
		}
		walker{globs, slices.Contains(globs, anyDepth), skip, yield}.walk(dir, nil)
	}
}

// split returns the directory that a pattern's globs stand in, and these, an element
// each. There is none where the pattern names one file.
func split(pattern string) (dir string, globs []string) {
	elements := strings.Split(pattern, "/")
	for i, element := range elements {
		if !strings.ContainsAny(element, Special) {
			continue
		}
		if strings.ContainsAny(element, unlikely) {
			if _, err := os.Lstat(strings.Join(elements[:i+1], "/")); err == nil {
				continue
			}
		}
		if dir = "."; i > 0 {
			dir = filepath.Clean(strings.Join(elements[:i], "/") + "/")
		}
		return dir, elements[i:]
	}
	return "", nil
}

// walker lists local files.
type walker struct {
	globs []string
	deep  bool // they hold **
	skip  func(name string) bool
	yield func(Object, error) bool
}

// walk lists what the globs fit in a directory, whose name has these elements below
// the walk's start. It reports whether to go on. (filepath.Glob takes a directory that
// can't be read for an empty one.)
func (w walker) walk(dir string, at []string) bool {
	entries, err := os.ReadDir(dir)
	if len(at) > 0 && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)) {
		return true // it is gone, or was a link to a file or to nothing
	}
	if err != nil {
		w.yield(Object{}, err)
		return false
	}
	for _, e := range entries {
		names, name := append(at, e.Name()), filepath.Join(dir, e.Name())
		if w.skip(e.Name()) {
			continue
		}
		if fits(w.globs, names) && !(w.deep && isDirectory(name, e)) && !w.yield(Object{Name: name}, nil) {
			return false
		}
		mayHold := e.IsDir() || !w.deep && e.Type()&fs.ModeSymlink != 0 // to open a pipe would wait for its writer
		if mayHold && below(w.globs, names) && !w.walk(name, names) {
			return false
		}
	}
	return true
}

// isDirectory reports whether an entry is a directory, or a link to one.
func isDirectory(name string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := describe(name)
	return err == nil && info.Mode.IsDir()
}
