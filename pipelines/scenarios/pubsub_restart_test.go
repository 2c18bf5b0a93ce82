package scenarios

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"adtoorder/io/progress"
	"adtoorder/io/table"
	"adtoorder/io/unbounded/pubsub/pubsubtest"
	"adtoorder/pipelines/engine"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// nothingLate are the oracle's rules for a reader's first minute.
var nothingLate = liveRules{lateness: 60_000, outOfOrderness: math.MaxInt64 / 2}

// sender publishes, and keeps the oracle's lines.
type sender struct {
	server *pubsubtest.Server
	lines  []inputLine
}

func (s *sender) send(name string, payload []byte, at time.Time) {
	id := s.server.Publish(name, payload, at)
	s.lines = append(s.lines, inputLine{name, "pubsub:shop/" + name, 0, payload, at.UnixMilli(), id})
}

// trickle sends clicks, with and without ids, and orders in real time, until its
// context ends.
func (s *sender) trickle(ctx context.Context) {
	random := rand.New(rand.NewPCG(5, 5))
	for i := 0; ctx.Err() == nil; i++ {
		now := time.Now()
		event := now.Add(-time.Duration(random.IntN(3000)) * time.Millisecond).UTC().Format(time.RFC3339Nano)
		s.send("clicks", clickAt(fmt.Sprint("P", i%7), now), now)
		s.send("clicks", fmt.Appendf(nil, `{"EventId":"E%d","Event":"P%d","EventType":"Promotion","Timestamp":"%s"}`,
			i-random.IntN(20)/19, i%7, event), now)
		if i%5 == 0 {
			s.send("orders", fmt.Appendf(nil,
				`{"OrderId":"O%d","Timestamp":"%s","OrderLines":[{"Promotion":"P%d","UnitPrice":1.5,"Quantity":2}]}`, i, event,
				i%7), now)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// A run is killed (SIGKILL) again and again while messages come. The subscriptions
// keep what is acknowledged, so every next run has them go back by itself.
func TestAPubSubRunThatIsKilledCatchesUp(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks", "orders"})
	server.Retain("clicks", time.Hour)
	server.Retain("orders", time.Hour)
	f := fromPubSub(t, server)
	f.Window, f.AllowedLateness, f.OutOfOrderness = "2s", "1m", "1s"
	ctx, stop := context.WithCancel(t.Context())
	s := &sender{server: server}
	sent := make(chan bool)
	go func() { s.trickle(ctx); close(sent) }()
	for range 3 {
		run := asProcess(t, f)
		require.NoError(t, run.Start())
		require.Eventually(t, func() bool { return acknowledged(server) }, waitLimit, 20*time.Millisecond)
		time.Sleep(time.Second) // the moment does not matter
		run.Process.Kill()
		run.Wait()
		assert.Equal(t, syscall.SIGKILL, run.ProcessState.Sys().(syscall.WaitStatus).Signal())
	}
	stop()
	<-sent
	last := runLive(t, f)
	last.untilRead(t, len(s.lines))
	require.NoError(t, last.stop(t))
	assert.NotEmpty(t, server.Seeks("clicks"))
	assert.NotEmpty(t, server.Seeks("orders"))
	want := expectLive(2*time.Second, nothingLate, s.lines)
	assertRows(t, "prism", want, inWarehouse(t, f))
	assertRows(t, "prism", want, inLake(t, f))
}

// acknowledged tells whether some of the newest deliveries were.
func acknowledged(server *pubsubtest.Server) bool {
	given := server.Delivered("clicks")
	for _, d := range given[max(0, len(given)-1000):] {
		if server.Acked(d.AckID) > 0 {
			return true
		}
	}
	return false
}

// A run is stopped in the middle of a window, and another goes on: the window has
// what came to both, and what both are sure of is not read again.
func TestARunThatGoesOnReadsOpenWindowsWhole(t *testing.T) {
	lookBack(t, 4*time.Second) // an idle reader looks every second or two
	server := pubsubtest.Start(t, []string{"clicks", "orders"})
	server.Retain("clicks", time.Hour)
	server.Retain("orders", time.Hour)
	f := fromPubSub(t, server)
	f.AllowedLateness, f.OutOfOrderness = "0s", "2s"
	s := &sender{server: server}
	sendClicks := func(at time.Time) {
		for range 50 {
			s.send("clicks", clickAt("P1", at), at)
		}
	}
	sendClicks(time.Now().Add(-10 * time.Minute).Truncate(time.Millisecond))
	first := runLive(t, f)
	first.untilRead(t, 50)
	now := time.Now().Truncate(time.Millisecond)
	sendClicks(now)
	first.untilRead(t, 100)
	require.Eventually(t, func() bool {
		rows := tableRows[engine.ProgressRow](t, f, "progress")
		return len(rows) == 2 && min(rows[0].Watermark, rows[1].Watermark) >= table.Time(now.UnixMilli())
	}, waitLimit, 50*time.Millisecond, "both streams are read to their ends")
	require.NoError(t, first.stop(t))
	require.Empty(t, server.Unacked("clicks"))

	problems := make(chan string, 100)
	progress.OnProblem(func(text string) { problems <- text })
	defer progress.OnProblem(func(string) {})
	before := len(server.Delivered("clicks"))
	sendClicks(now)
	next := runLive(t, f)
	next.untilRead(t, 100)
	require.NoError(t, next.stop(t))
	require.Len(t, server.Seeks("clicks"), 1)
	assert.WithinRange(t, server.Seeks("clicks")[0], now.Add(-4*time.Minute), now.Add(-time.Minute))
	for _, d := range server.Delivered("clicks")[before:] {
		assert.Equal(t, now.UnixMilli(), d.Published.UnixMilli(), "the window of long ago is finished")
	}
	assert.Empty(t, problems)
	want := expectLive(time.Minute, nothingLate, s.lines)
	assertRows(t, "prism", want, inWarehouse(t, f))
	assertRows(t, "prism", want, inLake(t, f))
}

// A run that begins with another's state lacks nothing of it.
func TestARunThatRestoresDoesNotGoBack(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks", "orders"})
	f := fromPubSub(t, server)
	first := runLive(t, f)
	server.Publish("clicks", clickAt("P1", time.Now()), time.Now())
	first.untilRead(t, 1)
	require.NoError(t, first.stop(t))
	problems := make(chan string, 10)
	progress.OnProblem(func(text string) { problems <- text })
	defer progress.OnProblem(func(string) {})
	for restores, want := range map[bool]int{true: 0, false: 2} {
		t.Run(fmt.Sprintf("restores %v", restores), func(t *testing.T) {
			o, err := engine.Parse(t.Context(), f)
			require.NoError(t, err)
			o.Runner, o.Restores, o.Detached = engine.Flink, restores, true
			o.Execute = func(context.Context, *beam.Pipeline) (beam.PipelineResult, error) { return nil, nil }
			_, err = engine.Run(t.Context(), o)
			require.NoError(t, err)
			assert.Len(t, problems, want, "restores: %v", restores)
			for len(problems) > 0 {
				<-problems
			}
		})
	}
}
