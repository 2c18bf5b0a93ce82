package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"adtoorder/pipelines/flink"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ran runs the program where no cluster is up.
func ran(t *testing.T, args ...string) (status int, out, errs string) {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	var stdout, stderr bytes.Buffer
	status = run(t.Context(), args, &stdout, &stderr)
	return status, stdout.String(), stderr.String()
}

func TestWhatIsWrongIsOneLine(t *testing.T) {
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"fly"}, 2, `flink: "fly" is not a command; must be one of up, down, status, logs, submit, savepoint, stop, restore; see --help`},
		{[]string{"stats"}, 2, `flink: "stats" is not a command; did you mean status?`},
		{[]string{"--wait", "submit"}, 2, "flink: a command must stand in front of --wait: up, down, status"},
		{[]string{"up", "--slot=2"}, 2, "--slot is not a flag; did you mean --slots?"},
		{[]string{"up", "--task_managers=0"}, 2, "--task_managers=0: must be 1 or more"},
		{[]string{"up", "--parallelism=-1"}, 2, "--parallelism=-1: must be 0 or more"},
		{[]string{"up", "--slots=0"}, 2, "--slots=0: must be 1 or more"},
		{[]string{"up", "--wings=2"}, 2, "--wings is not a flag; see --help"},
		{[]string{"submit", "--clicks=x"}, 2, "--clicks is not a flag; see --help"},
		{[]string{"submit", "x"}, 2, "the flags of pipelines/conversions stand behind --"},
		{[]string{"status", "now"}, 2, `"now" is not a flag, and status takes flags only; see --help`},
		{[]string{"up", "down"}, 2, `"down" is not a flag, and up takes flags only`},
		{[]string{"logs", "--", "--clicks=x"}, 2, `"--clicks=x" stands behind --, where logs takes nothing`},
		{[]string{"stop", "a", "b"}, 2, `"b" is too much for stop`},
		{[]string{"submit", "--", "--clicks=x", "--parallelism=2"}, 2,
			"--parallelism behind -- has no effect: give --parallelism in front of --"},
		{[]string{"submit", "--", "-runner", "prism"}, 2, "--runner behind -- has no effect: "},
		{[]string{"submit", "--", "--async"}, 2, "--async behind -- has no effect: "},
		{[]string{"restore", "/none", "--", "--endpoint=x:1"}, 2, "--endpoint behind -- has no effect: "},
		{[]string{"restore", "/none", "--", "--flink_savepoint=x"}, 2, "--flink_savepoint behind -- has no effect: "},
		{[]string{"restore"}, 2, "restore needs the SAVEPOINT that stop or savepoint has printed"},
		{[]string{"restore", "/none"}, 1, "/none: is no whole savepoint or checkpoint"},
		{[]string{"up", "--endpoint=here"}, 1, "--endpoint=here: must be HOST:PORT"},
		{[]string{"status"}, 1, "no cluster of ours is up at --endpoint=localhost:8099; start " +
			"one: go run ./launch/flink up"},
		{[]string{"stop", "--endpoint=localhost:1"}, 1, "no cluster of ours is up at --endpoint=localhost:1"},
		{[]string{"submit", "--", "--clicks=x"}, 1, "no cluster of ours is up"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			status, out, errs := ran(t, c.args...)
			assert.Equal(t, c.status, status)
			assert.Contains(t, errs, c.want)
			assert.Equal(t, 1, strings.Count(errs, "\n"), errs)
			assert.Empty(t, out)
		})
	}
}

func TestDownWithoutAClusterIsFine(t *testing.T) {
	status, out, _ := ran(t, "down")
	assert.Zero(t, status)
	assert.Equal(t, "No cluster is up.\n", out)
}

func TestHelpNamesEveryCommand(t *testing.T) {
	for _, args := range [][]string{nil, {"--help"}, {"help"}, {"submit", "--help"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			status, out, errs := ran(t, args...)
			assert.Zero(t, status)
			assert.Empty(t, errs)
			for _, c := range []string{"up", "down", "status", "logs", "submit", "savepoint", "stop", "restore"} {
				assert.Contains(t, out, "\n  "+c)
			}
		})
	}
}

func TestValueOfAFlag(t *testing.T) {
	flags := []string{"--lake=a", "-worker_binary", "b", "--lake", "c"}
	assert.Equal(t, "b", valueOf(flags, "worker_binary"))
	assert.Equal(t, "c", valueOf(flags, "lake"), "the last one counts")
	assert.Empty(t, valueOf(flags, "window"))
}

// What latest means is fixed when a job is submitted: restored, it leaves out
// nothing that came in the pause.
func TestStartLatestIsATime(t *testing.T) {
	now := time.Date(2026, 11, 1, 1, 0, 0, 123_000_000, time.FixedZone("", 3600))
	const at = "2026-11-01T00:00:00.123Z"
	for _, c := range []struct{ given, want []string }{
		{[]string{"--start=latest", "--lake=latest"}, []string{"--start=" + at, "--lake=latest"}},
		{[]string{"-start", "latest"}, []string{"-start", at}},
		{[]string{"--start=earliest"}, []string{"--start=earliest"}},
		{[]string{"--lake", "start=latest"}, []string{"--lake", "start=latest"}},
	} {
		t.Run(strings.Join(c.given, " "), func(t *testing.T) {
			assert.Equal(t, c.want, fixStart(c.given, now))
		})
	}
}

// Boot starts in a folder of its own, where it writes, and passes on which folder
// the flags mean; the copy of the former worker goes.
func TestBootIsStartedInAFolderOfItsOwn(t *testing.T) {
	cluster, work := t.TempDir(), t.TempDir()
	j := job{cluster: flink.Cluster{Dir: cluster}, name: "a job", dir: filepath.Join(cluster, "jobs", "it's"),
		submission: submission{Folder: "/it's here"}}
	require.NoError(t, j.prepareDir())
	boot := "#!/bin/sh\npwd\necho \"$TMPDIR\"\necho \"$" + flink.FolderVariable + "\"\necho \"$@\"\n"
	require.NoError(t, os.WriteFile(filepath.Join(j.dir, "boot"), []byte(boot), 0o755))
	former := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(work, j.name), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(work, j.name, flink.CopyFile), []byte(former), 0o644))

	start := exec.Command(filepath.Join(j.dir, "start"), "--id=1-1")
	start.Dir = work
	out, err := start.CombinedOutput()
	require.NoError(t, err, "%s", out)
	own := filepath.Join(work, j.name)
	assert.Equal(t, own+"\n"+own+"\n/it's here\n--id=1-1 --semi_persist_dir="+own+"\n", string(out))
	assert.NoDirExists(t, former)
	pid, err := os.ReadFile(filepath.Join(own, flink.PIDFile))
	require.NoError(t, err)
	assert.Equal(t, fmt.Sprintln(start.Process.Pid), string(pid), "boot's own, since the script becomes it")
}

// Boot of a TaskManager that was killed is ended by the next start in its folder;
// a process of another's is not.
func TestAStartEndsTheBootThatADeadTaskManagerLeft(t *testing.T) {
	cluster, work := t.TempDir(), t.TempDir()
	j := job{cluster: flink.Cluster{Dir: cluster}, name: "job", dir: filepath.Join(cluster, "jobs", "job")}
	require.NoError(t, j.prepareDir())
	require.NoError(t, os.WriteFile(filepath.Join(j.dir, "boot"), []byte("#!/bin/sh\n"), 0o755))
	own := filepath.Join(work, j.name)
	require.NoError(t, os.MkdirAll(own, 0o755))
	for folder, ends := range map[string]bool{own: true, "/another": false} {
		orphan, err := exec.Command("sh", "-c",
			"sh -c 'sleep 60; true' boot --semi_persist_dir="+folder+" >/dev/null 2>&1 & echo $!").Output()
		require.NoError(t, err)
		pid, err := strconv.Atoi(strings.TrimSpace(string(orphan)))
		require.NoError(t, err)
		t.Cleanup(func() { syscall.Kill(pid, syscall.SIGKILL) })
		require.NoError(t, os.WriteFile(filepath.Join(own, flink.PIDFile), orphan, 0o644))
		start := exec.Command(filepath.Join(j.dir, "start"))
		start.Dir = work
		out, err := start.CombinedOutput()
		require.NoError(t, err, "%s", out)
		state, _ := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
		gone := len(state) == 0 || strings.HasPrefix(string(state), "Z")
		assert.Equal(t, ends, gone, folder)
	}
}
