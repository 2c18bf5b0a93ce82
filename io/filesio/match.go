// Package filesio reads finished files of lines: local or in a bucket, plain
// or gzip. Every line becomes a record whose position is the offset of its
// first byte (in the uncompressed text).
package filesio

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
)

// File is one file to read.
type File struct {
	Path string // absolute, or a URL such as gs://bucket/object
	Size int64  // bytes as stored
}

// Match expands files and globs to the files that they name, sorted by path.
// A file that several patterns name is returned once. A pattern that names no
// file is an error, since a misspelt path would otherwise count as no traffic.
func Match(ctx context.Context, patterns []string) ([]File, error) {
	var files []File
	for _, pattern := range patterns {
		found, err := match(ctx, pattern)
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	byPath := func(a, b File) int { return strings.Compare(a.Path, b.Path) }
	slices.SortFunc(files, byPath)
	return slices.CompactFunc(files, func(a, b File) bool { return a.Path == b.Path }), nil
}

func match(ctx context.Context, pattern string) ([]File, error) {
	if pattern == "" {
		return nil, errors.New("no file is named")
	}
	pattern, err := absolute(pattern)
	if err != nil {
		return nil, err
	}
	fs, err := filesystem.New(ctx, pattern)
	if err != nil {
		return nil, err
	}
	defer fs.Close()
	paths, err := fs.List(ctx, pattern)
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", pattern, err)
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no file matches %s", pattern)
	}
	var files []File
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			return nil, fmt.Errorf("%s is a directory", path)
		}
		size, err := fs.Size(ctx, path)
		if err != nil {
			return nil, fmt.Errorf("sizing %s: %w", path, err)
		}
		files = append(files, File{Path: path, Size: size})
	}
	return files, nil
}

// absolute makes a local path independent of the working directory: it names
// the file in rejects and in the record of what a result was made from.
func absolute(path string) (string, error) {
	if !local(path) {
		return path, nil
	}
	return filepath.Abs(path)
}

func local(path string) bool { return !strings.Contains(path, "://") }
