package engine

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"adtoorder/pipelines/generate/traffic"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// asProcess prepares a run in a process of its own.
func asProcess(t *testing.T, f Flags) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(f)
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	run := exec.CommandContext(t.Context(), self)
	run.Env = append(os.Environ(), runFlags+"="+string(text))
	run.Stderr = os.Stderr
	return run
}

// generated writes generated traffic.
func generated(t *testing.T, o traffic.Options) (clicks, orders []string) {
	t.Helper()
	dir := t.TempDir()
	g, err := traffic.New(o)
	require.NoError(t, err)
	_, _, err = g.WriteDir(dir)
	require.NoError(t, err)
	return []string{filepath.Join(dir, traffic.ClicksFile)}, []string{filepath.Join(dir, traffic.OrdersFile)}
}

// A run is killed (SIGKILL) at ever later moments, again and again in the same
// place: whatever is visible is whole, and a run to the end is exact.
func TestKillAtAnyMoment(t *testing.T) {
	for _, runner := range Embedded {
		t.Run(runner, func(t *testing.T) {
			o := traffic.Defaults()
			o.Clicks, o.Orders, o.Span, o.Duplicates, o.Malformed = 60_000, 6_000, 2*time.Hour, 0.02, 0.01
			f := place(t, runner)
			f.Clicks, f.Orders = generated(t, o)
			whole := place(t, runner)
			whole.Clicks, whole.Orders = f.Clicks, f.Orders
			began := time.Now()
			require.NoError(t, asProcess(t, whole).Run())
			length := time.Since(began)

			const kills = 12
			var killed int
			for i := range kills {
				run := asProcess(t, f)
				began := time.Now()
				require.NoError(t, run.Start())
				ended := time.AfterFunc(length*time.Duration(i+1)/kills, func() { run.Process.Kill() })
				err := run.Wait()
				ended.Stop()
				if err != nil {
					require.Equal(t, syscall.SIGKILL, run.ProcessState.Sys().(syscall.WaitStatus).Signal(), "%v", err)
					killed++
				} else {
					length = min(length, time.Since(began)) // the first run was slower: another program's doing
				}
				readable(t, f)
			}
			assert.Greater(t, killed, kills/2)

			require.NoError(t, asProcess(t, f).Run())
			assert.Equal(t, inWarehouse(t, whole), inWarehouse(t, f))
			assert.Equal(t, filesIn(t, whole.Lake), filesIn(t, f.Lake), "the same bytes, and nothing left over")
		})
	}
}

// readable fails if a visible file is not whole, or the warehouse is broken.
func readable(t *testing.T, f Flags) {
	t.Helper()
	if _, err := os.Stat(f.Lake); err == nil {
		inLake(t, f)
	}
	path := strings.TrimPrefix(f.Warehouse, "sqlite:")
	if _, err := os.Stat(path); err != nil {
		return
	}
	w := warehouseOf(t, f)
	db, err := w.DB()
	require.NoError(t, err)
	var verdict string
	require.NoError(t, db.QueryRow("PRAGMA integrity_check").Scan(&verdict))
	assert.Equal(t, "ok", verdict)
	require.NoError(t, w.Close())
}
