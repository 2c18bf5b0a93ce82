package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// union is what the files of a pattern hold, in the order of their names.
func union(t *testing.T, pattern string) string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	require.NoError(t, err)
	var all strings.Builder
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		all.Write(data)
	}
	return all.String()
}

func TestPublishedFilesHoldWhatIsWrittenOtherwise(t *testing.T) {
	in, out := t.TempDir(), t.TempDir()
	faults := []string{"--start", "2026-01-01", "--late", "0.1", "--duplicates", "0.1", "--malformed", "0.1"}
	status, stdout, stderr := runWith(append(faults, "--rate", "max", "--duration", "50s", "--density", "100",
		"--clicks", "watch:"+in+"/clicks-*", "--orders", "watch:"+in+"/orders-*")...)
	assert.Zero(t, status)
	assert.Empty(t, stderr)
	assert.Equal(t, "folder:"+in+": 5000 clicks (500 late) + 500 duplicates + 500 malformed, 0.8 MB\n"+
		"folder:"+in+": 500 orders (50 late) + 50 duplicates + 50 malformed, 0.1 MB\n", stdout)

	status, _, _ = runWith(append(faults, "--clicks", "5000", "--orders", "500", "--span", "50s", "--out", out)...)
	assert.Zero(t, status)
	for _, stream := range []string{"clicks", "orders"} {
		assert.Equal(t, union(t, filepath.Join(out, stream+".jsonl")), union(t, filepath.Join(in, stream+"-*.jsonl")))
	}
	entries, err := os.ReadDir(in)
	require.NoError(t, err)
	assert.Len(t, entries, 10)
}

func TestSignalEndsPublishingInOrder(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		in := t.TempDir()
		go func() {
			for { // a file tells that the signal is waited for
				if files, _ := filepath.Glob(in + "/clicks-*"); len(files) > 0 {
					syscall.Kill(os.Getpid(), signal)
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
		}()
		status, stdout, stderr := runWith("--clicks", "folder:"+in, "--orders", "folder:"+in, "--rate", "1000",
			"--every", "100ms")
		assert.Zero(t, status)
		assert.Empty(t, stderr)
		lines := strings.Split(stdout, "\n")
		require.Len(t, lines, 3)
		assert.Regexp(t, `^folder:.*: [1-9]\d* clicks \(0 late\) \+ 0 duplicates`, lines[0])
		assert.Regexp(t, `^folder:.*: [1-9]\d* orders \(0 late\) \+ 0 duplicates`, lines[1])
		hidden, err := filepath.Glob(in + "/.*")
		require.NoError(t, err)
		assert.Empty(t, hidden, "a partial file was left")
	}
}

func TestUnreachableDestinationIsOneLine(t *testing.T) {
	start := time.Now()
	status, stdout, stderr := runWith("--clicks", "kafka://127.0.0.1:1/clicks", "--orders",
		"kafka://127.0.0.1:1/orders")
	assert.Equal(t, 1, status)
	assert.Empty(t, stdout)
	assert.Regexp(t, `^generate: kafka://127.0.0.1:1/clicks can't be written to: .*connection refused\n$`, stderr)
	assert.Less(t, time.Since(start), 10*time.Second)
}
