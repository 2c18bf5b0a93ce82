package lake

import (
	"context"
	"errors"
	"io/fs"
	"sync/atomic"

	"adtoorder/io/storage"
)

// Edit calls a function with the rows of a dataset, those of several files at a time. The
// function may change what is no key of a row, and reports whether it has. A file with
// rows that were changed is replaced as a whole. It returns how many were.
func Edit[T any](ctx context.Context, lake Lake, dataset string, change func(*T) bool) (changed int64, err error) {
	var all atomic.Int64
	err = lake.each(ctx, []Dataset{{Name: dataset}},
		func(ctx context.Context, s *storage.Storage, _ Dataset, f file) error {
			n, err := edit(ctx, s, f, change)
			all.Add(n)
			return err
		})
	return all.Load(), err
}

// edit edits a file. Where somebody else writes it meanwhile, it is edited anew.
func edit[T any](ctx context.Context, s *storage.Storage, f file, change func(*T) bool) (changed int64, err error) {
	err = s.Update(ctx, f.name, func(there []byte) ([]byte, error) {
		changed = 0
		if there == nil {
			return nil, fs.ErrNotExist // it was removed since it was listed
		}
		rows, err := decode[T](f.format, there)
		if err != nil {
			return nil, &damage{f.name, err}
		}
		for i := range rows {
			if change(&rows[i]) {
				changed++
			}
		}
		if changed == 0 {
			return there, nil
		}
		return encode(f.format, rows)
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, err
	}
	return changed, nil
}
