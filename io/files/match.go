// Package files reads finished files of JSON text, CSV, Parquet or Avro: local or in a
// bucket, plain or compressed (gzip, zstd, bzip2, lz4, snappy), as their first bytes tell.
//
//	[]File -> PCollection<[]record.Record>, PCollection<record.Count>
//
// The records are what io/framing finds; their position is the offset of their first byte
// (in the uncompressed text). pipelines/engine reads its finished input with it, and
// io/unbounded/folder the files that it watches.
package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"adtoorder/io/storage"
)

// File is one file to read.
type File struct {
	Path string // absolute, or a URL such as gs://bucket/object
	Copy string // a local copy that is read in its place; "" for none
	Size int64  // bytes as stored
	Sum  uint32 // of its first and last bytes; in a bucket of its first ones
	// Compression is how it is stored ("gzip", say); "" for plain text.
	Compression string
	// Format is CSV, Parquet or Avro, "" for JSON text. A compressed file is told when it
	// is read.
	Format string
	// Spans says that its records seem to span lines, so that it is read as a whole.
	Spans bool
	// From and To are a range of bytes: only the records of lines that start in it are read.
	// Both are 0 for the whole file.
	From, To int64
}

// Match expands files and globs (see storage.List) to the files that they name, sorted
// by path. A folder stands for the files in it but Hidden ones; "-" is standard input,
// https://HOST/PATH a file of a web server. What names none as it is, and has commas, is a
// list of such values. A file that several name is returned once. A pattern that names no file is an error,
// since a misspelt path would otherwise count as no traffic; so is a file that can't be
// read, as its first bytes tell (ErrUnreadable).
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
	files = slices.CompactFunc(files, func(a, b File) bool { return a.Path == b.Path })
	if err := inspectAll(ctx, &s, files); err != nil {
		return nil, err
	}
	return files, nil
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

var (
	errNoMatch = errors.New("no file matches")
	errNoFile  = errors.New("is no regular file")
)

// ErrUnreadable says that a file is there, in a format that can't be read.
var ErrUnreadable = errors.New("can't be read")

func matchOne(ctx context.Context, s *storage.Storage, pattern string) (files []File, err error) {
	if pattern == "" {
		return nil, errors.New("no file is named")
	}
	if IsCopied(pattern) {
		f, err := matchCopied(ctx, pattern)
		return []File{f}, err
	}
	if pattern, err = absolute(pattern); err != nil {
		return nil, err
	}
	if err := s.Reach(ctx, pattern); err != nil {
		return nil, err
	}
	in, isFolder := folderPattern(pattern)
	var skip func(string) bool
	if isFolder {
		pattern, skip = in, Hidden
	}
	for o, err := range s.List(ctx, pattern, skip) {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
			break
		}
		if err != nil {
			return nil, err
		}
		f, err := fileOf(o)
		if isFolder && errors.Is(err, errNoFile) {
			continue
		}
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

// fileOf sizes a file. A local one must be a regular file: a pipe can't be read in
// ranges, or twice.
func fileOf(o storage.Object) (File, error) {
	info, err := o.Info()
	switch {
	case err != nil:
		return File{}, fmt.Errorf("sizing %s: %w", o.Name, err)
	case info.Mode.IsDir():
		return File{}, fmt.Errorf("%s %w, but a directory", o.Name, errNoFile)
	case !info.Mode.IsRegular():
		return File{}, fmt.Errorf("%s %w", o.Name, errNoFile)
	}
	return File{Path: o.Name, Size: info.Size}, nil
}

// absolute makes a local path independent of the working directory: it names
// the file in rejects and in the record of what a result was made from.
func absolute(path string) (string, error) {
	if !storage.IsLocal(path) {
		return path, nil
	}
	return filepath.Abs(path)
}
