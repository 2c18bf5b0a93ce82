//go:build integration

package scenarios

import (
	"flag"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"adtoorder/io/unbounded/kafka/kafkatest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
		for deadline := time.Now().Add(waitLimit); len(pids) == 0 && time.Now().Before(deadline); pids = victims() {
			time.Sleep(200 * time.Millisecond) // the job is about to start again
		}
		if !assert.NotEmpty(t, pids, "kill %d finds nothing to kill", kill) {
			break
		}
		victim := pids[random.IntN(len(pids))]
		require.NoError(t, syscall.Kill(victim, syscall.SIGKILL))
		if kill%4 < 2 { // otherwise up meets it as it dies
			dead := func() bool { return syscall.Kill(victim, 0) != nil }
			assert.Eventually(t, dead, waitLimit, 10*time.Millisecond, "process %d does not end", victim)
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
