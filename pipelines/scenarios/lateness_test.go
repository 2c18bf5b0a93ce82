package scenarios

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"adtoorder/io/table"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

// schedules is how many records come within a few milliseconds of their limit.
const schedules = 1000

// Each record has a promotion of its own, and comes when its partition's
// watermark is about to expire its window: it must be in its window or in the
// rejects as too late, never in both and never in neither.
func TestRecordsAtTheLimitAreCountedOrTooLate(t *testing.T) {
	const window, lateness, outOfOrderness = 1000, 2000, 500 // ms
	broker := inProcessKafka(t, 3)
	f := fromKafka(t, broker)
	f.Window, f.AllowedLateness, f.OutOfOrderness = "1s", "2s", "500ms"
	producer, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	require.NoError(t, err)
	defer producer.Close()
	run := runLive(t, f)
	random := rand.New(rand.NewPCG(1, 2))
	starts := map[string]int64{} // by promotion: its window's start
	for i := range schedules {
		promotion := fmt.Sprintf("P%04d", i)
		// The window expires by the last second's watermark, or by the next one's. With
		// this broker time the record's own watermark is off that limit by so much.
		limit := time.Now().Add(-outOfOrderness*time.Millisecond).Truncate(time.Second).UnixMilli() +
			1000*random.Int64N(2)
		off := []int64{-1, 0, 1, -300, 300}[random.IntN(5)]
		start := limit - lateness - window
		starts[promotion] = start
		event := time.UnixMilli(start + random.Int64N(window)).UTC().Format(time.RFC3339Nano)
		click := fmt.Sprintf(`{"EventId":"E%d","Event":"%s","EventType":"Promotion","Timestamp":"%s"}`, i, promotion, event)
		producer.Produce(t.Context(), &kgo.Record{Topic: "clicks", Partition: int32(i % 3), Value: []byte(click),
			Timestamp: time.UnixMilli(limit + outOfOrderness + off)}, nil)
		time.Sleep(time.Duration(random.IntN(16)) * time.Millisecond)
	}
	require.NoError(t, producer.Flush(t.Context()))
	run.untilRead(t, schedules)
	require.NoError(t, run.stop(t))

	got := inWarehouse(t, f)
	assert.Equal(t, got, inLake(t, f))
	seen := map[string]int{}
	for _, r := range got.Conversions {
		assert.Equal(t, starts[r.Promotion], int64(r.WindowStart), r.Promotion)
		assert.EqualValues(t, 1, r.Clicks)
		assert.EqualValues(t, 1, r.LateClicks)
		seen[r.Promotion]++
	}
	for _, r := range got.Rejects {
		assert.Equal(t, "too_late", r.Outcome)
		for promotion := range starts {
			if assert.NotNil(t, r.Payload) && containsText(r.Payload, promotion) {
				seen[promotion]++
			}
		}
	}
	for promotion := range starts {
		assert.Equal(t, 1, seen[promotion], promotion)
	}
	t.Logf("%d counted, %d too late", len(got.Conversions), len(got.Rejects))
	assert.Greater(t, len(got.Conversions), schedules/20)
	assert.Greater(t, len(got.Rejects), schedules/20)
}

func containsText(payload table.Bytes, text string) bool {
	return bytes.Contains(payload, []byte(text))
}
