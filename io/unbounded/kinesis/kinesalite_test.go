//go:build integration

package kinesis

import (
	"slices"
	"testing"
	"time"

	"adtoorder/io/record"
	"adtoorder/io/unbounded"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSplitsAndMerges(t *testing.T) {
	s := create(t, 2)
	const first = 3000
	s.put(0, first)
	l := newLoop(t, s.Source)
	l.round()
	l.checkOnce(first)

	stop, written := make(chan struct{}), make(chan int)
	go func() {
		n := first
		defer func() { written <- n }()
		for ; ; n += 50 {
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
			}
			if !assert.NoError(t, write(t.Context(), s.Source, n, 50)) {
				return
			}
		}
	}()
	for _, step := range []func(){
		func() { s.split("shardId-000000000000") },
		func() { s.split("shardId-000000000001") },
		func() { s.merge("shardId-000000000003", "shardId-000000000004") },
		func() {},
	} {
		step()
		for start := time.Now(); time.Since(start) < 700*time.Millisecond; time.Sleep(20 * time.Millisecond) {
			l.round()
		}
	}
	close(stop)
	n := <-written
	require.Greater(t, n, first+1000)
	l.until(time.Now())
	l.checkOnce(n)
	slices.Sort(l.done)
	assert.Equal(t, []string{"shardId-000000000000", "shardId-000000000001", "shardId-000000000003",
		"shardId-000000000004"}, l.done)
	assert.Len(t, l.positions, 3)

	assert.NoError(t, s.Check(t.Context()), "some shards are closed")
	again := newLoop(t, s.Source) // from the beginning, when all is over
	again.until(time.Now())
	again.checkOnce(n)
}

// readAll reads a shard on from a position, until its end.
func readAll(t *testing.T, s unbounded.Source, position string) (all []record.Record, next string) {
	t.Helper()
	c, err := s.Connect(t.Context())
	require.NoError(t, err)
	defer c.Close()
	require.Eventually(t, func() bool {
		b, err := c.Read(t.Context(), "shardId-000000000000", position)
		require.NoError(t, err)
		all = append(all, b.Records...)
		position = b.Next
		return !b.End.IsZero()
	}, 5*time.Second, 20*time.Millisecond)
	return all, position
}

func payloads(records []record.Record) (all []string) {
	for _, r := range records {
		all = append(all, string(r.Payload))
	}
	return all
}

func TestReadingOn(t *testing.T) {
	s := create(t, 1)
	before := time.Now().UnixMilli()
	for i := range 6 {
		s.put(i, 1)
		time.Sleep(5 * time.Millisecond) // each has an arrival time of its own
	}
	records, end := readAll(t, s, "")
	require.Equal(t, []string{"0", "1", "2", "3", "4", "5"}, payloads(records))
	assert.Equal(t, records[5].Sequence, end)
	for i, r := range records {
		assert.Equal(t, "kinesis:clicks/shardId-000000000000", r.Source)
		assert.GreaterOrEqual(t, r.Time, before)
		assert.LessOrEqual(t, r.Time, time.Now().UnixMilli())
		assert.Equal(t, r.Time, r.Offset)
		assert.EqualValues(t, 1, r.Size)

		rest, _ := readAll(t, s, r.Sequence)
		assert.Equal(t, payloads(records[i+1:]), payloads(rest))

		s.StartMillis = r.Time
		l := newLoop(t, s.Source)
		l.until(time.Now())
		assert.Len(t, l.counts, 6-i)
		assert.Contains(t, l.counts, string(r.Payload))
	}
	s.put(6, 3)
	rest, _ := readAll(t, s, end)
	assert.Equal(t, []string{"6", "7", "8"}, payloads(rest))
}

func TestCheckOfKinesalite(t *testing.T) {
	s := create(t, 1)
	assert.NoError(t, s.Check(t.Context()))
	s.Stream = "clocks"
	assert.ErrorContains(t, s.Check(t.Context()), "stream clocks is not there: Stream clocks under account")
	w, err := NewWriter(t.Context(), s.Source)
	require.NoError(t, err)
	require.NoError(t, w.Put(t.Context(), "k", nil))
	assert.ErrorContains(t, w.Flush(t.Context()), "writing to stream clocks")
}

func TestLongMessages(t *testing.T) {
	s := create(t, 1)
	ctx := t.Context()
	w, err := NewWriter(ctx, s.Source)
	require.NoError(t, err)
	for i := range 9 { // of 9 MiB: three requests
		payload := make([]byte, record.MaxSize)
		payload[0] = byte(i)
		require.NoError(t, w.Put(ctx, "k", payload))
	}
	require.NoError(t, w.Close(ctx))
	records, _ := readAll(t, s, "")
	require.Len(t, records, 9)
	for i, r := range records {
		assert.Equal(t, byte(i), r.Payload[0])
		assert.Len(t, r.Payload, record.MaxSize)
	}
}
