package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// local is where local files are.
type local struct{}

// Writers is how many files are written at a time in this process. A small file takes
// most of its time waiting for its sync, and a disk syncs many as fast as one.
const Writers = 64

// writing serializes the writers of a file or directory in this process: a runner
// may hand two panes of a window to two bundles at once.
var writing [Writers]sync.Mutex

// writingIn returns the mutex of a file or directory.
func writingIn(name string) *sync.Mutex {
	h := fnv.New32a()
	h.Write([]byte(name))
	return &writing[h.Sum32()%uint32(len(writing))]
}

func (local) stat(_ context.Context, name string) (Info, error) { return describe(name) }

func (local) open(_ context.Context, name string) (io.ReadCloser, error) {
	in, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", name, err)
	}
	return in, nil
}

func (l local) head(ctx context.Context, name string, size int64) ([]byte, error) {
	in, err := l.open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return io.ReadAll(io.LimitReader(in, size))
}

func (local) read(_ context.Context, name string) ([]byte, error) { return os.ReadFile(name) }

func (local) remove(_ context.Context, name string) error { return os.Remove(name) }

// update implements files. It makes the directory where need be.
func (l local) update(ctx context.Context, name string, change func([]byte) ([]byte, error)) error {
	dir := filepath.Dir(name)
	here := writingIn(dir)
	here.Lock()
	defer here.Unlock()
	unlock, err := lock(dir)
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	defer unlock()
	there, err := l.read(ctx, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	content, err := change(there)
	if err != nil || there != nil && bytes.Equal(content, there) {
		return err
	}
	return replace(name, content)
}

// replace puts content in place of a file, or makes it: a temporary file, synced
// and renamed.
func replace(name string, content []byte) error {
	// Another run that starts on this lake takes the temporary file for a leftover.
	for try := 0; ; try++ {
		temporary := fmt.Sprintf("%s/.%s.%08x", filepath.Dir(name), filepath.Base(name), rand.Uint32())
		if err := write(temporary, content); err != nil {
			return err
		}
		err := os.Rename(temporary, name)
		if err == nil || !errors.Is(err, fs.ErrNotExist) || try == 3 {
			return err
		}
	}
}

// write writes a file, and syncs it.
func write(name string, content []byte) error {
	out, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	if _, err = out.Write(content); err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}

// IsTemporary reports whether a file is being written, or was when a process was
// killed. In a bucket there is none.
func IsTemporary(name string) bool { return strings.HasPrefix(filepath.Base(name), ".") }
