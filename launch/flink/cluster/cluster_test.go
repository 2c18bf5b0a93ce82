package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"adtoorder/pipelines/flink"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatIsFetchedIsChecked(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(dir+"/a.jar", []byte("a"), 0o644))
	sum := sha256.Sum256([]byte("a"))
	sums := []byte(hex.EncodeToString(sum[:]) + "  a.jar\n")
	require.NoError(t, verify(dir, sums))
	require.NoError(t, os.WriteFile(dir+"/a.jar", []byte("b"), 0o644))
	assert.ErrorContains(t, verify(dir, sums), "a.jar is not the file that was pinned")
	require.NoError(t, os.Remove(dir+"/a.jar"))
	assert.ErrorContains(t, verify(dir, sums), "a.jar")
	assert.Greater(t, strings.Count(string(jars), "  "), 100, "every jar is pinned")
}

func TestOnlyOurProcessIsAlive(t *testing.T) {
	dir := t.TempDir()
	p := Process{dir, "taskmanager-1"}
	_, alive := p.PID()
	assert.False(t, alive, "none was started")
	other := exec.Command("sleep", "60")
	require.NoError(t, other.Start())
	defer func() { other.Process.Kill(); other.Wait() }()
	require.NoError(t, os.WriteFile(p.file(), []byte(strconv.Itoa(other.Process.Pid)), 0o644))
	_, alive = p.PID()
	assert.False(t, alive, "the system gave its id to another")
	require.NoError(t, p.stop())
	assert.Nil(t, other.ProcessState, "which goes on")
	assert.NoFileExists(t, p.file())

	ours := exec.Command("sh", "-c", "sleep 60; true", p.mark(), "x")
	require.NoError(t, ours.Start())
	ended := make(chan error, 1)
	go func() { ended <- ours.Wait() }()
	require.NoError(t, os.WriteFile(p.file(), []byte(strconv.Itoa(ours.Process.Pid)), 0o644))
	pid, alive := p.PID()
	assert.True(t, alive)
	assert.Equal(t, ours.Process.Pid, pid)
	require.NoError(t, p.stop())
	assert.Error(t, <-ended)
}

func TestAPortThatIsTakenIsToldBeforeAnythingStarts(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	o := Options{Endpoint: "localhost:1", WebPort: l.Addr().(*net.TCPAddr).Port, TaskManagers: 1, Slots: 1}
	assert.ErrorContains(t, o.resolve(flink.Cluster{Dir: t.TempDir()}), "somebody listens there already")
}

// A cluster keeps its size and its ports: its parts find one another by them.
func TestUpKeepsWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	was := flink.Cluster{Dir: dir, Web: "http://localhost:1234", TaskManagers: 2, Slots: 3, RPCPort: 4321}
	unsaid := Options{WebPort: Unsaid}
	o := unsaid
	require.NoError(t, o.resolve(was), "nothing of it runs")
	assert.Equal(t, []int{2, 3, 1234}, []int{o.TaskManagers, o.Slots, o.WebPort})

	part := exec.Command("sh", "-c", "sleep 60; true", Process{dir, "taskmanager-1"}.mark(), "x")
	require.NoError(t, part.Start())
	defer func() { part.Process.Kill(); part.Wait() }()
	require.NoError(t, os.WriteFile(Process{dir, "taskmanager-1"}.file(), []byte(strconv.Itoa(part.Process.Pid)),
		0o644))
	for _, same := range []Options{unsaid, {}, {WebPort: 1234, Slots: 3, TaskManagers: 2}} {
		require.NoError(t, same.resolve(was))
		assert.Equal(t, Options{WebPort: 1234, TaskManagers: 2, Slots: 3, rpcPort: 4321}, same)
	}
	more := Options{TaskManagers: 5}
	require.NoError(t, more.resolve(was))
	assert.Equal(t, 5, more.TaskManagers, "it can grow")
	for want, other := range map[string]Options{
		"--slots=2: the cluster that runs has 3 on each TaskManager; to change that: go run " +
			"./launch/flink down, then up": {Slots: 2},
		"--web_port=8081: the cluster that runs has its page at 1234":       {WebPort: 8081},
		"--task_managers=1: the cluster that runs has 2, and can only grow": {TaskManagers: 1},
	} {
		t.Run(want, func(t *testing.T) {
			assert.ErrorContains(t, other.resolve(was), want)
		})
	}
}

func TestConfigurationKeepsToThisMachine(t *testing.T) {
	dir := t.TempDir()
	o := Options{WebPort: 1234, TaskManagers: 2, Slots: 3, rpcPort: 4321}
	require.NoError(t, o.configure(dir))
	text, err := os.ReadFile(dir + "/conf/flink-conf.yaml")
	require.NoError(t, err)
	for _, line := range []string{"rest.port: 1234", "rest.bind-address: 127.0.0.1", "taskmanager.bind-host: 127.0.0.1",
		"jobmanager.bind-host: 127.0.0.1",
		"jobmanager.rpc.port: 4321", "taskmanager.numberOfTaskSlots: 3", "parallelism.default: " +
			"6", "state.checkpoints.dir: file://" + dir + "/checkpoints"} {
		assert.Contains(t, string(text), line+"\n")
	}
}

func TestRunsHere(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, RunsHere(self))
	script := t.TempDir() + "/script"
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\n"), 0o755))
	assert.ErrorContains(t, RunsHere(script), "is no Linux program")
}
