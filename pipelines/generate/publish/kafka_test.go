package publish

import (
	"context"
	"net"
	"testing"
	"time"

	"adtoorder/pipelines/generate/traffic"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// broker has the topics clicks and orders, of three partitions each.
func broker(t *testing.T) (address string) {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, "clicks", "orders"))
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	return cluster.ListenAddrs()[0]
}

// topics plans to publish to a broker.
func topics(t *testing.T, address string, opts traffic.Options) Plan {
	t.Helper()
	clicks, err := Parse("clicks", "kafka://"+address+"/clicks", 0)
	require.NoError(t, err)
	orders, err := Parse("orders", "kafka://"+address+"/orders", 0)
	require.NoError(t, err)
	return Plan{clicks, orders, opts}
}

// consume reads n records of a topic. It fails where a key is in two partitions.
func consume(t *testing.T, address, topic string, n int) (all []taken) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(address), kgo.ConsumeTopics(topic))
	require.NoError(t, err)
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	partitions := map[string]int32{}
	for len(all) < n {
		fetches := client.PollFetches(ctx)
		require.NoError(t, fetches.Err(), "after %d of %d records", len(all), n)
		fetches.EachRecord(func(r *kgo.Record) {
			all = append(all, taken{string(r.Value), string(r.Key), r.Timestamp.UTC()})
			before, known := partitions[string(r.Key)]
			assert.True(t, !known || before == r.Partition)
			partitions[string(r.Key)] = r.Partition
		})
	}
	return all
}

func TestKafkaGetsSimulatedTrafficWithItsArrivals(t *testing.T) {
	address := broker(t)
	opts := simulated()
	_, _, err := topics(t, address, opts).Run(t.Context(), &Sent{})
	require.NoError(t, err)
	g := generator(t, opts)
	for topic, want := range map[string][]taken{"clicks": wanted(g.Clicks()), "orders": wanted(g.Orders())} {
		assert.Equal(t, want, sorted(consume(t, address, topic, len(want))), topic)
	}
}

// The machine may be slow, so that only too much haste is an error.
func TestKafkaGetsLiveTrafficInRealTime(t *testing.T) {
	address := broker(t)
	before := time.Now().Truncate(time.Millisecond)
	clicks, orders, err := topics(t, address, live(1000, time.Second)).Run(t.Context(), &Sent{})
	after := time.Now()
	require.NoError(t, err)
	assert.GreaterOrEqual(t, after.Sub(before), time.Second)
	for topic, n := range map[string]int{"clicks": clicks.Records, "orders": orders.Records} {
		got := consume(t, address, topic, n)
		assert.Len(t, got, map[string]int{"clicks": 1000, "orders": 100}[topic])
		for _, r := range got {
			assert.False(t, r.Time.Before(before) || r.Time.After(after), r.Time)
		}
	}
}

func TestKafkaThatCannotBeWrittenTo(t *testing.T) {
	there := broker(t)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, free.Close())
	for uri, want := range map[string]string{
		"kafka://" + there + "/missing": "kafka://" + there +
			"/missing can't be written to: the topic has to be created first: ",
		"kafka://" + free.Addr().String() + "/anything": "connection refused",
	} {
		t.Run(want, func(t *testing.T) {
			missing, err := Parse("clicks", uri, 0)
			require.NoError(t, err)
			start := time.Now()
			_, _, err = Plan{missing, &memory{}, simulated()}.Run(t.Context(), &Sent{})
			assert.ErrorContains(t, err, want)
			assert.Less(t, time.Since(start), 10*time.Second)
		})
	}
}
