package partitionio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"math/rand/v2"
	"path"
	"strings"
	"sync"

	"adtoorder/io/table"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
)

// writing serializes the writers of a directory in this process: a runner may hand
// two panes of a window to two bundles at once.
var writing [64]sync.Mutex

// merge adds rows to a file: it becomes at least as complete as it was, and as
// the rows are. A runner can hand out an older pane after a newer one. In a bucket,
// where nothing is locked, the last of two processes that merge at once wins.
func merge[T any](ctx context.Context, columns []table.Column, format, file string, rows []T) error {
	dir := path.Dir(file)
	here := &writing[hash(dir)%uint32(len(writing))]
	here.Lock()
	defer here.Unlock()
	if !remote(file) {
		unlock, err := lock(dir)
		if err != nil {
			return fmt.Errorf("writing %s: %w", file, err)
		}
		defer unlock()
	}
	there, err := read(ctx, file)
	if err != nil {
		return err
	}
	if there != nil {
		old, err := decode[T](format, there)
		if err != nil {
			return fmt.Errorf("reading %s: %w", file, err)
		}
		rows = append(old, rows...)
	}
	content, err := encode(format, table.Reduce(columns, rows))
	if err != nil {
		return fmt.Errorf("encoding %s: %w", file, err)
	}
	if bytes.Equal(content, there) {
		return nil
	}
	return replace(ctx, file, content)
}

// read returns a file's content, nil where there is no such file.
func read(ctx context.Context, file string) ([]byte, error) {
	store, err := filesystem.New(ctx, file)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	if remote(file) { // each kind of bucket has an error of its own for what is not there
		if found, err := store.List(ctx, file); err != nil || len(found) == 0 {
			return nil, err
		}
	}
	in, err := store.OpenRead(ctx, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", file, err)
	}
	defer in.Close()
	content, err := io.ReadAll(in)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	return content, nil
}

// replace puts content in place of a file, or makes it. On a local disk that is
// a temporary file, synced and renamed; in a bucket a put is whole by itself.
func replace(ctx context.Context, file string, content []byte) error {
	store, err := filesystem.New(ctx, file)
	if err != nil {
		return err
	}
	defer store.Close()
	if remote(file) {
		return write(ctx, store, file, content)
	}
	// Another run that starts on this lake takes the temporary file for a leftover.
	for try := 0; ; try++ {
		temporary := fmt.Sprintf("%s/.%s.%08x", path.Dir(file), path.Base(file), rand.Uint32())
		if err := write(ctx, store, temporary, content); err != nil {
			return err
		}
		err := store.(filesystem.Renamer).Rename(ctx, temporary, file)
		if err == nil || !errors.Is(err, fs.ErrNotExist) || try == 3 {
			return err
		}
	}
}

func remote(file string) bool { return strings.Contains(file, "://") }

// write writes a file, and syncs it where that can be done.
func write(ctx context.Context, store filesystem.Interface, file string, content []byte) error {
	out, err := store.OpenWrite(ctx, file)
	if err != nil {
		return fmt.Errorf("creating %s: %w", file, err)
	}
	_, err = out.Write(content)
	if disk, ok := out.(interface{ Sync() error }); ok && err == nil {
		err = disk.Sync()
	}
	if err := errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	return nil
}

func hash(text string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(text))
	return h.Sum32()
}
