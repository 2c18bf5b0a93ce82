//go:build integration

package kinesis

import (
	"context"
	"fmt"
	"math/big"
	"testing"
	"time"

	"adtoorder/io/unbounded/kinesis/kinesistest"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/stretchr/testify/require"
)

// stream is a stream of kinesalite.
type stream struct {
	Source
	t   *testing.T
	api *kinesis.Client
}

// create starts kinesalite with a stream of so many shards.
func create(t *testing.T, shards int32) stream {
	t.Helper()
	source, err := Parse("kinesis://clicks?region=eu-west-1&endpoint=" + kinesistest.Start(t))
	require.NoError(t, err)
	api, err := source.open(t.Context())
	require.NoError(t, err)
	_, err = api.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: &source.Stream, ShardCount: &shards})
	require.NoError(t, err)
	s := stream{source, t, api}
	s.wait()
	return s
}

// wait waits until what was asked for last is done.
func (s stream) wait() {
	require.Eventually(s.t, func() bool {
		out, err := s.api.DescribeStreamSummary(s.t.Context(),
			&kinesis.DescribeStreamSummaryInput{StreamName: &s.Stream})
		return err == nil && out.StreamDescriptionSummary.StreamStatus == types.StreamStatusActive
	}, 5*time.Second, 10*time.Millisecond)
}

// split halves a shard.
func (s stream) split(shard string) {
	s.t.Helper()
	listed, err := s.api.ListShards(s.t.Context(), &kinesis.ListShardsInput{StreamName: &s.Stream})
	require.NoError(s.t, err)
	for _, one := range listed.Shards {
		if *one.ShardId != shard {
			continue
		}
		low, _ := new(big.Int).SetString(*one.HashKeyRange.StartingHashKey, 10)
		high, _ := new(big.Int).SetString(*one.HashKeyRange.EndingHashKey, 10)
		middle := new(big.Int).Rsh(low.Add(low, high), 1).String()
		_, err = s.api.SplitShard(s.t.Context(), &kinesis.SplitShardInput{StreamName: &s.Stream, ShardToSplit: &shard,
			NewStartingHashKey: &middle})
		require.NoError(s.t, err)
		s.wait()
		return
	}
	s.t.Fatalf("no shard %s", shard)
}

func (s stream) merge(shard, next string) {
	s.t.Helper()
	_, err := s.api.MergeShards(s.t.Context(), &kinesis.MergeShardsInput{StreamName: &s.Stream, ShardToMerge: &shard,
		AdjacentShardToMerge: &next})
	require.NoError(s.t, err)
	s.wait()
}

// write writes messages that are numbered from a first one on.
func write(ctx context.Context, s Source, from, n int) error {
	w, err := NewWriter(ctx, s)
	if err != nil {
		return err
	}
	for i := range n {
		if err := w.Put(ctx, fmt.Sprint("key", from+i), fmt.Append(nil, from+i)); err != nil {
			return err
		}
	}
	return w.Close(ctx)
}

func (s stream) put(from, n int) {
	s.t.Helper()
	require.NoError(s.t, write(s.t.Context(), s.Source, from, n))
}
