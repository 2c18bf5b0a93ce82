package lake

import (
	"context"
	"iter"
	"runtime"

	"adtoorder/io/storage"

	"golang.org/x/sync/errgroup"
)

// atOnce is how many files are held in memory and worked on at once. A bucket makes
// them wait, a disk has processors work.
func (l Lake) atOnce() int {
	if storage.IsLocal(l.Dir) {
		return runtime.GOMAXPROCS(0)
	}
	return 8
}

// each calls a function with the files of datasets, several at a time.
func (l Lake) each(
	ctx context.Context, datasets []Dataset, do func(context.Context, *storage.Storage, Dataset, file) error,
) error {
	var s storage.Storage
	defer s.Close()
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(l.atOnce() + 1)
	work.Go(func() error { // this one lists
		for _, d := range datasets {
			for f, err := range l.files(ctx, &s, d.Name) {
				if err == nil {
					err = ctx.Err()
				}
				if err != nil {
					return err
				}
				work.Go(func() error { return do(ctx, &s, d, f) })
			}
		}
		return nil
	})
	return work.Wait()
}

// Scan returns the rows of each file of a dataset, the files in no order. Several are
// read at a time. T may have some of the dataset's columns only: others are not read.
func Scan[T any](ctx context.Context, lake Lake, dataset string) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		scanned := make(chan []T)
		var failure error
		go func() {
			defer close(scanned)
			failure = lake.each(ctx, []Dataset{{Name: dataset}},
				func(ctx context.Context, s *storage.Storage, _ Dataset, f file) error {
					rows, err := read[T](ctx, s, f)
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
		}()
		more := true
		for rows := range scanned {
			if more = more && yield(rows, nil); !more {
				cancel()
			}
		}
		if more && failure != nil {
			yield(nil, failure)
		}
	}
}
