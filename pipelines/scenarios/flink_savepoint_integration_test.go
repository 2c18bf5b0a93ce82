//go:build integration

package engine

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"adtoorder/io/unbounded/kafka/kafkatest"
	"adtoorder/io/warehouse"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
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

// loseJobManager kills the JobManager, has up bring it back without its job, and
// returns the job's last checkpoint.
func (c flinkCluster) loseJobManager() (checkpoint string) {
	c.t.Helper()
	for pid, args := range processesOf(c.dir()) {
		if strings.Contains(args, "/jobmanager ") {
			require.NoError(c.t, syscall.Kill(pid, syscall.SIGKILL))
		}
	}
	c.do("up")
	require.NotContains(c.t, c.do("status"), "\njob ")
	whole, err := filepath.Glob(filepath.Join(c.dir(), "checkpoints", "*", "chk-*", "_metadata"))
	require.NoError(c.t, err)
	require.NotEmpty(c.t, whole)
	return filepath.Dir(slices.MaxFunc(whole, func(a, b string) int { return cmp.Compare(changed(c.t, a), changed(c.t, b)) }))
}

// changed is when a file was changed, in nanoseconds since the Unix epoch.
func changed(t *testing.T, file string) int64 {
	t.Helper()
	info, err := os.Stat(file)
	require.NoError(t, err)
	return info.ModTime().UnixNano()
}

// Freshness as on Prism; and a record that is late, within the lateness,
// corrects its row within seconds.
func TestFlinkIsFresh(t *testing.T) {
	cluster := startFlink(t, 1, 2)
	kafka := kafkatest.Start(t, 3, "clicks", "orders")
	f := fromKafka(t, kafka.Addr)
	f.AllowedLateness, f.Window, f.OutOfOrderness = "1m", "5s", "1s"
	cluster.submit(f, nil, nil)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	sent := steady(ctx, t, kafka.Addr, 10_000, 40, true)
	lags := watchRows(t, f, *freshness+20*time.Second, time.Second)
	corrected := correct(t, kafka.Addr, f)
	stop()
	<-sent
	at := quantiles(lags)
	t.Logf("%d rows: p50 %v, p99 %v, max %v; a late record corrected its row after %v", len(lags), at(0.5), at(0.99), at(1), corrected)
	t.Log(cluster.do("status"))
	limit := 8 * time.Second // whatever else the machine does
	if *freshness >= time.Minute {
		limit = 3 * time.Second
		assert.LessOrEqual(t, corrected, 5*time.Second)
	}
	assert.LessOrEqual(t, at(0.99), limit)
	cluster.do("stop")
}

// correct sends a click that is late, and returns how long its row takes.
func correct(t *testing.T, addr string, f Flags) time.Duration {
	t.Helper()
	producer, err := kgo.NewClient(kgo.SeedBrokers(addr))
	require.NoError(t, err)
	defer producer.Close()
	event := time.Now().UTC().Add(-20 * time.Second).Truncate(5 * time.Second)
	click := fmt.Sprintf(`{"EventId":"late","Event":"P601","EventType":"Promotion","Timestamp":"%s"}`, event.Format(time.RFC3339))
	require.NoError(t, producer.ProduceSync(t.Context(), &kgo.Record{Topic: "clicks", Value: []byte(click)}).FirstErr())
	w := warehouse.SQLite{Path: strings.TrimPrefix(f.Warehouse, "sqlite:")}
	for began := time.Now(); time.Since(began) < 30*time.Second; time.Sleep(50 * time.Millisecond) {
		rows, err := warehouse.Select[ConversionRow](t.Context(), w, conversionsTable, "window_start = ? AND promotion = 'P601' AND late_clicks = 1", event.Format(time.RFC3339))
		require.NoError(t, err)
		if len(rows) == 1 {
			return time.Since(began)
		}
	}
	t.Error("the late click is not in its row after 30 s")
	return 0
}

// What a user gets wrong, and what a cluster suffers, is told in one line.
func TestFlinkTellsWhatIsWrong(t *testing.T) {
	cluster := startFlink(t, 1, 1)
	f := place(t, Flink)
	out, err := loopback(t, "localhost:1", f)
	require.Error(t, err)
	assert.Contains(t, out, "--endpoint=localhost:1: no Beam job server answers there")
	assert.Equal(t, 1, strings.Count(out, "\n"), out)
	assert.NoDirExists(t, f.Lake)

	dir := t.TempDir()
	script := filepath.Join(dir, "script")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\n"), 0o755))
	_, err = cluster.try("submit", "--", "--worker_binary="+script)
	assert.ErrorContains(t, err, "is no Linux program")
	foreign := filepath.Join(dir, "foreign")
	self, err := os.ReadFile(os.Args[0])
	require.NoError(t, err)
	self = self[:4096]
	self[18], self[19] = 0xf7, 0 // a processor that the test does not run on
	require.NoError(t, os.WriteFile(foreign, self, 0o755))
	_, err = cluster.try("submit", "--", "--worker_binary="+foreign)
	assert.ErrorContains(t, err, "--worker_binary="+foreign+": ")

	kafka := kafkatest.Start(t, 1, "clicks", "orders")
	live := fromKafka(t, kafka.Addr)
	cluster.submit(live, nil, nil)
	_, err = cluster.try("submit", append([]string{"--"}, live.args()...)...)
	assert.ErrorContains(t, err, "the cluster has 0 free slots of 1, and the job needs 1")

	elsewhere := exec.Command("go", "run", "adtoorder/pipelines/conversions", "--runner=flink", "--endpoint=elsewhere:8099", "--environment_type=DOCKER")
	elsewhere.Dir = "../.."
	text, err := elsewhere.CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(text), "is a file of this machine, and workers run elsewhere")
}

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
	require.Eventually(t, func() bool { return strings.Contains(cluster.do("status"), "the last checkpoint failed") }, 30*time.Second, time.Second)
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

// A run whose own process is the worker cancels its job when it is told to end,
// and the next run goes on by itself.
func TestFlinkEndsWithItsProcess(t *testing.T) {
	cluster := startFlink(t, 1, 1)
	f := place(t, Flink)
	dir := t.TempDir()
	f.Clicks, f.Orders = []string{"watch:" + dir + "/clicks-*"}, []string{"watch:" + dir + "/orders-*"}
	f.AllowedLateness = "2m"
	for i := range 2 {
		click := fmt.Sprintf(`{"EventId":"E%d","Event":"P1","EventType":"Promotion","Timestamp":"%s"}`, i, time.Now().UTC().Format(time.RFC3339))
		require.NoError(t, os.WriteFile(fmt.Sprintf("%s/clicks-%d", dir, i), []byte(click+"\n"), 0o644))
		run := asLoopback(t, cluster.endpoint, f, "--flink_checkpoint_interval="+[]string{"10s", "0"}[i])
		var out bytes.Buffer
		run.Stdout, run.Stderr = &out, &out
		require.NoError(t, run.Start())
		counted := func() (n int64) {
			for _, r := range inWarehouse(t, f).Conversions {
				n += r.Clicks
			}
			return n
		}
		assert.Eventually(t, func() bool {
			_, err := os.Stat(strings.TrimPrefix(f.Warehouse, "sqlite:"))
			return err == nil && counted() == int64(i+1)
		}, 40*time.Second, 200*time.Millisecond)
		require.NoError(t, run.Process.Signal(syscall.SIGTERM))
		require.NoError(t, run.Wait(), out.String())
		assert.Contains(t, out.String(), "Ledger (records):")
	}
	assert.Equal(t, 2, strings.Count(cluster.do("status"), "CANCELED"))
}
