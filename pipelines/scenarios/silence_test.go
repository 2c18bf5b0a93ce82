package scenarios

import (
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

var silence = flag.Duration("silence", 6*time.Second, "how long partitions are silent in "+
	"TestASilentPartitionDoesNotStallTheRest; from a minute on no watermark may ever be seconds behind")

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
		click := fmt.Sprintf(`{"Event":"P%d","EventType":"Promotion","Timestamp":"%s"}`, partition,
			time.Now().UTC().Format(time.RFC3339Nano))
		require.NoError(t, producer.ProduceSync(t.Context(),
			&kgo.Record{Topic: "clicks", Partition: partition, Value: []byte(click)}).FirstErr())
		sent++
	}
	require.Eventually(t, func() bool { return len(behind(t, f)) == 6 }, waitLimit, 100*time.Millisecond,
		"all partitions of both topics are read")
	goesOn := func() bool { return slices.Max(behind(t, f)) < 5*time.Second }
	for begin := time.Now(); time.Since(begin) < *silence; time.Sleep(100 * time.Millisecond) {
		send(0)
		if *silence >= time.Minute && time.Since(begin) > *silence/2 {
			assert.True(t, goesOn(), "%v behind the clock", behind(t, f))
		}
	}
	assert.Eventually(t, func() bool { send(0); return goesOn() }, waitLimit, 100*time.Millisecond,
		"the watermarks of silent partitions go on with the clock")
	for range 10 {
		send(1)
	}
	run.untilRead(t, sent)
	require.NoError(t, run.stop(t))
	assert.Equal(t, sent, countedClicks(t, f))
}
