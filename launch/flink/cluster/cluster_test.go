package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAFolderIsFilledOnceAndNeverHalf(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "have", "it")
	broken := errors.New("the line is cut")
	_, err := once(dir, func(partial string) error {
		require.NoError(t, os.WriteFile(partial+"/half", nil, 0o644))
		return broken
	})
	assert.ErrorIs(t, err, broken)
	left, err := filepath.Glob(filepath.Dir(dir) + "/*")
	require.NoError(t, err)
	assert.Empty(t, left)

	for range 2 {
		filled := 0
		got, err := once(dir, func(partial string) error { filled++; return os.WriteFile(partial+"/whole", nil, 0o644) })
		require.NoError(t, err)
		assert.Equal(t, dir, got)
		assert.FileExists(t, dir+"/whole")
		assert.LessOrEqual(t, filled, 1)
	}
}

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
	p := process{dir, "taskmanager-1"}
	_, alive := p.pid()
	assert.False(t, alive, "none was started")
	other := exec.Command("sleep", "60")
	require.NoError(t, other.Start())
	defer func() { other.Process.Kill(); other.Wait() }()
	require.NoError(t, os.WriteFile(p.file(), []byte(strconv.Itoa(other.Process.Pid)), 0o644))
	_, alive = p.pid()
	assert.False(t, alive, "the system gave its id to another")
	require.NoError(t, p.stop())
	assert.Nil(t, other.ProcessState, "which goes on")
	assert.NoFileExists(t, p.file())

	ours := exec.Command("sh", "-c", "sleep 60; true", p.mark(), "x")
	require.NoError(t, ours.Start())
	ended := make(chan error, 1)
	go func() { ended <- ours.Wait() }()
	require.NoError(t, os.WriteFile(p.file(), []byte(strconv.Itoa(ours.Process.Pid)), 0o644))
	pid, alive := p.pid()
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
	assert.ErrorContains(t, o.settle(t.TempDir()), "somebody listens there already")
}

func TestConfigurationKeepsToThisMachine(t *testing.T) {
	dir := t.TempDir()
	o := Options{WebPort: 1234, TaskManagers: 2, Slots: 3, rpcPort: 4321}
	require.NoError(t, o.configure(dir))
	text, err := os.ReadFile(dir + "/conf/flink-conf.yaml")
	require.NoError(t, err)
	for _, line := range []string{"rest.port: 1234", "rest.bind-address: 127.0.0.1", "taskmanager.bind-host: 127.0.0.1", "jobmanager.bind-host: 127.0.0.1",
		"jobmanager.rpc.port: 4321", "taskmanager.numberOfTaskSlots: 3", "parallelism.default: 6", "state.checkpoints.dir: file://" + dir + "/checkpoints"} {
		assert.Contains(t, string(text), line+"\n")
	}
}

func TestFlinksErrorsAreOneLine(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		w.Write([]byte(`{"errors":["Not found.","org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink job\n\tat a.B(B.java:1)"]}`))
	}))
	defer server.Close()
	_, err := REST(server.URL).Checkpoints(t.Context(), "x")
	assert.EqualError(t, err, "asking Flink for /jobs/x/checkpoints: 404 Not Found: Could not find Flink job")
}

func TestRunsHere(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, RunsHere(self))
	script := t.TempDir() + "/script"
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\n"), 0o755))
	assert.ErrorContains(t, RunsHere(script), "is no Linux program")
}
