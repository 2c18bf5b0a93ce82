//go:build integration

package scenarios

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"adtoorder/pipelines/generate/traffic"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

// arrive sends traffic with every fault as it arrives, over a span of time.
func arrive(t *testing.T, addr string, clicks int, span time.Duration) {
	g, err := traffic.New(traffic.Options{Clicks: clicks, Orders: clicks / 10,
		Start: time.Now().Add(time.Second).Truncate(time.Millisecond), Span: span, Live: true,
		Promotions: 10, OtherClicks: 0.1, Seed: 7, Late: 0.05, Duplicates: 0.02, Malformed: 0.005})
	if !assert.NoError(t, err) {
		return
	}
	producer, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(5*time.Millisecond), kgo.MaxBufferedRecords(1_000_000))
	if !assert.NoError(t, err) {
		return
	}
	defer producer.Close()
	send := func(topic string, records func(func(traffic.Record) bool)) {
		random := rand.New(rand.NewPCG(7, 7))
		for r := range records {
			time.Sleep(time.Until(r.Time))
			producer.Produce(context.Background(), &kgo.Record{Topic: topic, Partition: int32(random.IntN(3)),
				Value: append([]byte{}, r.Payload...)}, nil)
		}
	}
	orders := make(chan struct{})
	go func() {
		defer close(orders)
		send("orders", g.Orders())
	}()
	send("clicks", g.Clicks())
	<-orders
	assert.NoError(t, producer.Flush(context.Background()))
}

// consumed reads all that both topics hold, as the oracle's lines: by then their
// records have the broker's times.
func consumed(t *testing.T, addr string) (lines []inputLine) {
	t.Helper()
	consumer, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.ConsumeTopics("clicks", "orders"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	require.NoError(t, err)
	defer consumer.Close()
	for quiet := 0; quiet < 3; quiet++ {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		consumer.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			quiet = 0
			lines = append(lines, inputLine{r.Topic, fmt.Sprintf("kafka:%s/%d", r.Topic, r.Partition), r.Offset,
				r.Value,
				r.Timestamp.UnixMilli(), ""})
		})
		cancel()
	}
	return lines
}

// steady sends clicks, and a tenth as many orders, in real time until it is
// stopped. Ids are left out where withIDs is false. In the end it tells how many clicks the
// broker has taken.
func steady(ctx context.Context, t *testing.T, addr string, clicksPerSecond, promotions int,
	withIDs bool) (clicks <-chan int) {
	t.Helper()
	producer, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.ProducerLinger(5*time.Millisecond),
		kgo.MaxBufferedRecords(1_000_000))
	require.NoError(t, err)
	done := make(chan int, 1)
	go func() {
		defer producer.Close()
		var taken atomic.Int64
		count := func(_ *kgo.Record, err error) {
			if err == nil {
				taken.Add(1)
			}
		}
		begin, sent := time.Now(), 0
		for ctx.Err() == nil {
			time.Sleep(10 * time.Millisecond)
			now := time.Now()
			stamp := now.UTC().Format(time.RFC3339Nano)
			for due := int(now.Sub(begin).Seconds() * float64(clicksPerSecond)); sent < due; sent++ {
				var id string
				if withIDs {
					id = fmt.Sprintf(`"EventId":"E%d",`, sent)
				}
				promotion := 601 + sent%promotions
				click := fmt.Sprintf(`{%s"UserId":"U17","Device":"mobile","Event":"P%d","EventType":"Promotion","Timestamp":"%s"}`, id, promotion, stamp)
				producer.Produce(ctx, &kgo.Record{Topic: "clicks", Value: []byte(click), Timestamp: now}, count)
				if sent%10 == 0 {
					order := fmt.Sprintf(`{"OrderId":"O%d","UserId":"U17","Timestamp":"%s","OrderLines":[{"ItemId":"I1","Promotion":"P%d","UnitPrice":9.99,"Quantity":1}]}`, sent, stamp, promotion)
					producer.Produce(ctx, &kgo.Record{Topic: "orders", Value: []byte(order), Timestamp: now}, nil)
				}
			}
		}
		assert.NoError(t, producer.Flush(context.WithoutCancel(ctx)))
		done <- int(taken.Load())
	}()
	return done
}
