package scenarios

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"adtoorder/io/progress"
	"adtoorder/io/unbounded/pubsub"
	"adtoorder/io/unbounded/pubsub/pubsubtest"
	"adtoorder/pipelines/engine"
	"adtoorder/pipelines/generate/traffic"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fromPubSub returns flags of a live run.
func fromPubSub(t *testing.T, server *pubsubtest.Server) engine.Flags {
	f := place(t, "prism")
	f.Clicks, f.Orders = []string{server.URI("clicks")}, []string{server.URI("orders")}
	return f
}

// deliveredLines returns what the run was given, as the oracle's lines: not what
// the check before it has looked at.
func deliveredLines(server *pubsubtest.Server) (lines []inputLine) {
	for _, stream := range []string{"clicks", "orders"} {
		given := server.Delivered(stream)
		for _, d := range given {
			if slices.Equal(server.Deadlines(d.AckID), []int32{0}) {
				continue
			}
			lines = append(lines, inputLine{stream, "pubsub:shop/" + stream, 0, d.Payload, d.Published.UnixMilli(),
				d.ID})
		}
	}
	return lines
}

// clickAt is a click without an id.
func clickAt(promotion string, at time.Time) []byte {
	return fmt.Appendf(nil, `{"Event":"%s","EventType":"Promotion","Timestamp":"%s"}`, promotion,
		at.UTC().Format(time.RFC3339Nano))
}

// lookBack has readers of subscriptions look back for so long.
func lookBack(t *testing.T, lately time.Duration) {
	before := pubsub.BacklogSpan
	pubsub.BacklogSpan = lately
	t.Cleanup(func() { pubsub.BacklogSpan = before })
}

// The oracle is given all deliveries in their order, and must agree to the row.
// All are of long ago, so the watermark follows the oldest of each answer.
func TestPubSubGivesTheOraclesRows(t *testing.T) {
	lookBack(t, 0)
	server := pubsubtest.Start(t, []string{"clicks", "orders"})
	g, err := traffic.New(traffic.Options{Clicks: 10_000, Orders: 1_000,
		Start: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
		Span:  20 * time.Minute, Promotions: 10, OtherClicks: 0.1, Seed: 7, Late: 0.05,
		Duplicates: 0.02, Malformed: 0.005})
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(7, 7))
	parts := map[string][]message{"clicks": shuffledTraffic(random, g.Clicks(), 1)[0],
		"orders": shuffledTraffic(random, g.Orders(), 1)[0]}
	published := len(parts["clicks"]) + len(parts["orders"])
	more := func(name string) { // the subscription has no order, but what is not there can't come
		next := min(len(parts[name]), map[string]int{"clicks": 500, "orders": 50}[name])
		for _, m := range parts[name][:next] {
			server.Publish(name, m.payload, m.at)
		}
		parts[name] = parts[name][next:]
	}
	more("clicks")
	more("orders")
	oldest := map[string]int64{}
	server.OnPull(func(name string, given []pubsubtest.Delivery) {
		least := int64(math.MaxInt64)
		for _, d := range given {
			least = min(least, d.Published.UnixMilli())
		}
		for _, d := range given {
			oldest[d.ID] = least
		}
		more(name)
	})
	f := fromPubSub(t, server)
	f.AllowedLateness = "1m"
	run := runLive(t, f)
	run.untilRead(t, published)
	require.NoError(t, run.stop(t), "the ledger balances")
	assert.Empty(t, server.Unacked("clicks"), "all was written")
	assert.Empty(t, server.Unacked("orders"))
	want := expectLive(time.Minute, liveRules{lateness: 60_000, outOfOrderness: 10_000, oldest: oldest},
		deliveredLines(server))
	outcomes := map[string]int64{}
	for _, r := range want.Ledger {
		outcomes[r.Outcome] += r.Records
	}
	for _, outcome := range []string{"counted", "not_promotion", "duplicate", "too_late", "malformed"} {
		assert.NotZero(t, outcomes[outcome], outcome)
	}
	assertRows(t, "prism", want, inWarehouse(t, f))
	assertRows(t, "prism", want, inLake(t, f))
}

// After a stop of hours old messages come after new ones, and silence between
// them says nothing: none is late.
func TestABacklogInNoOrderIsNotLate(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks", "orders"})
	f := fromPubSub(t, server)
	f.AllowedLateness = "0s"
	run := runLive(t, f)
	now := time.Now()
	want := 0
	for _, age := range []time.Duration{0, 3 * time.Hour, time.Hour, time.Minute, 5 * time.Hour} {
		for i := range 10 {
			at := now.Add(-age - time.Duration(i)*time.Second)
			server.Publish("clicks", clickAt("P1", at), at)
			want++
		}
		run.untilRead(t, want)
		if age == 0 {
			time.Sleep(5 * time.Second) // nothing comes: that is what is tested
		}
	}
	require.NoError(t, run.stop(t))
	assert.Equal(t, want, countedClicks(t, f))
	assert.Empty(t, withoutSamples(inWarehouse(t, f).Rejects))
}

// Once a subscription has been read to its end, a window's row comes with its
// end, not after the time that readers look back.
func TestACaughtUpSubscriptionIsFresh(t *testing.T) {
	lookBack(t, 4*time.Second)
	server := pubsubtest.Start(t, []string{"clicks", "orders"})
	f := fromPubSub(t, server)
	f.Window, f.AllowedLateness, f.OutOfOrderness = "1s", "0s", "1s"
	run := runLive(t, f)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() {
		for ctx.Err() == nil {
			now := time.Now()
			server.Publish("clicks", clickAt("P1", now), now)
			time.Sleep(10 * time.Millisecond)
		}
	}()
	run.untilRead(t, 100)
	require.Eventually(t, func() bool {
		rows, _ := selectRows[engine.ProgressRow](t, f, "progress", "true")
		for _, r := range rows {
			if behind := time.Since(time.UnixMilli(int64(r.Watermark))); r.Stream == "clicks" &&
				behind < 2500*time.Millisecond {
				return true
			}
		}
		return false
	}, waitLimit, 50*time.Millisecond, "the watermark is the newest message less the out-of-orderness")
	stop()
	require.NoError(t, run.stop(t))
}

// Messages without ids that are delivered two or three times count once.
func TestRedeliveredMessagesCountOnce(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks", "orders"})
	const n = 600
	now := time.Now()
	for i := range n {
		server.Publish("clicks", clickAt(fmt.Sprint("P", i%7), now), now)
		if i%10 == 0 {
			server.Publish("orders", fmt.Appendf(nil,
				`{"Timestamp":"%s","OrderLines":[{"Promotion":"P1","UnitPrice":1.5,"Quantity":2}]}`,
				now.UTC().Format(time.RFC3339Nano)), now)
		}
	}
	again := map[string]int{}
	server.OnPull(func(name string, given []pubsubtest.Delivery) {
		for _, d := range given { // their deadlines pass before they are acknowledged
			if again[d.ID]++; again[d.ID] <= len(d.ID)%3 {
				server.Again(name, d.AckID)
			}
		}
	})
	f := fromPubSub(t, server)
	run := runLive(t, f)
	require.Eventually(t, func() bool { return len(server.Unacked("clicks"))+len(server.Unacked("orders")) == 0 },
		waitLimit, 20*time.Millisecond)
	require.NoError(t, run.stop(t))
	got := inWarehouse(t, f)
	var clicks, orders, revenue, duplicates int64
	for _, r := range got.Conversions {
		clicks, orders, revenue = clicks+r.Clicks, orders+r.Orders, revenue+r.RevenueMicros
	}
	for _, r := range got.Ledger {
		if r.Outcome == "duplicate" {
			duplicates += r.Records
		}
	}
	assert.Equal(t, []int64{n, n / 10, n / 10 * 3_000_000}, []int64{clicks, orders, revenue})
	assert.Greater(t, duplicates, int64(n/2))
	assert.Empty(t, withoutSamples(got.Rejects))
}

// When a run is told to end, all that it has read is written and acknowledged,
// and nothing else.
func TestADrainedRunLeavesWhatItHasNotRead(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks", "orders"})
	f := fromPubSub(t, server)
	run := runLive(t, f)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan int, 1)
	go func() {
		sent := 0
		for ; ctx.Err() == nil; sent++ {
			now := time.Now()
			server.Publish("clicks", clickAt(fmt.Sprint("P", sent%7), now), now)
			time.Sleep(time.Millisecond)
		}
		done <- sent
	}()
	run.untilRead(t, 1000)
	require.NoError(t, run.stop(t))
	stop()
	sent := <-done
	clicks := countedClicks(t, f)
	left := len(server.Unacked("clicks"))
	assert.Equal(t, sent, clicks+left, "%d counted, %d left", clicks, left)
	assert.Positive(t, left, "published after the end")

	// The next run says what can't be read again, and reads what was left, at once.
	problems := make(chan string, 100)
	progress.OnProblem(func(text string) { problems <- text })
	defer progress.OnProblem(func(string) {})
	next := runLive(t, f)
	next.untilRead(t, left)
	require.NoError(t, next.stop(t))
	assert.Empty(t, server.Unacked("clicks"))
	require.Len(t, problems, 2)
	assert.Contains(t, <-problems, "does not give again what the last run has acknowledged")
}

// A run that is killed leaves what was not finalized, and it comes again.
func TestAKilledRunLeavesWhatIsNotFinalized(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks", "orders"})
	f := fromPubSub(t, server)
	run := asProcess(t, f)
	require.NoError(t, run.Start())
	sent := 0
	var finalizing time.Time // since when messages have been acknowledged
	for began := time.Now(); finalizing.IsZero() || time.Since(finalizing) < time.Second; sent++ {
		now := time.Now()
		require.Less(t, now.Sub(began), waitLimit, "no message is acknowledged")
		if finalizing.IsZero() && sent%100 == 0 && acknowledged(server) {
			finalizing = now
		}
		server.Publish("clicks", clickAt("P1", now), now)
		time.Sleep(time.Millisecond)
	}
	run.Process.Kill()
	run.Wait()
	assert.Equal(t, syscall.SIGKILL, run.ProcessState.Sys().(syscall.WaitStatus).Signal())
	unacked := server.Unacked("clicks")
	assert.NotEmpty(t, unacked, "the last second's")
	assert.Less(t, len(unacked), sent)
	t.Logf("%d sent, %d not acknowledged, %d written", sent, len(unacked), countedClicks(t, f))
	pending := map[string]bool{}
	for _, d := range server.Delivered("clicks") {
		if server.Acked(d.AckID) == 0 {
			pending[d.AckID] = true
		}
	}
	for id := range pending {
		server.Again("clicks", id)
	}
	before := len(server.Delivered("clicks"))
	second := runLive(t, f)
	second.untilRead(t, len(unacked))
	require.NoError(t, second.stop(t))
	assert.GreaterOrEqual(t, len(server.Delivered("clicks"))-before, len(unacked))
	assert.Empty(t, server.Unacked("clicks"))
	t.Logf("%d written by both runs", countedClicks(t, f))
}
