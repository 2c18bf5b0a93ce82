package lake

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"
	"sync"

	"adtoorder/io/table"
)

// store is where a lake's files are: a local disk, or a bucket. It is used by many
// at once, and open for as long as its user likes.
type store interface {
	// read returns a file's content, nil where there is no such file.
	read(ctx context.Context, file string) ([]byte, error)
	// update puts in place of a file's content, nil where there is none, what a
	// function makes of it. No other writer comes between, so the function may be
	// called again. What it leaves as it was is not written.
	update(ctx context.Context, file string, change func(there []byte) ([]byte, error)) error
	// has tells whether there is any file below a directory whose name ends so.
	has(ctx context.Context, dir, end string) (bool, error)
	Close() error
}

// openStore opens the store of a lake, given its directory. Nothing is asked yet.
func openStore(ctx context.Context, dir string) (store, error) {
	if remote(dir) {
		return openObjects(ctx, dir)
	}
	return openDisk(ctx, dir)
}

func remote(file string) bool { return strings.Contains(file, "://") }

// merge adds rows to a file: it becomes at least as complete as it was, and as
// the rows are. A runner can hand out an older pane after a newer one.
func merge[T any](ctx context.Context, s store, columns []table.Column, format, file string, rows []T) error {
	rows = table.Reduce(columns, rows)
	return s.update(ctx, file, func(there []byte) ([]byte, error) {
		all := rows
		if there != nil {
			old, err := decode[T](format, there)
			if err != nil {
				return nil, fmt.Errorf("reading %s: %w", file, err)
			}
			all = table.Reduce(columns, append(old, rows...))
		}
		content, err := encode(format, all)
		if err != nil {
			return nil, fmt.Errorf("encoding %s: %w", file, err)
		}
		return content, nil
	})
}

// writing serializes the writers of a file or directory in this process: a runner
// may hand two panes of a window to two bundles at once.
var writing [64]sync.Mutex

// writingIn returns the mutex of a file or directory.
func writingIn(name string) *sync.Mutex {
	h := fnv.New32a()
	h.Write([]byte(name))
	return &writing[h.Sum32()%uint32(len(writing))]
}
