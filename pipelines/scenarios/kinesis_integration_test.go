//go:build integration

package scenarios

import (
	"testing"
	"time"

	"adtoorder/io/unbounded/kinesis/kinesistest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	awskinesis "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A stream of 2 shards is split to 4 and merged to 3 while records flow: every
// record is counted once, and none is late for that.
func TestKinesisIsSplitAndMerged(t *testing.T) {
	endpoint := kinesistest.Start(t)
	loaded, err := config.LoadDefaultConfig(t.Context(), config.WithRegion("eu-west-1"))
	require.NoError(t, err)
	api := awskinesis.NewFromConfig(loaded, func(o *awskinesis.Options) { o.BaseEndpoint = aws.String(endpoint) })
	stream := resharder{t, api}
	for name, count := range map[string]int32{"clicks": 2, "orders": 1} {
		_, err := api.CreateStream(t.Context(), &awskinesis.CreateStreamInput{StreamName: &name, ShardCount: &count})
		require.NoError(t, err)
		stream.wait(name)
	}
	f := place(t, "prism")
	uri := func(name string) string { return "kinesis://" + name + "?region=eu-west-1&endpoint=" + endpoint }
	f.Clicks, f.Orders = []string{uri("clicks")}, []string{uri("orders")}
	f.Window, f.AllowedLateness, f.OutOfOrderness = "2s", "30s", "1s"
	run := runLive(t, f)

	sent := make(chan map[string]int64, 1)
	stop := make(chan struct{})
	go func() { sent <- flow(t, uri, stop) }()
	time.Sleep(2 * time.Second)
	stream.split("shardId-000000000000", "85070591730234615865843651857942052863")
	time.Sleep(time.Second)
	stream.split("shardId-000000000001", "255211775190703847597530955573826158591")
	time.Sleep(2 * time.Second)
	stream.merge("shardId-000000000002", "shardId-000000000003")
	time.Sleep(2 * time.Second)
	close(stop)
	want := <-sent
	run.untilRead(t, int(want["clicks"]+want["orders"]))
	require.NoError(t, run.stop(t), "the ledger balances")

	got := inWarehouse(t, f)
	var clicks, orders int64
	for _, r := range got.Conversions {
		clicks, orders = clicks+r.Clicks, orders+r.Orders
	}
	assert.Equal(t, want, map[string]int64{"clicks": clicks, "orders": orders})
	assert.Empty(t, withoutSamples(got.Rejects))
	assert.Equal(t, got, inLake(t, f))
	t.Logf("%v", want)
}
