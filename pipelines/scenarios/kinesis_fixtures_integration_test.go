//go:build integration

package scenarios

import (
	"fmt"
	"testing"
	"time"

	"adtoorder/io/unbounded/kinesis"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskinesis "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// resharder changes the shards of the stream clicks.
type resharder struct {
	t   *testing.T
	api *awskinesis.Client
}

func (s resharder) wait(name string) {
	require.Eventually(s.t, func() bool {
		out, err := s.api.DescribeStreamSummary(s.t.Context(),
			&awskinesis.DescribeStreamSummaryInput{StreamName: &name})
		return err == nil && out.StreamDescriptionSummary.StreamStatus == types.StreamStatusActive
	}, waitLimit, 10*time.Millisecond)
}

func (s resharder) split(shard, at string) {
	_, err := s.api.SplitShard(s.t.Context(), &awskinesis.SplitShardInput{StreamName: aws.String("clicks"),
		ShardToSplit: &shard, NewStartingHashKey: &at})
	require.NoError(s.t, err)
	s.wait("clicks")
}

func (s resharder) merge(shard, next string) {
	_, err := s.api.MergeShards(s.t.Context(), &awskinesis.MergeShardsInput{StreamName: aws.String("clicks"),
		ShardToMerge: &shard, AdjacentShardToMerge: &next})
	require.NoError(s.t, err)
	s.wait("clicks")
}

// flow sends clicks and orders until it is told to stop, and counts them.
func flow(t *testing.T, uri func(string) string, stop chan struct{}) map[string]int64 {
	sent := map[string]int64{}
	writers := map[string]*kinesis.Writer{}
	for _, name := range []string{"clicks", "orders"} {
		source, err := kinesis.Parse(uri(name))
		require.NoError(t, err)
		writers[name], err = kinesis.NewWriter(t.Context(), source)
		require.NoError(t, err)
	}
	put := func(name, text string) {
		if assert.NoError(t, writers[name].Put(t.Context(), fmt.Sprint("U", sent[name]), []byte(text))) {
			sent[name]++
		}
	}
	for {
		select {
		case <-stop:
			return sent
		case <-time.After(20 * time.Millisecond):
		}
		now := time.Now().UTC().Format(time.RFC3339Nano)
		for range 20 {
			put("clicks", fmt.Sprintf(`{"EventId":"E%d","Event":"P%d","EventType":"Promotion","Timestamp":"%s"}`,
				sent["clicks"], sent["clicks"]%5, now))
		}
		put("orders", fmt.Sprintf(`{"OrderId":"O%d","Timestamp":"%s","OrderLines":[{"Promotion":"P1","UnitPrice":1,"Quantity":1}]}`, sent["orders"], now))
		for name, w := range writers {
			assert.NoError(t, w.Flush(t.Context()), name)
		}
	}
}
