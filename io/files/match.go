// Package files reads finished files of lines: local or in a bucket, plain
// or compressed (.gz, .zst, .bz2). Every line becomes a record whose position
// is the offset of its first byte (in the uncompressed text).
package files

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
)

// File is one file to read.
type File struct {
	Path string // absolute, or a URL such as gs://bucket/object
	Size int64  // bytes as stored
	Sum  uint32 // of its first and last bytes; 0 in a bucket
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
	if err := reach(ctx, fs, pattern); err != nil {
		return nil, err
	}
	paths, err := fs.List(ctx, pattern)
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", pattern, err)
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no file matches %s", pattern)
	}
	var files []File
	for _, path := range paths {
		f, err := inspect(ctx, fs, path)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// patience is how long a bucket may take to answer at first.
var patience = 8 * time.Second

// reach tells whether a bucket answers: a client may try to connect for ever. It
// lists next to nothing, since to list and size many files takes long.
func reach(ctx context.Context, fs filesystem.Interface, pattern string) error {
	if local(pattern) {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if i := strings.IndexAny(pattern, `*?[\`); i >= 0 {
		pattern = pattern[:i]
	}
	_, err := fs.List(limited, pattern+".reach")
	switch {
	case err == nil:
		return nil
	case limited.Err() != nil:
		return fmt.Errorf("%s can't be reached in %s: %w", pattern, patience, err)
	}
	return fmt.Errorf("listing %s: %w", pattern, err)
}

// summed is how much of a local file's start and of its end Sum is made of, in bytes.
const summed = 64 << 10

// inspect sizes a file. A local one must be a regular file: a pipe can't be
// read in ranges, or twice.
func inspect(ctx context.Context, fs filesystem.Interface, path string) (File, error) {
	if !local(path) {
		size, err := fs.Size(ctx, path)
		if err != nil {
			return File{}, fmt.Errorf("sizing %s: %w", path, err)
		}
		return File{Path: path, Size: size}, nil
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return File{}, fmt.Errorf("sizing %s: %w", path, err)
	case info.IsDir():
		return File{}, fmt.Errorf("%s is a directory", path)
	case !info.Mode().IsRegular():
		return File{}, fmt.Errorf("%s is no regular file", path)
	}
	in, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer in.Close()
	sum := crc32.NewIEEE()
	for _, at := range []int64{0, max(0, info.Size()-summed)} {
		if _, err := io.Copy(sum, io.NewSectionReader(in, at, summed)); err != nil {
			return File{}, fmt.Errorf("reading %s: %w", path, err)
		}
	}
	return File{Path: path, Size: info.Size(), Sum: sum.Sum32()}, nil
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
