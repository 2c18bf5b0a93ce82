package lake

import (
	"context"
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Each calls a function with the rows of each file of a dataset: one call at a
// time, the files in no order.
func Each[T any](ctx context.Context, lake Lake, dataset string, do func([]T)) error {
	files, err := lake.list(ctx, dataset)
	if err != nil {
		return err
	}
	s, err := openStore(ctx, lake.Dir)
	if err != nil {
		return err
	}
	defer s.Close()
	var readers errgroup.Group
	readers.SetLimit(runtime.GOMAXPROCS(0))
	var calling sync.Mutex
	for _, file := range slices.DeleteFunc(files, temporary) {
		readers.Go(func() error {
			content, err := s.read(ctx, file)
			if err != nil {
				return err
			}
			rows, err := decode[T](strings.TrimPrefix(path.Ext(file), "."), content)
			if err != nil {
				return fmt.Errorf("reading %s: %w", file, err)
			}
			calling.Lock()
			defer calling.Unlock()
			do(rows)
			return nil
		})
	}
	return readers.Wait()
}
