package kinesis

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"adtoorder/io/progress"
	"adtoorder/io/record"
	"adtoorder/io/unbounded"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// read reads a shard, after the time that must lie between two reads.
func read(t *testing.T, c *client, position string) unbounded.Batch {
	t.Helper()
	time.Sleep(pollInterval)
	b, err := c.Read(t.Context(), "s0", position)
	require.NoError(t, err)
	return b
}

func TestRead(t *testing.T) {
	unknown := answer("next", 0)
	unknown.MillisBehindLatest = nil
	for name, test := range map[string]struct {
		answer           *kinesis.GetRecordsOutput
		records          int
		next             string
		end, more, close bool
	}{
		"records":                 {answer("next", 0, "8", "9"), 2, "9", false, false, false},
		"records, more to come":   {answer("next", 1, "8", "9"), 2, "9", false, true, false},
		"the last records":        {answer("", 0, "8"), 1, "8", false, false, true},
		"nothing":                 {answer("next", 0), 0, "7", true, false, false},
		"nothing, unknown lag":    {unknown, 0, "7", true, false, false},
		"nothing yet, lagging":    {answer("next", 1), 0, "7", false, false, false},
		"nothing, end of a shard": {answer("", 1), 0, "7", false, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{answers: []any{test.answer}}
				b := read(t, f.client(), "7")
				assert.Len(t, b.Records, test.records)
				assert.Equal(t, test.next, b.Next)
				assert.Equal(t, test.more, b.More)
				assert.Equal(t, test.close, b.Closed)
				if test.end {
					assert.Equal(t, time.Now(), b.End)
				} else {
					assert.Zero(t, b.End)
				}
			})
		})
	}
}

func TestReadOpensIteratorsOnlyWhereItMust(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answers: []any{answer("a", 0, "5"), answer("b", 0), answer("c", 0, "6"), answer("d", 0, "6"),
			answer("", 0)}}
		c := f.client()
		read(t, c, "")
		read(t, c, "5")
		read(t, c, "5")
		read(t, c, "5") // not where the last one ended
		read(t, c, "6")
		assert.Equal(t, []string{"new", "a", "b", "new", "d"}, f.reads)
		require.Len(t, f.iterators, 2)
		assert.Equal(t, types.ShardIteratorTypeTrimHorizon, f.iterators[0].ShardIteratorType)
		assert.Empty(t, c.shards, "a shard that is closed is kept")
	})
}

func TestPositions(t *testing.T) {
	at := time.UnixMilli(1700000000123)
	for name, test := range map[string]struct {
		position string
		want     kinesis.GetShardIteratorInput
	}{
		"oldest": {"", kinesis.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeTrimHorizon}},
		"time": {"@1700000000123", kinesis.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAtTimestamp,
			Timestamp: &at}},
		"sequence": {"4959", kinesis.GetShardIteratorInput{
			ShardIteratorType:      types.ShardIteratorTypeAfterSequenceNumber,
			StartingSequenceNumber: aws.String("4959")}},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fake{}
			_, err := f.client().Read(t.Context(), "s0", test.position)
			require.NoError(t, err)
			test.want.StreamName, test.want.ShardId = aws.String("clicks"), aws.String("s0")
			assert.Equal(t, []*kinesis.GetShardIteratorInput{&test.want}, f.iterators)
		})
	}
	_, err := (&fake{}).client().Read(t.Context(), "s0", "@noon")
	assert.ErrorContains(t, err, `position "@noon" holds no time`)
}

func TestStart(t *testing.T) {
	for start, want := range map[int64]string{0: "", 1700000000123: "@1700000000123"} {
		t.Run(fmt.Sprint(start), func(t *testing.T) {
			got, err := (&client{start: start}).Start(t.Context(), "s0")
			require.NoError(t, err)
			assert.Equal(t, want, got)
		})
	}
}

func TestPartitions(t *testing.T) {
	shard := func(name string, parents ...*string) types.Shard {
		return types.Shard{ShardId: &name, ParentShardId: parents[0], AdjacentParentShardId: parents[1]}
	}
	f := &fake{pages: map[string]*kinesis.ListShardsOutput{
		"": {NextToken: aws.String("2"), Shards: []types.Shard{shard("s0", nil, nil),
			shard("s1", aws.String("s0"), nil)}},
		"2": {NextToken: aws.String("3"), Shards: []types.Shard{shard("s2", aws.String("s0"), nil)}},
		"3": {Shards: []types.Shard{shard("s3", aws.String("s1"), aws.String("s2"))}},
	}}
	got, err := f.client().Partitions(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []unbounded.Partition{
		{Name: "s0"}, {Name: "s1", Parents: []string{"s0"}}, {Name: "s2", Parents: []string{"s0"}},
		{Name: "s3", Parents: []string{"s1", "s2"}},
	}, got)

	delete(f.pages, "3")
	got, err = f.client().Partitions(t.Context())
	assert.ErrorContains(t, err, "listing the shards of stream clicks")
	assert.Empty(t, got, "some shards are no answer")
}

func TestRecord(t *testing.T) {
	arrived := time.UnixMilli(1700000000123)
	r := types.Record{Data: []byte("hello"), SequenceNumber: aws.String("4959"), ApproximateArrivalTimestamp: &arrived}
	want := record.Record{Payload: []byte("hello"), Size: 5, Source: "kinesis:clicks/s0", Time: 1700000000123,
		Offset: 1700000000123, Sequence: "4959"}
	c := (&fake{}).client()
	assert.Equal(t, want, c.record("s0", &r))

	r.ApproximateArrivalTimestamp = nil
	assert.WithinDuration(t, time.Now(), time.UnixMilli(c.record("s0", &r).Time), time.Minute)
}

func TestReadKeepsToAWSLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		c := f.client()
		for range 1000 { // ten seconds
			for _, shard := range []string{"s0", "s1"} {
				before := len(f.reads)
				b, err := c.Read(t.Context(), shard, "7")
				require.NoError(t, err)
				if len(f.reads) == before {
					assert.Equal(t, unbounded.Batch{Next: "7"}, b)
				}
			}
			time.Sleep(10 * time.Millisecond)
		}
		assert.Len(t, f.reads, 2*10*4)
	})
}

// A shard outlives the stream's retention in a listing only for a while. What is
// still to be read of it is lost, and all behind it must go on.
func TestAShardThatHasExpiredIsClosed(t *testing.T) {
	var problems []string
	progress.OnProblem(func(text string) { problems = append(problems, text) })
	defer progress.OnProblem(func(string) {})
	missing := &types.ResourceNotFoundException{}
	list := func(shards ...string) map[string]*kinesis.ListShardsOutput {
		out := &kinesis.ListShardsOutput{}
		for _, name := range shards {
			out.Shards = append(out.Shards, types.Shard{ShardId: &name})
		}
		return map[string]*kinesis.ListShardsOutput{"": out}
	}
	f := &fake{pages: list("s0", "s1"), refuse: missing}
	c := f.client()
	_, err := c.Read(t.Context(), "s0", "5")
	assert.ErrorIs(t, err, missing, "before a listing")
	_, err = c.Partitions(t.Context())
	require.NoError(t, err)
	_, err = c.Read(t.Context(), "s0", "5")
	assert.ErrorIs(t, err, missing, "it is listed")
	assert.Empty(t, problems)

	f.pages = list("s1")
	_, err = c.Partitions(t.Context())
	require.NoError(t, err)
	b, err := c.Read(t.Context(), "s0", "5")
	require.NoError(t, err)
	assert.Equal(t, unbounded.Batch{Next: "5", Closed: true}, b)
	assert.Equal(t, []string{`shard s0 of stream clicks is no longer there: its records behind position "5" have expired unread`}, problems)
	_, err = c.Read(t.Context(), "s1", "5")
	assert.ErrorIs(t, err, missing)
}
