package folder

import (
	"context"
	"io"
	"strings"
	"time"
)

// store is where files are watched.
type store interface {
	// list returns the paths of the files that are to be read.
	list(ctx context.Context) ([]string, error)
	// stat describes a file; there is false where it is gone, or no file.
	stat(ctx context.Context, path string) (s stat, there bool, err error)
	open(ctx context.Context, path string) (io.ReadCloser, error)
	Close() error
}

type stat struct {
	size     int64 // bytes as stored; 0 where it is not known
	modified time.Time
}

func openStore(ctx context.Context, pattern string) (store, error) {
	if inBucket(pattern) {
		return openBucket(ctx, pattern)
	}
	return folder{pattern}, nil
}

func inBucket(pattern string) bool { return strings.Contains(pattern, "://") }
