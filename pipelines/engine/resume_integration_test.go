//go:build integration

package engine

import (
	"testing"
	"time"

	"adtoorder/io/table"
	"adtoorder/io/warehouse"
	"adtoorder/io/warehouse/bigquery/bigquerytest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A live run looks for what another has read.
func TestARunGoesOnFromBigQuery(t *testing.T) {
	w, err := warehouse.Open(bigquerytest.Start(t).URI("project-1", "d"))
	require.NoError(t, err)
	defer w.Close()
	require.NoError(t, w.Create(t.Context(), Tables, Views))
	in, err := parseInput(t.Context(), "clicks", []string{"watch:" + t.TempDir() + "/clicks-*"})
	require.NoError(t, err)
	r := &run{Options: Options{Clicks: in, Warehouse: w, Window: time.Minute,
		AllowedLateness: 5 * time.Minute, OutOfOrderness: 10 * time.Second}}
	_, again, err := r.openSince(t.Context())
	require.NoError(t, err)
	assert.False(t, again)
	const minute = 60_000
	require.NoError(t, w.Query(t.Context(), "inserting", "INSERT INTO "+w.Dialect().Name(progressTable)+
		" (stream, `partition`, position, watermark, updated_at) VALUES (?, ?, '', ?, ?)",
		[]any{"clicks", in.Unbounded[0].String() + "/0", table.Time(100 * minute), table.Time(200 * minute)}, nil))
	start, again, err := r.openSince(t.Context())
	require.NoError(t, err)
	assert.True(t, again)
	assert.EqualValues(t, 83*minute, start)
}
