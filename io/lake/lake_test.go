package lake

import (
	"path"
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
			"out/lake/click-stream/year=2026/month=11/day=01/hour=00/20261101T00-0.parquet"},
		{Lake{"/lake", JSONL}, "2026-11-01T01:30:00Z", "order-stream", "0",
			"/lake/order-stream/year=2026/month=11/day=01/hour=01/20261101T0130-0.jsonl"},
		{Lake{"/lake", JSONL}, "2026-02-03T04:00:06Z", "rejects", "0a1b2c3d-7",
			"/lake/rejects/year=2026/month=02/day=03/hour=04/20260203T040006-0a1b2c3d-7.jsonl"},
		{Lake{"/lake", JSONL}, "1970-01-01T00:00:00Z", "ledger", "0",
			"/lake/ledger/year=1970/month=01/day=01/hour=00/19700101T00-0.jsonl"},
		{Lake{"/lake", JSONL}, "9999-12-31T23:00:00Z", "ledger", "0",
			"/lake/ledger/year=9999/month=12/day=31/hour=23/99991231T23-0.jsonl"},
		{Lake{"gs://bucket/a", Parquet}, "2026-11-01T00:00:00+01:00", "x", "1",
			"gs://bucket/a/x/year=2026/month=10/day=31/hour=23/20261031T23-1.parquet"},
	} {
		start, err := time.Parse(time.RFC3339, test.start)
		require.NoError(t, err)
		name := test.lake.path(test.dataset, start.UnixMilli(), test.shard)
		assert.Equal(t, test.want, name)
		f, ok := parse(name)
		assert.True(t, ok, name)
		assert.Equal(t, file{name, start.UnixMilli(), test.shard, test.lake.Format, false}, f)
		assert.True(t, parseTemporary(path.Dir(name)+"/."+path.Base(name)+".0123abcd"), name)
	}
}

func TestParse(t *testing.T) {
	f, ok := parse("/lake/d/20261101T000100Z-0a-1.parquet")
	assert.True(t, ok)
	assert.Equal(t, file{"/lake/d/20261101T000100Z-0a-1.parquet", start0 + 60_000, "0a-1", Parquet, true}, f)
	for _, foreign := range []string{"notes", "_SUCCESS", "x.parquet", "20261101T00.parquet", "20261101T00-.parquet",
		"20261101T00-0", "20261101T00-0.csv", "20261101-0.parquet", "20261101T24-0.parquet", "20261131T00-0.parquet",
		"2026-11-01T00-0.parquet", "20261101T00Z-0.parquet", ".20261101T00-0.parquet.0123abcd"} {
		_, ok := parse("/lake/d/" + foreign)
		assert.False(t, ok, foreign)

	}
	for _, foreign := range []string{".DS_Store", ".keep", ".notes.0123abcd", "20261101T00-0.parquet.0123abcd"} {
		assert.False(t, parseTemporary("/lake/d/"+foreign), foreign)
	}
}

// A bucket takes a write a second of an object, and each is paid for.
func TestDelay(t *testing.T) {
	near, bucket := Lake{"out/lake", JSONL}, Lake{"gs://b/lake", JSONL}
	assert.Equal(t, time.Second, near.delay())
	assert.Equal(t, 10*time.Second, bucket.delay())
	assert.Equal(t, time.Minute+time.Second, near.Lag())
	assert.Equal(t, 11*time.Minute+10*time.Second, bucket.Lag())
}
