package folder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// folder is a local directory.
type folder struct{ pattern string }

// list does not use filepath.Glob, which takes a directory that can't be read for
// an empty one: then all files in it would be forgotten, and read again.
func (f folder) list(context.Context) ([]string, error) {
	dir, glob := split(f.pattern)
	paths, err := match(filepath.Clean(dir), strings.Split(glob, "/"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("directory %s does not exist: create it", filepath.Clean(dir))
	}
	return paths, err
}

// match returns the files below a directory whose names match one glob a level.
func match(dir string, globs []string) (paths []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("listing: %w", err)
	}
	for _, e := range entries {
		if ok, _ := filepath.Match(globs[0], e.Name()); !ok || hidden(e.Name()) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if len(globs) == 1 {
			if !e.IsDir() {
				paths = append(paths, path)
			}
			continue
		}
		if e.Type().IsRegular() {
			continue
		}
		below, err := match(path, globs[1:])
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			return nil, err
		}
		paths = append(paths, below...)
	}
	return paths, nil
}

func (folder) stat(_ context.Context, path string) (stat, bool, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return stat{}, false, nil
	}
	if err != nil {
		return stat{}, false, err
	}
	return stat{info.Size(), info.ModTime()}, info.Mode().IsRegular(), nil
}

func (folder) open(_ context.Context, path string) (io.ReadCloser, error) { return os.Open(path) }

func (folder) Close() error { return nil }
