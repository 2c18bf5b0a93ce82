package engine

import (
	"bytes"
	"context"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/fsouza/fake-gcs-server/fakestorage"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// buckets serves gs://ads and s3://ads in this process.
func buckets(t *testing.T) {
	t.Helper()
	google, err := fakestorage.NewServerWithOptions(fakestorage.Options{Scheme: "http", Host: "127.0.0.1", PublicHost: "127.0.0.1"})
	require.NoError(t, err)
	t.Cleanup(google.Stop)
	google.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: "ads"})
	t.Setenv("STORAGE_EMULATOR_HOST", google.URL())

	backend := s3mem.New()
	require.NoError(t, backend.CreateBucket("ads"))
	amazon := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(amazon.Close)
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": amazon.URL, "AWS_REGION": "us-east-1",
		"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_CA_BUNDLE": ""} {
		t.Setenv(name, value)
	}
}

// put copies a local file to a bucket.
func put(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	require.NoError(t, err)
	store, err := filesystem.New(t.Context(), to)
	require.NoError(t, err)
	defer store.Close()
	out, err := store.OpenWrite(t.Context(), to)
	require.NoError(t, err)
	_, err = bytes.NewReader(content).WriteTo(out)
	require.NoError(t, err)
	require.NoError(t, out.Close())
}

// A lake in a bucket is read back by the summary, and merged with by a second run.
func TestInputAndLakeInBuckets(t *testing.T) {
	buckets(t)
	local := place(t, "direct")
	local.Clicks, local.Orders = []string{"../../testdata/rules/clicks.jsonl"}, []string{"../../testdata/rules/orders.jsonl"}
	want, err := start(t, local)
	require.NoError(t, err)
	for _, scheme := range []string{"gs", "s3"} {
		f := place(t, "direct")
		bucket := scheme + "://ads/"
		put(t, local.Clicks[0], bucket+"in/clicks-1.jsonl")
		put(t, local.Orders[0], bucket+"in/orders-1.jsonl")
		f.Clicks, f.Orders, f.Lake = []string{bucket + "in/clicks-*.jsonl"}, []string{bucket + "in/orders-1.jsonl"}, bucket+"lake"
		for range 2 {
			summary, err := start(t, f)
			require.NoError(t, err, scheme)
			assert.Equal(t, want, summary, scheme)
			got, local := inLake(t, f), inLake(t, local)
			assert.Equal(t, local.Conversions, got.Conversions, scheme)
			assert.Equal(t, local.Ledger, got.Ledger, scheme)
			assert.Len(t, got.Rejects, len(local.Rejects), scheme)
		}
		f.Clicks = []string{bucket + "in/none-*"}
		_, err := Parse(context.Background(), f)
		assert.ErrorContains(t, err, "no file matches "+bucket+"in/none-*")
	}
}
