//go:build integration

package engine

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"adtoorder/io/unbounded/kafka/kafkatest"
	"adtoorder/pipelines/generate/traffic"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

var (
	flinkKills  = flag.Int("flink_kills", 4, "how many processes TestFlinkGoesThroughKills kills")
	flinkClicks = flag.Int("flink_clicks", 60_000, "how many clicks come meanwhile")
)

// TaskManagers and workers are killed (SIGKILL) in turn at random times while
// records come, each replaced: in the end every table and the lake hold the
// oracle's rows, and the ledger balances.
func TestFlinkGoesThroughKills(t *testing.T) {
	cluster := startFlink(t, 2, 1)
	kafka := kafkatest.Start(t, 3, "clicks", "orders")
	kafka.AppendTime(t, "clicks", "orders")
	f := fromKafka(t, kafka.Addr)
	f.AllowedLateness, f.OutOfOrderness = "2m", "2s"
	t.Log(cluster.submit(f, nil, []string{"--flink_checkpoint_interval=2s"}))
	span := time.Duration(*flinkKills) * 10 * time.Second
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		arrive(t, kafka.Addr, *flinkClicks, span)
	}()
	random := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	for kill := range *flinkKills {
		time.Sleep(2*time.Second + time.Duration(random.IntN(6000))*time.Millisecond)
		victims := cluster.taskManagers
		if kill%2 == 1 {
			victims = cluster.workers
		}
		pids := victims()
		for deadline := time.Now().Add(time.Minute); len(pids) == 0 && time.Now().Before(deadline); pids = victims() {
			time.Sleep(200 * time.Millisecond) // the job is about to start again
		}
		if !assert.NotEmpty(t, pids, "kill %d finds nothing to kill", kill) {
			break
		}
		victim := pids[random.IntN(len(pids))]
		require.NoError(t, syscall.Kill(victim, syscall.SIGKILL))
		if kill%4 < 2 { // otherwise up meets it as it dies
			assert.Eventually(t, func() bool { return syscall.Kill(victim, 0) != nil }, 10*time.Second, 10*time.Millisecond, "process %d does not end", victim)
		}
		cluster.up()
	}
	<-sent
	lines := consumed(t, kafka.Addr)
	want := expectLive(time.Minute, liveRules{lateness: 120_000, outOfOrderness: 2_000}, lines)
	untilEqual(t, f, want)
	path := strings.TrimSpace(cluster.do("stop"))
	assert.DirExists(t, path)
	assertRows(t, "flink", want, inWarehouse(t, f))
	assertRows(t, "flink", want, inLake(t, f))
	t.Logf("%d records, %d kills: %d rows, all equal", len(lines), *flinkKills, len(want.Conversions))
}

// untilEqual waits until the warehouse holds what it has to.
func untilEqual(t *testing.T, f Flags, want results) {
	t.Helper()
	for deadline := time.Now().Add(90 * time.Second); time.Now().Before(deadline); time.Sleep(500 * time.Millisecond) {
		if same(want, inWarehouse(t, f)) && same(want, inLake(t, f)) {
			return
		}
	}
	t.Log("the rows are not those that were expected after a minute and a half")
}

// same leaves out conversions, whose ratios assertRows compares.
func same(a, b results) bool {
	a.Conversions, b.Conversions = nil, nil
	return reflect.DeepEqual(a, b)
}

// arrive sends traffic with every fault as it arrives, over a span of time.
func arrive(t *testing.T, addr string, clicks int, span time.Duration) {
	g, err := traffic.New(traffic.Options{Clicks: clicks, Orders: clicks / 10, Start: time.Now().Add(time.Second).Truncate(time.Millisecond), Span: span, Live: true,
		Promotions: 10, OtherClicks: 0.1, Seed: 7, Late: 0.05, Duplicates: 0.02, Malformed: 0.005})
	if !assert.NoError(t, err) {
		return
	}
	producer, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(5*time.Millisecond), kgo.MaxBufferedRecords(1_000_000))
	if !assert.NoError(t, err) {
		return
	}
	defer producer.Close()
	send := func(topic string, records func(func(traffic.Record) bool)) {
		random := rand.New(rand.NewPCG(7, 7))
		for r := range records {
			time.Sleep(time.Until(r.Time))
			producer.Produce(context.Background(), &kgo.Record{Topic: topic, Partition: int32(random.IntN(3)), Value: append([]byte{}, r.Payload...)}, nil)
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
	consumer, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.ConsumeTopics("clicks", "orders"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	require.NoError(t, err)
	defer consumer.Close()
	for quiet := 0; quiet < 3; quiet++ {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		consumer.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			quiet = 0
			lines = append(lines, inputLine{r.Topic, fmt.Sprintf("kafka:%s/%d", r.Topic, r.Partition), r.Offset, r.Value, r.Timestamp.UnixMilli(), ""})
		})
		cancel()
	}
	return lines
}
