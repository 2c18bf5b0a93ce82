package lake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"path"
	"path/filepath"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
)

// disk is the store of local files.
type disk struct{ filesystem.Interface }

func openDisk(ctx context.Context, dir string) (store, error) {
	local, err := filesystem.New(ctx, dir)
	return disk{local}, err
}

// read implements store.
func (d disk) read(ctx context.Context, file string) ([]byte, error) {
	in, err := d.OpenRead(ctx, file)
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

// update implements store.
func (d disk) update(ctx context.Context, file string, change func([]byte) ([]byte, error)) error {
	dir := path.Dir(file)
	here := writingIn(dir)
	here.Lock()
	defer here.Unlock()
	unlock, err := lock(dir)
	if err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	defer unlock()
	there, err := d.read(ctx, file)
	if err != nil {
		return err
	}
	content, err := change(there)
	if err != nil || there != nil && bytes.Equal(content, there) {
		return err
	}
	return d.replace(ctx, file, content)
}

// replace puts content in place of a file, or makes it: a temporary file, synced
// and renamed.
func (d disk) replace(ctx context.Context, file string, content []byte) error {
	// Another run that starts on this lake takes the temporary file for a leftover.
	for try := 0; ; try++ {
		temporary := fmt.Sprintf("%s/.%s.%08x", path.Dir(file), path.Base(file), rand.Uint32())
		if err := d.write(ctx, temporary, content); err != nil {
			return err
		}
		err := d.Interface.(filesystem.Renamer).Rename(ctx, temporary, file)
		if err == nil || !errors.Is(err, fs.ErrNotExist) || try == 3 {
			return err
		}
	}
}

// write writes a file, and syncs it.
func (d disk) write(ctx context.Context, file string, content []byte) error {
	out, err := d.OpenWrite(ctx, file)
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

// has implements store. Temporary files are none.
func (d disk) has(_ context.Context, dir, end string) (found bool, err error) {
	err = filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case entry.IsDir() || temporary(file) || !strings.HasSuffix(file, end):
			return nil
		}
		found = true
		return fs.SkipAll
	})
	return found, err
}
