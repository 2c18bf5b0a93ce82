package lake

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPath(t *testing.T) {
	zone := time.Local
	t.Cleanup(func() { time.Local = zone })
	time.Local = time.FixedZone("", 5*3600) // which must not matter
	for _, test := range []struct {
		lake           Lake
		start          string
		dataset, shard string
		want           string
	}{
		{Lake{"out/lake", Parquet}, "2026-11-01T00:00:00Z", "click-stream", "0",
			"out/lake/click-stream/year=2026/month=11/day=01/hour=00/20261101T000000Z-0.parquet"},
		{Lake{"/lake", JSONL}, "2026-11-01T23:59:00Z", "order-stream", "0",
			"/lake/order-stream/year=2026/month=11/day=01/hour=23/20261101T235900Z-0.jsonl"},
		{Lake{"/lake", JSONL}, "2026-02-03T04:05:06Z", "rejects", "0a1b2c3d-7",
			"/lake/rejects/year=2026/month=02/day=03/hour=04/20260203T040506Z-0a1b2c3d-7.jsonl"},
		{Lake{"/lake", JSONL}, "1970-01-01T00:00:00Z", "ledger", "0",
			"/lake/ledger/year=1970/month=01/day=01/hour=00/19700101T000000Z-0.jsonl"},
		{Lake{"/lake", JSONL}, "9999-12-31T23:59:00Z", "ledger", "0",
			"/lake/ledger/year=9999/month=12/day=31/hour=23/99991231T235900Z-0.jsonl"},
		{Lake{"gs://bucket/a", Parquet}, "2026-11-01T00:00:00+01:00", "x", "1",
			"gs://bucket/a/x/year=2026/month=10/day=31/hour=23/20261031T230000Z-1.parquet"},
	} {
		t.Run(test.want, func(t *testing.T) {
			start, err := time.Parse(time.RFC3339, test.start)
			require.NoError(t, err)
			path := test.lake.path(test.dataset, start.UnixMilli(), test.shard)
			assert.Equal(t, test.want, path)
			named, err := startOf(path)
			require.NoError(t, err)
			assert.Equal(t, start.UnixMilli(), named, "the start that the file is named after")
		})
	}
}
