// Package files reads finished files of lines: local or in a bucket, plain or
// compressed (.gz, .zst, .bz2).
//
//	[]File -> PCollection<[]record.Record>, PCollection<record.Count>
//
// Every line becomes a record whose position is the offset of its first byte (in the
// uncompressed text). pipelines/engine reads its finished input with it, and
// io/unbounded/folder the files that it watches.
package files

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"adtoorder/io/storage"
)

// File is one file to read.
type File struct {
	Path string // absolute, or a URL such as gs://bucket/object
	Size int64  // bytes as stored
	Sum  uint32 // of its first and last bytes; 0 in a bucket
	// From and To are a range of bytes: only the lines that start in it are read. Both
	// are 0 for the whole file.
	From, To int64
}

// Match expands files and globs (see storage.List) to the files that they name, sorted
// by path. What names none as it is, and has commas, is a list of files and globs. A
// file that several name is returned once. A pattern that names no file is an error,
// since a misspelt path would otherwise count as no traffic.
func Match(ctx context.Context, patterns []string) ([]File, error) {
	var files []File
	var s storage.Storage
	defer s.Close()
	for _, pattern := range patterns {
		found, err := match(ctx, &s, pattern)
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	byPath := func(a, b File) int { return strings.Compare(a.Path, b.Path) }
	slices.SortFunc(files, byPath)
	return slices.CompactFunc(files, func(a, b File) bool { return a.Path == b.Path }), nil
}

// match expands a pattern, or each of a list of them.
func match(ctx context.Context, s *storage.Storage, pattern string) ([]File, error) {
	files, err := matchOne(ctx, s, pattern)
	if !errors.Is(err, errNoMatch) || !strings.Contains(pattern, ",") {
		return files, err
	}
	for one := range strings.SplitSeq(pattern, ",") {
		found, err := matchOne(ctx, s, one)
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	return files, nil
}

var errNoMatch = errors.New("no file matches")

func matchOne(ctx context.Context, s *storage.Storage, pattern string) (files []File, err error) {
	if pattern == "" {
		return nil, errors.New("no file is named")
	}
	if pattern, err = absolute(pattern); err != nil {
		return nil, err
	}
	if err := s.Reach(ctx, pattern); err != nil {
		return nil, err
	}
	for o, err := range s.List(ctx, pattern, nil) {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
			break
		}
		if err != nil {
			return nil, err
		}
		f, err := inspect(o)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%w %s", errNoMatch, pattern)
	}
	return files, nil
}

// summed is how much of a local file's start and of its end Sum is made of, in bytes.
const summed = 64 << 10

// inspect sizes a file. A local one must be a regular file: a pipe can't be
// read in ranges, or twice.
func inspect(o storage.Object) (File, error) {
	info, err := o.Info()
	switch {
	case err != nil:
		return File{}, fmt.Errorf("sizing %s: %w", o.Name, err)
	case info.Mode.IsDir():
		return File{}, fmt.Errorf("%s is a directory", o.Name)
	case !info.Mode.IsRegular():
		return File{}, fmt.Errorf("%s is no regular file", o.Name)
	case !storage.IsLocal(o.Name):
		return File{Path: o.Name, Size: info.Size}, nil
	}
	in, err := os.Open(o.Name)
	if err != nil {
		return File{}, err
	}
	defer in.Close()
	sum := crc32.NewIEEE()
	for _, at := range []int64{0, max(0, info.Size-summed)} {
		if _, err := io.Copy(sum, io.NewSectionReader(in, at, summed)); err != nil {
			return File{}, fmt.Errorf("reading %s: %w", o.Name, err)
		}
	}
	return File{Path: o.Name, Size: info.Size, Sum: sum.Sum32()}, nil
}

// absolute makes a local path independent of the working directory: it names
// the file in rejects and in the record of what a result was made from.
func absolute(path string) (string, error) {
	if !storage.IsLocal(path) {
		return path, nil
	}
	return filepath.Abs(path)
}
