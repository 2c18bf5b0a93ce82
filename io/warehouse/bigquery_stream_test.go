package warehouse

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// A bundle gives up when its first batch has: each more would take as long.
func TestABundleGivesUpOnce(t *testing.T) {
	problems(t)
	var second atomic.Int64
	b := (&writeServer{append: func(_ context.Context, r *storagepb.AppendRowsRequest) (*storagepb.AppendRowsResponse, error) {
		if strings.Contains(string(r.GetProtoRows().GetRows().GetSerializedRows()[0]), "second") {
			second.Add(1)
		}
		return nil, status.Error(codes.Unavailable, "never")
	}}).serve(t)
	patience = 300 * time.Millisecond
	fn := &upsertFn[row]{Warehouse: b.String(), Table: "rows"}
	require.NoError(t, fn.Setup())
	fn.StartBundle(ctx, noRefusal(t))
	var failed error
	for i := 0; i < 3*batch && failed == nil; i++ {
		failed = fn.ProcessElement(ctx, 0, rowOf(0, []string{"first", "second", "second"}[i/batch], 1, 1), noRefusal(t))
	}
	if failed == nil {
		failed = fn.FinishBundle(ctx, noRefusal(t))
	}
	assert.ErrorContains(t, failed, "tried for 300ms")
	assert.Zero(t, second.Load())
}

// Where nothing answers, every table is given up in time, and meanwhile it is told.
func TestAppendWithoutAServer(t *testing.T) {
	told := problems(t)
	hurry(t)
	patience = time.Second
	b := BigQuery{Project: "project-1", Dataset: "d", Endpoint: "http://127.0.0.1:1", GRPCEndpoint: "127.0.0.1:1"}
	defer b.Close()
	began := time.Now()
	var all errgroup.Group
	for _, name := range []string{"rows", "others"} {
		all.Go(func() error {
			_, err := appendRows(ctx, b, Table{Name: name}, []row{rowOf(0, "a", 1, 1)})
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
	server := &writeServer{append: func(context.Context, *storagepb.AppendRowsRequest) (*storagepb.AppendRowsResponse, error) {
		return nil, errClose
	}}
	server.asked = func() {
		go server.leave()
		time.Sleep(100 * time.Millisecond) // until the client knows; this answer still comes
	}
	b := server.serve(t)
	patience = 3 * time.Second
	began := time.Now()
	_, err := appendRows(ctx, b, Table{Name: "rows"}, []row{rowOf(0, "a", 1, 1)})
	assert.ErrorContains(t, err, "tried for 3s")
	require.NoError(t, b.Close())
	assert.Less(t, time.Since(began), 15*time.Second)
}

// A server that goes away with a stream open.
func TestAppendAfterTheServerHasGone(t *testing.T) {
	problems(t)
	var kept stored
	server := &writeServer{append: func(_ context.Context, r *storagepb.AppendRowsRequest) (*storagepb.AppendRowsResponse, error) {
		return kept.take(r), nil
	}}
	b := server.serve(t)
	_, err := appendRows(ctx, b, Table{Name: "rows"}, []row{rowOf(0, "a", 1, 1)})
	require.NoError(t, err)
	server.stop()
	patience = 3 * time.Second
	began := time.Now()
	_, err = appendRows(ctx, b, Table{Name: "rows"}, []row{rowOf(0, "b", 1, 1)})
	assert.ErrorContains(t, err, "tried for 3s")
	require.NoError(t, b.Close())
	assert.Less(t, time.Since(began), 15*time.Second)
}
