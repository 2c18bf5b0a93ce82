package scenarios

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"adtoorder/io/warehouse"
	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

var silence = flag.Duration("silence", 6*time.Second, "how long partitions are silent in TestASilentPartitionDoesNotStallTheRest")

// Of three partitions one has records, then another: the watermark goes on with
// the clock, and what comes after the silence is counted.
func TestASilentPartitionDoesNotStallTheRest(t *testing.T) {
	broker := inProcessKafka(t, 3)
	f := fromKafka(t, broker)
	f.Window, f.AllowedLateness, f.OutOfOrderness = "1s", "2s", "1s"
	producer, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	require.NoError(t, err)
	defer producer.Close()
	run := runLive(t, f)
	sent := 0
	send := func(partition int32) {
		click := fmt.Sprintf(`{"Event":"P%d","EventType":"Promotion","Timestamp":"%s"}`, partition, time.Now().UTC().Format(time.RFC3339Nano))
		require.NoError(t, producer.ProduceSync(t.Context(), &kgo.Record{Topic: "clicks", Partition: partition, Value: []byte(click)}).FirstErr())
		sent++
	}
	w := warehouse.SQLite{Path: strings.TrimPrefix(f.Warehouse, "sqlite:")}
	for begin := time.Now(); time.Since(begin) < *silence; time.Sleep(100 * time.Millisecond) {
		send(0)
		if time.Since(begin) < *silence/2 {
			continue
		}
		rows, err := warehouse.Select[engine.ProgressRow](t.Context(), w, "progress", "true")
		require.NoError(t, err)
		require.Len(t, rows, 6)
		for _, r := range rows {
			assert.Less(t, time.Since(time.UnixMilli(int64(r.Watermark))), 5*time.Second, r.Partition)
		}
	}
	for range 10 {
		send(1)
	}
	run.untilRead(t, sent)
	require.NoError(t, run.stop(t))
	var clicks int64
	for _, r := range inWarehouse(t, f).Conversions {
		clicks += r.Clicks
	}
	assert.EqualValues(t, sent, clicks)
}
