//go:build integration

package scenarios

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A run whose own process is the worker cancels its job when it is told to end,
// and the next run goes on by itself.
func TestFlinkEndsWithItsProcess(t *testing.T) {
	cluster := startFlink(t, 1, 1)
	f := place(t, engine.Flink)
	dir := t.TempDir()
	f.Clicks, f.Orders = []string{"watch:" + dir + "/clicks-*"}, []string{"watch:" + dir + "/orders-*"}
	f.AllowedLateness = "2m"
	for i := range 2 {
		click := fmt.Sprintf(`{"EventId":"E%d","Event":"P1","EventType":"Promotion","Timestamp":"%s"}`,
			i, time.Now().UTC().Format(time.RFC3339))
		require.NoError(t, os.WriteFile(fmt.Sprintf("%s/clicks-%d", dir, i), []byte(click+"\n"), 0o644))
		run := asLoopback(t, cluster.endpoint, f, "--flink_checkpoint_interval="+[]string{"10s", "0"}[i])
		var out bytes.Buffer
		run.Stdout, run.Stderr = &out, &out
		require.NoError(t, run.Start())
		untilCounted(t, f, i+1)
		require.NoError(t, run.Process.Signal(syscall.SIGTERM))
		require.NoError(t, run.Wait(), out.String())
		assert.Contains(t, out.String(), "Ledger (records):")
	}
	assert.Equal(t, 2, strings.Count(cluster.do("status"), "CANCELED"))
}
