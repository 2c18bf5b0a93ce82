//go:build integration

package scenarios

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"adtoorder/pipelines/engine"

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
		if !assert.Eventually(t, func() bool { return len(processesOf(dir)) == 0 }, waitLimit, 200*time.Millisecond,
			"down leaves nothing running") {
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
	run := exec.CommandContext(context.Background(), program,
		append([]string{command, "--endpoint=" + c.endpoint}, args...)...)
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
func (c flinkCluster) submit(f engine.Flags, options, more []string) string {
	c.t.Helper()
	return c.do("submit", append(append(options, "--"), append(args(f), more...)...)...)
}

// args are the flags as they are written.
func args(f engine.Flags) []string {
	args := []string{"--lake=" + f.Lake, "--lake_format=" + f.LakeFormat, "--warehouse=" + f.Warehouse,
		"--window=" + f.Window,
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

// loopback runs the engine's own program, whose process is the worker.
func loopback(t *testing.T, endpoint string, f engine.Flags) (out string, err error) {
	t.Helper()
	text, err := asLoopback(t, endpoint, f).CombinedOutput()
	return string(text), err
}

// asLoopback prepares such a run.
func asLoopback(t *testing.T, endpoint string, f engine.Flags, more ...string) *exec.Cmd {
	t.Helper()
	program, err := conversionsProgram()
	require.NoError(t, err)
	run := exec.Command(program, append([]string{"--runner=flink", "--endpoint=" + endpoint},
		append(args(f), more...)...)...)
	run.Dir = "../.."
	return run
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
	return filepath.Dir(slices.MaxFunc(whole, func(a, b string) int {
		return cmp.Compare(changed(c.t, a),
			changed(c.t, b))
	}))
}

// changed is when a file was changed, in nanoseconds since the Unix epoch.
func changed(t *testing.T, file string) int64 {
	t.Helper()
	info, err := os.Stat(file)
	require.NoError(t, err)
	return info.ModTime().UnixNano()
}
