package lake

import (
	"context"
	"iter"

	"adtoorder/io/progress"
	"adtoorder/io/storage"
	"adtoorder/io/window"

	"golang.org/x/sync/errgroup"
)

// Fold has a lake of the former layout, which had a file for each window and shard,
// follow this one. Where it ends early, the next one does the rest: a file is only
// removed once its rows are in another, and there they may be merged again.
func (l Lake) Fold(ctx context.Context, datasets []Dataset, windows window.Policy) error {
	var s storage.Storage
	defer s.Close()
	folding, ctx := errgroup.WithContext(ctx)
	folding.SetLimit(l.atOnce() + 1)
	folding.Go(func() error {
		for _, d := range datasets {
			for files, err := range l.former(ctx, &s, d.Name, windows) {
				if err != nil {
					return err
				}
				for into, former := range l.byTarget(d.Name, windows, files) {
					folding.Go(func() error { return d.rows.fold(ctx, &s, into, former) })
				}
			}
		}
		return nil
	})
	return folding.Wait()
}

// former lists a dataset's files of the former layout, those of each partition
// together: they are in one folder, which is listed at once.
func (l Lake) former(
	ctx context.Context, s *storage.Storage, dataset string, windows window.Policy,
) iter.Seq2[[]file, error] {
	return func(yield func([]file, error) bool) {
		var together []file
		for f, err := range l.files(ctx, s, dataset) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !f.former {
				continue
			}
			if len(together) > 0 && windows.PartitionOf(together[0].start) != windows.PartitionOf(f.start) {
				if !yield(together, nil) {
					return
				}
				together = nil
			}
			together = append(together, f)
		}
		if len(together) > 0 {
			yield(together, nil)
		}
	}
}

// byTarget returns the files of a partition by those that their rows go to.
func (l Lake) byTarget(dataset string, windows window.Policy, files []file) map[file][]file {
	targets := map[file][]file{}
	for _, f := range files {
		start := windows.PartitionOf(f.start)
		into := file{start: start, shard: f.shard, format: f.format,
			name: Lake{l.Dir, f.format}.path(dataset, start, f.shard)}
		targets[into] = append(targets[into], f)
	}
	return targets
}

// smallFiles is how many files of a window are read, or removed, at once for each one
// that is written: of nearly all of the time it is waited for a disk or bucket.
const smallFiles = 8

// fold implements editor.
func (t typed[T]) fold(ctx context.Context, s *storage.Storage, into file, former []file) error {
	found := make([][]T, len(former))
	reading, reads := errgroup.WithContext(ctx)
	reading.SetLimit(smallFiles)
	for i, f := range former {
		reading.Go(func() (err error) {
			found[i], err = read[T](reads, s, f)
			return err
		})
	}
	if err := reading.Wait(); err != nil {
		return err
	}
	var rows []T
	for _, some := range found {
		rows = append(rows, some...)
	}
	if err := merge(ctx, s, t.order, into.format, into.name, rows); err != nil {
		return err
	}
	removing, removes := errgroup.WithContext(ctx)
	removing.SetLimit(smallFiles)
	for _, f := range former {
		removing.Go(func() error {
			defer progress.Folded.Add(1)
			return s.Remove(removes, f.name)
		})
	}
	return removing.Wait()
}
