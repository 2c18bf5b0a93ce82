//go:build unix

package storage

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lock makes a local directory and keeps other processes from merging into its
// files until the returned function is called, or this process ends: on a cluster,
// a worker of a failed attempt may still write what its successor writes, too. The
// directory itself is locked, so nothing is left in it. Where directories can't be
// locked (NFS wants a file that is open for writing), nothing is.
func lock(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(d.Fd()), syscall.LOCK_EX)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case err == nil, errors.Is(err, errors.ErrUnsupported), errors.Is(err, syscall.EBADF):
			return func() { d.Close() }, nil
		}
		d.Close()
		return nil, fmt.Errorf("locking %s: %w", dir, err)
	}
}
