package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"adtoorder/launch/flink/cluster"
	"adtoorder/pipelines/flink"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// running describes a cluster whose Flink has a job, which can be stopped with a
// savepoint at a path.
func running(t *testing.T, savepoint string) (c flink.Cluster) {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	mux := http.NewServeMux()
	answer := func(pattern, text string) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) })
	}
	answer("GET /jobs/overview", `{"jobs":[{"jid":"abc","name":"mine","state":"RUNNING"}]}`)
	answer("POST /jobs/abc/stop", `{"request-id":"1"}`)
	answer("GET /jobs/abc/savepoints/1", `{"status":{"id":"COMPLETED"},"operation":{"location":"file:`+savepoint+`"}}`)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	dir, err := flink.ClusterDir(flink.DefaultEndpoint)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(dir, 0o755))
	c = flink.Cluster{Endpoint: flink.DefaultEndpoint, Web: server.URL, Dir: dir}
	require.NoError(t, c.Save())
	return c
}

// tells runs the program on the cluster that is described.
func tells(t *testing.T, args ...string) (status int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = run(t.Context(), args, &stdout, &stderr)
	return status, stdout.String(), stderr.String()
}

// A job that ends with its savepoint says where that is, whoever submitted it.
func TestStopPrintsThePathOfAnyJob(t *testing.T) {
	path := t.TempDir()
	running(t, path)
	status, out, errs := tells(t, "stop")
	assert.Zero(t, status, errs)
	assert.Equal(t, path+"\n", out)
	assert.Contains(t, errs, "restore it with them behind --")
	assert.Equal(t, 1, strings.Count(errs, "\n"), errs)
}

func TestASavepointKeepsWhatTheJobRanWith(t *testing.T) {
	path := t.TempDir()
	c := running(t, path)
	want := submission{"/a folder", []string{"--clicks=a b", `--lake="x"`}}
	require.NoError(t, want.write(filepath.Join(c.Dir, "jobs", "mine", submissionFile)))
	status, out, errs := tells(t, "stop")
	assert.Zero(t, status)
	assert.Equal(t, path+"\n", out)
	assert.Empty(t, errs)
	got, err := findSubmission(c, path)
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

// A checkpoint's path names its job, whose flags outlive the cluster.
func TestACheckpointsFlagsAreFoundByItsJob(t *testing.T) {
	c := running(t, "")
	want := submission{"/a folder", []string{"--clicks=x"}}
	j := job{cluster: c, submission: want}
	require.NoError(t, j.remember("0a1b"))
	require.NoError(t, os.MkdirAll(filepath.Join(c.Dir, "jobs"), 0o755))
	require.NoError(t, cluster.Down(c))
	for _, path := range []string{c.Dir + "/checkpoints/0a1b/chk-7", c.Dir + "/checkpoints/0a1b/chk-7/",
		"s3://bucket/0a1b/chk-7"} {
		t.Run(strings.TrimPrefix(path, c.Dir), func(t *testing.T) {
			got, err := findSubmission(c, path)
			require.NoError(t, err)
			assert.Equal(t, want, got)
		})
	}
	_, err := findSubmission(c, c.Dir+"/checkpoints/other/chk-7")
	assert.ErrorContains(t, err, "reading the flags that the job ran with")
}

func TestRestoreWithoutKeptFlagsNeedsThem(t *testing.T) {
	running(t, "")
	checkpoint := filepath.Join(t.TempDir(), "0a1b", "chk-7")
	require.NoError(t, os.MkdirAll(checkpoint, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(checkpoint, "_metadata"), nil, 0o644))
	status, _, errs := tells(t, "restore", checkpoint)
	assert.Equal(t, 1, status)
	assert.Contains(t, errs, "give all of them: go run ./launch/flink restore SAVEPOINT -- FLAGS")
}

// A short log is shown whole, and so is what a process printed.
func TestLogsShowEveryLine(t *testing.T) {
	c := running(t, "")
	require.NoError(t, os.MkdirAll(filepath.Join(c.Dir, "log"), 0o755))
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(c.Dir, name), []byte(text), 0o644))
	}
	write("jobmanager.pid", "1\n")
	write("taskmanager-1.pid", "1\n")
	write("log/jobmanager.log", "one\ntwo\n")
	write("log/jobmanager.out", "no memory\n")
	write("log/taskmanager-1.log", strings.Repeat("line\n", tail/5)+"half of it\nlast\n")
	status, out, errs := tells(t, "logs")
	assert.Zero(t, status, errs)
	log := filepath.Join(c.Dir, "log")
	assert.True(t, strings.HasPrefix(out,
		"==> "+log+"/jobmanager.log\none\ntwo\n==> "+log+"/jobmanager.out\nno memory\n==> "+
			""+log+"/taskmanager-1.log\nline\n"), out)
	assert.True(t, strings.HasSuffix(out, "line\nhalf of it\nlast\n"))
}

// Without ps nothing can be told of processes: then none counts as dead, and the
// cluster is not forgotten.
func TestWithoutPsNothingIsForgotten(t *testing.T) {
	c := running(t, "")
	t.Setenv("PATH", t.TempDir())
	for _, command := range []string{"down", "status"} {
		t.Run(command, func(t *testing.T) {
			status, _, errs := tells(t, command)
			assert.Equal(t, 1, status)
			assert.Contains(t, errs, "ps is missing; install it: apt-get install -y procps")
		})
	}
	_, found, err := flink.Find(c.Endpoint)
	require.NoError(t, err)
	assert.True(t, found)
}
