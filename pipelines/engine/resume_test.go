package engine

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"adtoorder/io/lake"
	"adtoorder/io/table"
	"adtoorder/io/warehouse/bigquery"
	"adtoorder/io/warehouse/sqlite"
	"adtoorder/io/window"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

func containsText(payload table.Bytes, text string) bool {
	return bytes.Contains(payload, []byte(text))
}

func TestOldestOpen(t *testing.T) {
	const minute = 60_000
	at := func(watermark, updated int64) ProgressRow {
		return ProgressRow{Watermark: table.Time(watermark), UpdatedAt: table.Time(updated)}
	}
	for name, c := range map[string]struct {
		rows []ProgressRow
		want int64
	}{
		// 100 min less lateness 5 min and settling 1 min: 94 min is open; less 10 s, at a window's start.
		"one partition":         {[]ProgressRow{at(100*minute, 200*minute)}, 93 * minute},
		"in a window":           {[]ProgressRow{at(100*minute+59_999, 200*minute)}, 93 * minute},
		"the one behind":        {[]ProgressRow{at(100*minute, 200*minute), at(50*minute, 200*minute-1)}, 43 * minute},
		"one long gone":         {[]ProgressRow{at(100*minute, 200*minute), at(50*minute, 198*minute)}, 93 * minute},
		"nothing read as yet":   {[]ProgressRow{at(0, 200*minute), at(100*minute, 200*minute)}, 0},
		"not older than 1970":   {[]ProgressRow{at(2*minute, 200*minute)}, 0},
		"no partition has rows": {nil, 0},
	} {
		assert.Equal(t, c.want, oldestOpen(c.rows, window.Policy{Size: time.Minute, AllowedLateness: 5 * time.Minute}, time.Minute, 10*time.Second), name)
	}
}

// A write to BigQuery or a bucket may take as long as it is tried again.
func TestSettling(t *testing.T) {
	near := Options{Warehouse: sqlite.Warehouse{}, Lake: lake.Lake{Dir: "out/lake"}}
	assert.Equal(t, time.Minute, near.settling())
	away, bucket := near, near
	away.Warehouse = bigquery.Warehouse{}
	bucket.Lake.Dir = "gs://b/lake"
	assert.Equal(t, 11*time.Minute, away.settling())
	assert.Equal(t, 11*time.Minute, bucket.settling())
}

// trickle sends clicks with ids and orders in real time, a little out of order,
// until its context ends, and returns them as the oracle's lines.
func trickle(ctx context.Context, t *testing.T, broker string) (lines []inputLine) {
	producer, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(0))
	require.NoError(t, err)
	defer producer.Close()
	random := rand.New(rand.NewPCG(3, 3))
	offsets := map[string]int64{}
	send := func(topic, text string, now time.Time) {
		p := random.IntN(3)
		source := fmt.Sprintf("kafka:%s/%d", topic, p)
		producer.Produce(context.Background(), &kgo.Record{Topic: topic, Partition: int32(p), Value: []byte(text), Timestamp: now}, nil)
		lines = append(lines, inputLine{topic, source, offsets[source], []byte(text), now.UnixMilli(), ""})
		offsets[source]++
	}
	for i := 0; ctx.Err() == nil; i++ {
		now := time.Now()
		event := now.Add(-time.Duration(random.IntN(3000)) * time.Millisecond).UTC().Format(time.RFC3339Nano)
		send("clicks", fmt.Sprintf(`{"EventId":"E%d","Event":"P%d","EventType":"Promotion","Timestamp":"%s"}`, i-random.IntN(20)/19, i%7, event), now)
		if i%5 == 0 {
			send("orders", fmt.Sprintf(`{"OrderId":"O%d","Timestamp":"%s","OrderLines":[{"Promotion":"P%d","UnitPrice":1.5,"Quantity":2}]}`, i, event, i%7), now)
		}
		time.Sleep(time.Millisecond)
	}
	require.NoError(t, producer.Flush(context.Background()))
	return lines
}

// A live run is killed (SIGKILL) at random moments while records come, and
// started again: it goes on by itself, and every window ends at the truth.
func TestALiveRunThatIsKilledCatchesUp(t *testing.T) {
	broker := inProcessKafka(t, 3)
	f := fromKafka(t, broker)
	f.Window, f.AllowedLateness, f.OutOfOrderness = "2s", "1m", "1s"
	ctx, stop := context.WithCancel(t.Context())
	sent := make(chan []inputLine, 1)
	go func() { sent <- trickle(ctx, t, broker) }()
	random := rand.New(rand.NewPCG(4, 4))
	var before map[key]int64
	for range 4 {
		run := asProcess(t, f)
		require.NoError(t, run.Start())
		time.Sleep(2*time.Second + time.Duration(random.IntN(3000))*time.Millisecond)
		run.Process.Kill()
		run.Wait()
		readable(t, f)
		after := clicksByWindow(t, f)
		for k, n := range before {
			assert.GreaterOrEqual(t, after[k], n, "no total is smaller than before")
		}
		before = after
	}
	last := asProcess(t, f)
	require.NoError(t, last.Start())
	time.Sleep(3 * time.Second)
	stop()
	lines := <-sent
	time.Sleep(2 * time.Second)
	require.NoError(t, last.Process.Signal(syscall.SIGTERM))
	require.NoError(t, last.Wait(), "a run that is told to end exits with 0")

	want := expectLive(2*time.Second, liveRules{lateness: 60_000, outOfOrderness: 1000}, lines)
	got := inWarehouse(t, f)
	assertRows(t, "prism", want, got)
	assert.Equal(t, got.Ledger, inLake(t, f).Ledger)
}

type key struct {
	start     table.Time
	promotion string
}

func clicksByWindow(t *testing.T, f Flags) map[key]int64 {
	found := map[key]int64{}
	for _, r := range inLake(t, f).Clicks {
		found[key{r.WindowStart, r.Promotion}] = r.Clicks
	}
	return found
}
