package lake

import (
	"context"
	"fmt"
	"iter"
	"path"
	"runtime"
	"strings"

	"adtoorder/io/storage"

	"golang.org/x/sync/errgroup"
)

// Scan returns the rows of each file of a dataset, the files in no order. Several are
// read at a time.
func Scan[T any](ctx context.Context, lake Lake, dataset string) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var s storage.Storage
		readers, ctx := errgroup.WithContext(ctx)
		readers.SetLimit(1 + runtime.GOMAXPROCS(0)) // the first lists
		scanned := make(chan []T)
		readers.Go(func() error {
			for file, err := range list(ctx, &s, lake.files(dataset)) {
				if err != nil {
					return err
				}
				if storage.IsTemporary(file) {
					continue
				}
				readers.Go(func() error {
					rows, err := read[T](ctx, &s, file)
					if err != nil {
						return err
					}
					select {
					case scanned <- rows:
						return nil
					case <-ctx.Done():
						return ctx.Err()
					}
				})
			}
			return nil
		})
		var failure error
		go func() {
			failure = readers.Wait()
			close(scanned)
		}()
		more := true
		for rows := range scanned {
			if more = more && yield(rows, nil); !more {
				cancel()
			}
		}
		cancel()
		s.Close() // nothing was written
		if more && failure != nil {
			yield(nil, failure)
		}
	}
}

// read returns the rows of a file.
func read[T any](ctx context.Context, s *storage.Storage, file string) ([]T, error) {
	content, err := s.Read(ctx, file)
	if err != nil || content == nil {
		return nil, err
	}
	rows, err := decode[T](strings.TrimPrefix(path.Ext(file), "."), content)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	return rows, nil
}
