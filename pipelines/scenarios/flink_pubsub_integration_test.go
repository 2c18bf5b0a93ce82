//go:build integration

package scenarios

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"adtoorder/io/unbounded/pubsub/pubsubtest"
	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A worker and a TaskManager are killed (SIGKILL) while messages come. What no
// checkpoint held comes again, when its lease is over; in the end each message counts
// once, and is acknowledged.
func TestFlinkReadsPubSubThroughKills(t *testing.T) {
	cluster := startFlink(t, 1, 2)
	server := pubsubtest.Start(t, []string{"clicks", "orders"})
	f := fromPubSub(t, server)
	f.Runner, f.AllowedLateness, f.OutOfOrderness = engine.Flink, "10m", "2s"
	t.Log(cluster.submit(f, nil, []string{"--flink_checkpoint_interval=2s"}))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	s := &sender{server: server}
	sent := make(chan bool)
	go func() { s.trickle(ctx); close(sent) }()
	for _, victims := range []func() []int{cluster.workers, cluster.taskManagers} {
		acked := server.AckedOf("clicks")
		require.Eventually(t, func() bool {
			return server.AckedOf("clicks") > acked+500
		}, waitLimit, 100*time.Millisecond,
			"messages are acknowledged")
		pids := victims()
		require.NotEmpty(t, pids)
		require.NoError(t, syscall.Kill(pids[0], syscall.SIGKILL))
		cluster.up()
	}
	stop()
	<-sent
	want := expectLive(time.Minute, nothingLate, s.lines)
	assert.Eventually(t, func() bool {
		return counts(want) == counts(inWarehouse(t, f)) && counts(want) == counts(inLake(t, f))
	}, waitLimit, time.Second, "the rows are the oracle's")
	assert.Eventually(t, func() bool { return len(server.Unacked("clicks"))+len(server.Unacked("orders")) == 0 },
		waitLimit, time.Second, "every message is acknowledged")
	assert.DirExists(t, strings.TrimSpace(cluster.do("stop")))
	got, lake := inWarehouse(t, f), inLake(t, f)
	assert.Equal(t, want.Clicks, got.Clicks)
	assert.Equal(t, want.Orders, got.Orders)
	assert.Equal(t, want.Clicks, lake.Clicks)
	assert.Equal(t, want.Orders, lake.Orders)
	again := len(server.Delivered("clicks")) + len(server.Delivered("orders")) - len(s.lines)
	t.Logf("%d messages, %d deliveries more", len(s.lines), again)
	assert.Positive(t, again, "what no checkpoint held has come again")
}

// counts are the rows of clicks and orders, as text.
func counts(r results) string { return fmt.Sprint(r.Clicks, r.Orders) }
