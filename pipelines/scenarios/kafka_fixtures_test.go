package scenarios

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"adtoorder/pipelines/engine"
	"adtoorder/pipelines/generate/traffic"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// inProcessKafka returns the address of a broker in this process that has the
// topics clicks and orders.
func inProcessKafka(t *testing.T, partitions int) string {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(int32(partitions), "clicks", "orders"))
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	return cluster.ListenAddrs()[0]
}

// fromKafka returns flags of a live run.
func fromKafka(t *testing.T, broker string) engine.Flags {
	f := place(t, "prism")
	f.Clicks, f.Orders = []string{"kafka://" + broker + "/clicks"}, []string{"kafka://" + broker + "/orders"}
	return f
}

// message is a record of a test's traffic on its way to a topic.
type message struct {
	at      time.Time // simulated arrival
	payload []byte
	order   float64 // place in the partition
}

// shuffledTraffic returns a stream's traffic by partition, out of order by up to
// a few seconds.
func shuffledTraffic(random *rand.Rand, records func(func(traffic.Record) bool), partitions int) [][]message {
	parts := make([][]message, partitions)
	for r := range records {
		p := random.IntN(partitions)
		at := r.Time.Add(-time.Duration(random.IntN(3000)) * time.Millisecond)
		parts[p] = append(parts[p], message{at, slices.Clone(r.Payload), float64(r.Time.UnixMilli()) +
			random.Float64()*5000})
	}
	for _, part := range parts {
		slices.SortStableFunc(part, func(a, b message) int {
			return int(a.order*1000) - int(b.order*1000)
		})
	}
	return parts
}

// publish writes messages to a topic, and returns them as the oracle's lines.
func publish(t *testing.T, broker, topic string, parts [][]message) (lines []inputLine) {
	t.Helper()
	producer, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.MaxBufferedRecords(100_000))
	require.NoError(t, err)
	defer producer.Close()
	for p, part := range parts {
		for offset, m := range part {
			producer.Produce(t.Context(), &kgo.Record{Topic: topic, Partition: int32(p), Value: m.payload,
				Timestamp: m.at},
				func(_ *kgo.Record, err error) {
					if err != nil {
						t.Error("producing: ", err)
					}
				})
			lines = append(lines, inputLine{topic, fmt.Sprintf("kafka:%s/%d", topic, p), int64(offset), m.payload,
				m.at.UnixMilli(), ""})
		}
	}
	require.NoError(t, producer.Flush(t.Context()))
	return lines
}

// kafkaTraffic publishes traffic with every fault on three partitions, and
// returns what it must give, and how many records there are.
func kafkaTraffic(t *testing.T, broker string, clicks, orders int, lateness time.Duration) (want results, records int) {
	t.Helper()
	g, err := traffic.New(traffic.Options{Clicks: clicks, Orders: orders,
		Start: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
		Span:  20 * time.Minute, Promotions: 10, OtherClicks: 0.1, Seed: 7, Late: 0.05,
		Duplicates: 0.02, Malformed: 0.005})
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(7, 7))
	lines := publish(t, broker, "clicks", shuffledTraffic(random, g.Clicks(), 3))
	lines = append(lines, publish(t, broker, "orders", shuffledTraffic(random, g.Orders(), 3))...)
	want = expectLive(time.Minute, liveRules{lateness: lateness.Milliseconds(), outOfOrderness: 10_000}, lines)
	outcomes := map[string]int64{}
	for _, r := range want.Ledger {
		outcomes[r.Outcome] += r.Records
	}
	for _, outcome := range []string{"counted", "not_promotion", "duplicate", "too_late", "malformed"} {
		assert.NotZero(t, outcomes[outcome], outcome)
	}
	return want, len(lines)
}

// trickle sends clicks with ids and orders in real time, a little out of order,
// until its context ends, and returns them as the oracle's lines.
func trickle(ctx context.Context, t *testing.T, broker string) (lines []inputLine) {
	producer, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(0))
	require.NoError(t, err)
	defer producer.Close()
	random := rand.New(rand.NewPCG(3, 3))
	offsets := map[string]int64{}
	send := func(topic, text string, now time.Time) {
		p := random.IntN(3)
		source := fmt.Sprintf("kafka:%s/%d", topic, p)
		producer.Produce(context.Background(), &kgo.Record{Topic: topic, Partition: int32(p), Value: []byte(text),
			Timestamp: now}, nil)
		lines = append(lines, inputLine{topic, source, offsets[source], []byte(text), now.UnixMilli(), ""})
		offsets[source]++
	}
	for i := 0; ctx.Err() == nil; i++ {
		now := time.Now()
		event := now.Add(-time.Duration(random.IntN(3000)) * time.Millisecond).UTC().Format(time.RFC3339Nano)
		send("clicks", fmt.Sprintf(`{"EventId":"E%d","Event":"P%d","EventType":"Promotion","Timestamp":"%s"}`,
			i-random.IntN(20)/19, i%7, event), now)
		if i%5 == 0 {
			send("orders", fmt.Sprintf(`{"OrderId":"O%d","Timestamp":"%s","OrderLines":[{"Promotion":"P%d","UnitPrice":1.5,"Quantity":2}]}`, i, event, i%7), now)
		}
		time.Sleep(time.Millisecond)
	}
	require.NoError(t, producer.Flush(context.Background()))
	return lines
}
