//go:build integration

package warehouseio

import (
	"fmt"
	"sync/atomic"
	"testing"

	"adtoorder/io/warehouseio/emulator"

	"github.com/stretchr/testify/require"
)

var datasets atomic.Int64

// dataset returns a dataset of its own.
func dataset(t *testing.T, s emulator.Server) Warehouse {
	w, err := Open(s.URI("project-1", fmt.Sprint("dataset_", datasets.Add(1))))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.Close()) })
	return w
}

func TestBigQueryIsAWarehouse(t *testing.T) {
	server := emulator.Start(t)
	fresh := func(t *testing.T) Warehouse { return dataset(t, server) }
	testWarehouse(t, fresh, func(w Warehouse, name string, rows []row) (map[int]string, error) {
		// Each append is sent twice, and the second time after a restart.
		if refused, err := write(ctx, w, name, rows); err != nil || len(refused) > 0 {
			return refused, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		return write(ctx, w, name, rows)
	})
}
