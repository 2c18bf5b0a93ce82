//go:build integration

package scenarios

import (
	"testing"
	"time"

	"adtoorder/pipelines/engine"
	"adtoorder/pipelines/generate/traffic"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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
	check := func(f engine.Flags) {
		t.Helper()
		assert.Equal(t, inWarehouse(t, want), inWarehouse(t, f))
		assert.Equal(t, filesIn(t, want.Lake), filesIn(t, f.Lake))
	}
	prism := place(t, "prism")
	prism.Clicks, prism.Orders = clicks, orders
	_, err = start(t, prism)
	require.NoError(t, err)
	check(prism)
	onDisk := []string{"--streaming", "--flink_state_backend=rocksdb", "--flink_state_dir=file://" + t.TempDir()}
	for _, more := range [][]string{nil, {"--streaming"}, {"--streaming", "--flink_checkpoint_interval=0"}, onDisk} {
		f := place(t, engine.Flink)
		f.Clicks, f.Orders = clicks, orders
		out := cluster.submit(f, []string{"--wait"}, more)
		assert.Contains(t, out, "Ledger (records):")
		check(f)
	}
	one := startFlink(t, 1, 2)
	f := place(t, engine.Flink)
	f.Clicks, f.Orders = clicks, orders
	out, err := loopback(t, one.endpoint, f)
	require.NoError(t, err, "with its own process as the worker: %s", out)
	check(f)
	out, err = loopback(t, cluster.endpoint, f)
	require.Error(t, err)
	assert.Contains(t, out, "--environment_type=LOOPBACK: serves one TaskManager")
}
