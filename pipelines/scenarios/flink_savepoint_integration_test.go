//go:build integration

package scenarios

import (
	"strings"
	"testing"
	"time"

	"adtoorder/io/unbounded/kafka/kafkatest"
)

// A job is stopped with a savepoint while records come, and goes on from it with
// another parallelism; then its JobManager is lost, and it goes on from its last
// checkpoint: the final tables are the oracle's.
func TestFlinkGoesOnFromASavepoint(t *testing.T) {
	cluster := startFlink(t, 1, 2)
	kafka := kafkatest.Start(t, 3, "clicks", "orders")
	kafka.AppendTime(t, "clicks", "orders")
	f := fromKafka(t, kafka.Addr)
	f.AllowedLateness, f.OutOfOrderness = "2m", "2s"
	cluster.submit(f, []string{"--parallelism=2"}, []string{"--flink_checkpoint_interval=2s"})
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		arrive(t, kafka.Addr, 60_000, 30*time.Second)
	}()
	time.Sleep(10 * time.Second)
	path := strings.TrimSpace(cluster.do("stop"))
	t.Log(cluster.do("restore", "--parallelism=1", path))
	time.Sleep(5 * time.Second)
	t.Log(cluster.do("restore", cluster.loseJobManager()))
	<-sent
	want := expectLive(time.Minute, liveRules{lateness: 120_000, outOfOrderness: 2_000}, consumed(t, kafka.Addr))
	untilEqual(t, f, want)
	cluster.do("savepoint")
	cluster.do("stop")
	assertRows(t, "flink", want, inWarehouse(t, f))
	assertRows(t, "flink", want, inLake(t, f))
}
