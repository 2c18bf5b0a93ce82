//go:build integration

package scenarios

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adtoorder/io/unbounded/kafka/kafkatest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A disk is full: checkpoints fail, and status says why. When there is room
// again, the job has lost nothing.
func TestFlinkOutlivesAFullDisk(t *testing.T) {
	cluster := startFlink(t, 1, 1)
	disk := filepath.Join(cluster.dir(), "checkpoints")
	out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk).CombinedOutput()
	require.NoError(t, err, "a small disk needs root: %s", out)
	t.Cleanup(func() { exec.Command("umount", "-l", disk).Run() })
	kafka := kafkatest.Start(t, 3, "clicks", "orders")
	kafka.AppendTime(t, "clicks", "orders")
	f := fromKafka(t, kafka.Addr)
	f.AllowedLateness, f.OutOfOrderness = "2m", "2s"
	cluster.submit(f, nil, []string{"--flink_checkpoint_interval=1s"})
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		arrive(t, kafka.Addr, 20_000, 20*time.Second)
	}()
	time.Sleep(5 * time.Second)
	filler := filepath.Join(disk, "filler")
	exec.Command("dd", "if=/dev/zero", "of="+filler, "bs=64k").Run() // until nothing fits
	require.Eventually(t, func() bool { return strings.Contains(cluster.do("status"), "the last checkpoint failed") },
		waitLimit, time.Second)
	status := cluster.do("status")
	t.Log(status)
	assert.Contains(t, status, "No space left on device")
	require.NoError(t, os.Remove(filler))
	<-sent
	want := expectLive(time.Minute, liveRules{lateness: 120_000, outOfOrderness: 2_000}, consumed(t, kafka.Addr))
	untilEqual(t, f, want)
	assert.NotContains(t, cluster.do("status"), "the last checkpoint failed")
	cluster.do("stop")
	assertRows(t, "flink", want, inWarehouse(t, f))
	assertRows(t, "flink", want, inLake(t, f))
}
