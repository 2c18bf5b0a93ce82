//go:build integration

package scenarios

import (
	"context"
	"flag"
	"testing"
	"time"

	"adtoorder/io/unbounded/kafka/kafkatest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var outage = flag.Duration("outage", 12*time.Second, "how long Kafka is away in TestKafkaGoesAwayAndComesBack, "+
	"hung, then killed")

// The broker is killed and started again, then hangs for a while, while records
// come: none is lost, none is counted twice, and none of the backlog is late.
func TestKafkaGoesAwayAndComesBack(t *testing.T) {
	kafka := kafkatest.Start(t, 3, "clicks", "orders")
	f := fromKafka(t, kafka.Addr)
	f.Window, f.AllowedLateness, f.OutOfOrderness = "2s", "5s", "1s"
	ctx, stop := context.WithCancel(t.Context())
	sent := make(chan []inputLine, 1)
	run := runLive(t, f)
	go func() { sent <- trickle(ctx, t, kafka.Addr) }()
	time.Sleep(5 * time.Second)
	require.NoError(t, kafka.Stop())
	time.Sleep(*outage)
	require.NoError(t, kafka.Continue())
	time.Sleep(5 * time.Second)
	stop()
	lines := <-sent
	run.untilRead(t, len(lines))
	kafka.Kill()
	time.Sleep(*outage)
	kafka.Run(t)

	ctx, stop = context.WithCancel(t.Context())
	go func() { sent <- trickle(ctx, t, kafka.Addr) }()
	time.Sleep(3 * time.Second)
	stop()
	second := <-sent
	run.untilRead(t, len(lines)+len(second))
	require.NoError(t, run.stop(t), "the ledger balances")
	offsets := map[string]int64{}
	for _, l := range lines {
		offsets[l.path] = max(offsets[l.path], l.offset+1)
	}
	for _, l := range second {
		l.offset += offsets[l.path]
		lines = append(lines, l)
	}
	want := expectLive(2*time.Second, liveRules{lateness: 5_000, outOfOrderness: 1000}, lines)
	got := inWarehouse(t, f)
	assertRows(t, "prism", withoutLate(want), withoutLate(got))
	for _, r := range got.Ledger {
		assert.NotEqual(t, "too_late", r.Outcome, "the backlog is not late")
	}
}

// withoutLate leaves out how many came late, which depends on when idle
// partitions were found to be.
func withoutLate(r results) results {
	for i := range r.Clicks {
		r.Clicks[i].LateClicks = 0
	}
	for i := range r.Orders {
		r.Orders[i].LateOrders = 0
	}
	for i := range r.Conversions {
		r.Conversions[i].LateClicks, r.Conversions[i].LateOrders = 0, 0
	}
	r.Ledger = nil // bookings follow the watermark
	return r
}
