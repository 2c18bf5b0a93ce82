package scenarios

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"adtoorder/io/storage"
	"adtoorder/io/storage/storagetest"
	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// put copies a local file to a bucket.
func put(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	require.NoError(t, err)
	var s storage.Storage
	defer s.Close()
	require.NoError(t, s.Update(t.Context(), to, func([]byte) ([]byte, error) { return content, nil }))
}

func TestInputAndLakeInBuckets(t *testing.T) {
	storagetest.Serve(t)
	runsIn(t, "gs", "s3")
}

// runsIn checks that input and lake in buckets are as good as on the disk. A lake in a
// bucket is read back by the summary, and merged with by a second run.
func runsIn(t *testing.T, schemes ...string) {
	t.Helper()
	local := place(t, "direct")
	local.Clicks, local.Orders = []string{"../../testdata/rules/clicks.jsonl"},
		[]string{"../../testdata/rules/orders.jsonl"}
	want, err := start(t, local)
	require.NoError(t, err)
	for _, scheme := range schemes {
		f := place(t, "direct")
		bucket := scheme + "://ads/"
		put(t, local.Clicks[0], bucket+"in/clicks-1.jsonl")
		put(t, local.Orders[0], bucket+"in/orders-1.jsonl")
		f.Clicks, f.Orders, f.Lake = []string{bucket + "in/clicks-*.jsonl"}, []string{bucket + "in/orders-1.jsonl"},
			bucket+"lake"
		alone := f
		alone.Orders = nil
		_, err := start(t, alone)
		require.NoError(t, err, scheme)
		for _, want.Files = range []engine.Given{{New: 1, Known: 1, Again: 1}, {Known: 2}} {
			summary, err := start(t, f)
			require.NoError(t, err, scheme)
			assert.Equal(t, want, summary, scheme)
			got, local := inLake(t, f), inLake(t, local)
			assert.Equal(t, local.Conversions, got.Conversions, scheme)
			assert.Equal(t, local.Ledger, got.Ledger, scheme)
			assert.Len(t, got.Rejects, len(local.Rejects), scheme)
		}
		other, err := os.ReadFile(local.Clicks[0])
		require.NoError(t, err)
		changed := filepath.Join(t.TempDir(), "changed")
		require.NoError(t, os.WriteFile(changed, bytes.Replace(other, []byte("P601"), []byte("P609"), 1), 0o644))
		put(t, changed, bucket+"in/clicks-1.jsonl")
		_, err = start(t, f)
		assert.ErrorContains(t, err, "has rows from "+bucket+"in/clicks-1.jsonl as it was before it changed")
		f.Clicks = []string{bucket + "in/none-*"}
		_, err = engine.Parse(context.Background(), f)
		assert.ErrorContains(t, err, "no file matches "+bucket+"in/none-*")
	}
}
