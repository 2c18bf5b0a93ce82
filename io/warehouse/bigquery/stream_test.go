package bigquery

import (
	"context"
	"testing"
	"time"

	"adtoorder/io/table"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
)

// Where nothing answers, every table is given up in time, and meanwhile it is told.
func TestAppendWithoutAServer(t *testing.T) {
	told := problems(t)
	hurry(t)
	retryTimeout = time.Second
	b := Warehouse{Project: "project-1", Dataset: "d", Endpoint: "http://127.0.0.1:1", GRPCEndpoint: "127.0.0.1:1"}
	defer b.Close()
	began := time.Now()
	var all errgroup.Group
	for _, name := range []string{"rows", "others"} {
		all.Go(func() error {
			_, err := appendRows(ctx, b, table.Table{Name: name}, []row{rowOf(0, "a", 1, 1)})
			return err
		})
	}
	assert.ErrorContains(t, all.Wait(), "tried for 1s")
	assert.Less(t, time.Since(began), 10*time.Second)
	assert.Contains(t, told(), "trying again in")
}

// A server that goes away before the stream has its connection: the client is stuck
// until it is ended.
func TestAppendWhereTheConnectionIsRefused(t *testing.T) {
	problems(t)
	server := &writeServer{append: func(context.Context, *storagepb.AppendRowsRequest) (*storagepb.AppendRowsResponse,
		error) {
		return nil, errClose
	}}
	server.asked = func() {
		go server.leave()
		time.Sleep(100 * time.Millisecond) // until the client knows; this answer still comes
	}
	b := server.serve(t)
	retryTimeout = 3 * time.Second
	began := time.Now()
	_, err := appendRows(ctx, b, table.Table{Name: "rows"}, []row{rowOf(0, "a", 1, 1)})
	assert.ErrorContains(t, err, "tried for 3s")
	require.NoError(t, b.Close())
	assert.Less(t, time.Since(began), 15*time.Second)
}

// A server that goes away with a stream open.
func TestAppendAfterTheServerHasGone(t *testing.T) {
	problems(t)
	var kept stored
	server := &writeServer{append: func(_ context.Context,
		r *storagepb.AppendRowsRequest) (*storagepb.AppendRowsResponse, error) {
		return kept.take(r), nil
	}}
	b := server.serve(t)
	_, err := appendRows(ctx, b, table.Table{Name: "rows"}, []row{rowOf(0, "a", 1, 1)})
	require.NoError(t, err)
	server.stop()
	retryTimeout = 3 * time.Second
	began := time.Now()
	_, err = appendRows(ctx, b, table.Table{Name: "rows"}, []row{rowOf(0, "b", 1, 1)})
	assert.ErrorContains(t, err, "tried for 3s")
	require.NoError(t, b.Close())
	assert.Less(t, time.Since(began), 15*time.Second)
}
