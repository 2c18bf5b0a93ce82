package folder

import (
	"encoding/hex"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"adtoorder/io/record"
	"adtoorder/io/unbounded"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var _ unbounded.Source = Source{}

func TestEveryFileOnceInOrder(t *testing.T) {
	dir := t.TempDir()
	bz2, err := hex.DecodeString("425a6839314159265359660f9e58000001c100001238002000219a019a009a6e2ee48a70a120cc1f3cb0")
	require.NoError(t, err)
	drop(t, dir, "b.jsonl", "b1\r\n\nb2", 2)
	drop(t, dir, "c.gz", gzipped(t, "c1\nc2\n"), 1)
	drop(t, dir, "a.zst", zstandard(t, "a1\n"), 2)
	drop(t, dir, "d.bz2", string(bz2), 3)
	drop(t, dir, "empty", "", 0)
	drop(t, dir, "long", strings.Repeat("x", record.MaxSize+1)+"\nnext", 4)
	c := watch(t, dir)
	partitions, err := c.Partitions(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []unbounded.Partition{{}}, partitions)
	got, at := drain(t, c, "")
	assert.Equal(t, []string{"c.gz@1 0+2 c1", "c.gz@1 3+2 c2", "a.zst@2 0+2 a1", "b.jsonl@2 0+2 b1", "b.jsonl@2 5+2 b2",
		"d.bz2@3 0+1 a", "d.bz2@3 4+2 bc", "long@4 0+1048577 " +
			strings.Repeat("x", 20), "long@4 1048578+4 next"}, describe(got))
	assert.Equal(t, dir+"/c.gz", got[0].Source)
	assert.Len(t, got[7].Payload, record.MaxKept)

	drop(t, dir, "late", "late\n", -9)
	drop(t, dir, "b.jsonl", "changed\n", 9)
	got, at = drain(t, c, at)
	assert.Equal(t, []string{"late@-9 0+4 late"}, describe(got))
	got, _ = drain(t, watch(t, dir), at)
	assert.Empty(t, got)
}

func TestTimesAreBeforeModificationByEvery(t *testing.T) {
	dir := t.TempDir()
	drop(t, dir, "a", "a\n", 90)
	drop(t, dir, "old", "old\n", -int(long.Unix())+5)
	got, _ := drain(t, connect(t, Source{Pattern: dir + "/*", EveryMillis: 60_000}), "")
	require.Len(t, got, 2)
	assert.EqualValues(t, 1, got[0].Time, "before the epoch")
	assert.Equal(t, long.Add(30*time.Second).UnixMilli(), got[1].Time)
}

func TestOnlySettledFilesAreRead(t *testing.T) {
	dir := t.TempDir()
	c := watch(t, dir)
	at, text := "", ""
	for range 4 { // for longer than a file must rest
		text += "line\n"
		written := time.Now()
		require.NoError(t, os.WriteFile(dir+"/growing", []byte(text), 0o644))
		for range 2 {
			b := read(t, c, at)
			if time.Since(written) < restFor { // always, but on a very busy machine
				require.Empty(t, b.Records)
				require.Zero(t, b.End)
				require.False(t, b.More)
			}
		}
		time.Sleep(restFor / 2)
	}
	got, at := drain(t, c, at)
	assert.Len(t, got, 4)

	require.NoError(t, os.WriteFile(dir+"/fresh", []byte("fresh\n"), 0o644))
	ahead := time.Now().Add(time.Hour)
	require.NoError(t, os.Chtimes(dir+"/fresh", ahead, ahead)) // its clock is wrong
	require.Empty(t, read(t, c, at).Records)
	got, _ = drain(t, c, at)
	assert.Len(t, got, 1)
}

func TestAFileThatRestedBeforeIsReadAtOnce(t *testing.T) {
	dir := t.TempDir()
	before := time.Now().Add(-restBefore - time.Second)
	require.NoError(t, os.Chtimes(drop(t, dir, "a", "a\n", 0), before, before))
	assert.Len(t, read(t, watch(t, dir), "").Records, 1)
}

func TestStart(t *testing.T) {
	dir := t.TempDir()
	for name, seconds := range map[string]int{"a": 59, "b": 60, "c": 61} {
		drop(t, dir, name, name+"\n", seconds)
	}
	for name, test := range map[string]struct {
		start int64
		want  []string
	}{
		"none":          {0, []string{"a@39 0+1 a", "b@40 0+1 b", "c@41 0+1 c"}},
		"before all":    {long.UnixMilli() + 39_000, []string{"a@39 0+1 a", "b@40 0+1 b", "c@41 0+1 c"}},
		"between":       {long.UnixMilli() + 39_001, []string{"b@40 0+1 b", "c@41 0+1 c"}},
		"behind them":   {long.UnixMilli() + 41_001, nil},
		"in the future": {time.Now().Add(time.Hour).UnixMilli(), nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := Source{dir + "/*", 20_000, test.start}
			c := connect(t, s)
			at, err := c.Start(t.Context(), "")
			require.NoError(t, err)
			if len(test.want) == 3 {
				assert.Equal(t, "", at)
			}
			got, _ := drain(t, connect(t, s), at)
			assert.Equal(t, test.want, describe(got))
			got, at = drain(t, c, at)
			assert.Equal(t, test.want, describe(got))
			defer os.Remove(drop(t, dir, "new", "new\n", 1))
			got, _ = drain(t, c, at)
			assert.Equal(t, []string{"new@-19 0+3 new"}, describe(got), "it came after the start")
		})
	}
}

// End is not before everything was read, and then the time of that listing.
func TestEnd(t *testing.T) {
	dir := t.TempDir()
	c := connect(t, Source{Pattern: dir + "/*", EveryMillis: 60_000})
	c.listEvery, c.batchSize = time.Hour, 1
	confirmed := func(at string) unbounded.Batch {
		c.due = time.Time{}
		before := time.Now()
		b := read(t, c, at)
		require.False(t, b.End.Before(before.Add(-time.Minute)))
		require.False(t, b.End.After(time.Now().Add(-time.Minute)))
		return b
	}
	first := confirmed("")
	assert.Equal(t, unbounded.Batch{End: first.End, Due: c.due}, first)
	assert.WithinDuration(t, time.Now().Add(c.listEvery), first.Due, time.Minute)
	drop(t, dir, "a", "a\n", 1)
	drop(t, dir, "b", "b\n", 2)
	assert.Equal(t, first, read(t, c, ""), "there was no listing")

	c.due = time.Time{}
	a := read(t, c, "")
	assert.Equal(t, []string{"a@-59 0+1 a"}, describe(a.Records))
	assert.True(t, a.More)
	assert.Zero(t, a.End)
	assert.Zero(t, a.Due)
	b := read(t, c, a.Next)
	assert.Equal(t, []string{"b@-58 0+1 b"}, describe(b.Records))
	assert.False(t, b.More)
	assert.Zero(t, b.End)
	assert.Zero(t, read(t, c, b.Next).End, "nothing was listed since")
	last := confirmed(b.Next)
	assert.Equal(t, unbounded.Batch{Next: b.Next, End: last.End, Due: c.due}, last)
	assert.Equal(t, last, read(t, c, b.Next))

	require.NoError(t, os.WriteFile(dir+"/unsettled", nil, 0o644))
	c.due = time.Time{}
	assert.Zero(t, read(t, c, b.Next).End)
}

func TestListingsAreApart(t *testing.T) {
	dir := t.TempDir()
	connected, err := Source{Pattern: dir + "/*"}.Connect(t.Context())
	require.NoError(t, err)
	defer connected.Close()
	c := connected.(*client)
	at, listings := "", map[time.Time]bool{}
	start := time.Now()
	for time.Since(start) < 5*folderEvery/2 {
		listings[read(t, c, at).End] = true
	}
	assert.LessOrEqual(t, len(listings), 1+int(time.Since(start)/folderEvery))
	assert.Greater(t, len(listings), 1)
}

func TestSmallFilesShareABatch(t *testing.T) {
	dir := t.TempDir()
	for i := range 300 {
		drop(t, dir, strconv.Itoa(i), strings.Repeat("line\n", 200), 0)
	}
	c, at, batches, records := watch(t, dir), "", 0, 0
	for more := true; more; batches++ {
		b := read(t, c, at)
		assert.Less(t, len(b.Records)*5, batchSize+1000)
		records, at, more = records+len(b.Records), b.Next, b.More
	}
	assert.Equal(t, 300*200, records)
	assert.Less(t, batches, 50)
}
