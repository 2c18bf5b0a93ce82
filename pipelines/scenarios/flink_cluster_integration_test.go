//go:build integration

package engine

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"adtoorder/pipelines/generate/traffic"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// flinkCluster is a real cluster of a test's own, started and used by the
// program that users have.
type flinkCluster struct {
	t        *testing.T
	endpoint string
	size     []string // flags of up
}

var (
	flinkProgram       = sync.OnceValues(func() (string, error) { return built("launch/flink") })
	conversionsProgram = sync.OnceValues(func() (string, error) { return built("pipelines/conversions") })
)

// built builds one of our programs.
func built(program string) (path string, err error) {
	dir, err := os.MkdirTemp("", "program-")
	if err != nil {
		return "", err
	}
	if out, err := exec.Command("go", "build", "-o", dir, "adtoorder/"+program).CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w: %s", program, err, out)
	}
	return filepath.Join(dir, filepath.Base(program)), nil
}

// startFlink starts a cluster, which ends with the test.
func startFlink(t *testing.T, taskManagers, slots int) flinkCluster {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	c := flinkCluster{t, fmt.Sprintf("localhost:%d", l.Addr().(*net.TCPAddr).Port),
		[]string{"--web_port=0", fmt.Sprint("--task_managers=", taskManagers), fmt.Sprint("--slots=", slots)}}
	require.NoError(t, l.Close())
	c.up()
	t.Cleanup(func() {
		dir := c.dir()
		if t.Failed() {
			t.Log(c.do("status"))
		}
		c.do("down")
		if !assert.Eventually(t, func() bool { return len(processesOf(dir)) == 0 }, 20*time.Second, 200*time.Millisecond, "down leaves nothing running") {
			t.Log(processesOf(dir))
		}
		if !t.Failed() {
			os.RemoveAll(dir)
		}
	})
	return c
}

// up brings the cluster to its size.
func (c flinkCluster) up() { c.do("up", c.size...) }

// try runs a command of the program.
func (c flinkCluster) try(command string, args ...string) (out string, err error) {
	program, err := flinkProgram()
	require.NoError(c.t, err)
	run := exec.CommandContext(context.Background(), program, append([]string{command, "--endpoint=" + c.endpoint}, args...)...)
	var stdout, stderr bytes.Buffer
	run.Stdout, run.Stderr = &stdout, &stderr
	if err := run.Run(); err != nil {
		return stdout.String(), fmt.Errorf("%w: %s", err, stderr.String())
	}
	return stdout.String(), nil
}

// do runs a command that has to succeed.
func (c flinkCluster) do(command string, args ...string) string {
	c.t.Helper()
	out, err := c.try(command, args...)
	require.NoError(c.t, err, "flink %s %v", command, args)
	return out
}

// submit gives a run to the cluster.
func (c flinkCluster) submit(f Flags, options, more []string) string {
	c.t.Helper()
	return c.do("submit", append(append(options, "--"), append(f.args(), more...)...)...)
}

// args are the flags as they are written.
func (f Flags) args() []string {
	args := []string{"--lake=" + f.Lake, "--lake_format=" + f.LakeFormat, "--warehouse=" + f.Warehouse, "--window=" + f.Window,
		"--allowed_lateness=" + f.AllowedLateness, "--out_of_orderness=" + f.OutOfOrderness}
	for _, source := range f.Clicks {
		args = append(args, "--clicks="+source)
	}
	for _, source := range f.Orders {
		args = append(args, "--orders="+source)
	}
	return args
}

// dir is the cluster's folder.
func (c flinkCluster) dir() string {
	cache, err := os.UserCacheDir()
	require.NoError(c.t, err)
	return filepath.Join(cache, "adtoorder", "flink", "clusters", strings.ReplaceAll(c.endpoint, ":", "-"))
}

var alive = regexp.MustCompile(`(?m)^(taskmanager-\d+) +process (\d+)`)

// taskManagers are the ids of the TaskManagers' processes.
func (c flinkCluster) taskManagers() (pids []int) {
	for _, found := range alive.FindAllStringSubmatch(c.do("status"), -1) {
		pid, err := strconv.Atoi(found[2])
		require.NoError(c.t, err)
		pids = append(pids, pid)
	}
	return pids
}

// workers are the ids of the Go workers' processes.
func (c flinkCluster) workers() (pids []int) {
	for pid, args := range processesOf(c.dir()) {
		if strings.Contains(args, "--worker=true") {
			pids = append(pids, pid)
		}
	}
	return pids
}

// processesOf returns the processes that name a folder among their arguments.
func processesOf(dir string) map[int]string {
	found := map[int]string{}
	all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range all {
		text, err := os.ReadFile(file)
		if args := strings.ReplaceAll(string(text), "\x00", " "); err == nil && strings.Contains(args, dir+"/") {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			found[pid] = args
		}
	}
	return found
}

// The same input gives the same tables, and the same bytes in files, on every
// runner.
func TestFlinkGivesTheSameBytes(t *testing.T) {
	cluster := startFlink(t, 2, 1)
	o := traffic.Defaults()
	o.Clicks, o.Orders, o.Span, o.Duplicates, o.Malformed, o.Late = 60_000, 6_000, 2*time.Hour, 0.02, 0.01, 0.05
	clicks, orders := generated(t, o)
	want := place(t, "direct")
	want.Clicks, want.Orders = clicks, orders
	_, err := start(t, want)
	require.NoError(t, err)
	check := func(f Flags) {
		t.Helper()
		assert.Equal(t, inWarehouse(t, want), inWarehouse(t, f))
		assert.Equal(t, filesIn(t, want.Lake), filesIn(t, f.Lake))
	}
	prism := place(t, "prism")
	prism.Clicks, prism.Orders = clicks, orders
	_, err = start(t, prism)
	require.NoError(t, err)
	check(prism)
	for _, more := range [][]string{nil, {"--streaming"}, {"--streaming", "--flink_checkpoint_interval=0"}} {
		f := place(t, Flink)
		f.Clicks, f.Orders = clicks, orders
		out := cluster.submit(f, []string{"--wait"}, more)
		assert.Contains(t, out, "Ledger (records):")
		check(f)
	}
	one := startFlink(t, 1, 2)
	f := place(t, Flink)
	f.Clicks, f.Orders = clicks, orders
	out, err := loopback(t, one.endpoint, f)
	require.NoError(t, err, "with its own process as the worker: %s", out)
	check(f)
	out, err = loopback(t, cluster.endpoint, f)
	require.Error(t, err)
	assert.Contains(t, out, "--environment_type=LOOPBACK: serves one TaskManager")
}

// loopback runs the engine's own program, whose process is the worker.
func loopback(t *testing.T, endpoint string, f Flags) (out string, err error) {
	t.Helper()
	text, err := asLoopback(t, endpoint, f).CombinedOutput()
	return string(text), err
}

// asLoopback prepares such a run.
func asLoopback(t *testing.T, endpoint string, f Flags, more ...string) *exec.Cmd {
	t.Helper()
	program, err := conversionsProgram()
	require.NoError(t, err)
	run := exec.Command(program, append([]string{"--runner=flink", "--endpoint=" + endpoint}, append(f.args(), more...)...)...)
	run.Dir = "../.."
	return run
}
