package scenarios

import (
	"context"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"adtoorder/io/table"
	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A live run is killed (SIGKILL) at random moments while records come, and
// started again: it goes on by itself, and every window ends at the truth.
func TestALiveRunThatIsKilledCatchesUp(t *testing.T) {
	broker := inProcessKafka(t, 3)
	f := fromKafka(t, broker)
	f.Window, f.AllowedLateness, f.OutOfOrderness = "2s", "1m", "1s"
	ctx, stop := context.WithCancel(t.Context())
	sent := make(chan []inputLine, 1)
	go func() { sent <- trickle(ctx, t, broker) }()
	random := rand.New(rand.NewPCG(4, 4))
	var before map[key]int64
	for range 4 {
		run := asProcess(t, f)
		require.NoError(t, run.Start())
		time.Sleep(1500*time.Millisecond + time.Duration(random.IntN(2500))*time.Millisecond)
		run.Process.Kill()
		run.Wait()
		assertReadable(t, f)
		after := clicksByWindow(t, f)
		for k, n := range before {
			assert.GreaterOrEqual(t, after[k], n, "no total is smaller than before")
		}
		before = after
	}
	last := asProcess(t, f)
	require.NoError(t, last.Start())
	time.Sleep(3 * time.Second)
	stop()
	lines := <-sent
	want := expectLive(2*time.Second, liveRules{lateness: 60_000, outOfOrderness: 1000}, lines)
	var clicks int
	for _, r := range want.Clicks {
		clicks += int(r.Clicks)
	}
	untilCounted(t, f, clicks)
	time.Sleep(2 * time.Second) // orders, and what counts twice, come in the same second
	require.NoError(t, last.Process.Signal(syscall.SIGTERM))
	require.NoError(t, last.Wait(), "a run that is told to end exits with 0")

	got := inWarehouse(t, f)
	assertRows(t, "prism", want, got)
	assert.Equal(t, got.Ledger, inLake(t, f).Ledger)
}

type key struct {
	start     table.Time
	promotion string
}

func clicksByWindow(t *testing.T, f engine.Flags) map[key]int64 {
	found := map[key]int64{}
	for _, r := range inLake(t, f).Clicks {
		found[key{r.WindowStart, r.Promotion}] = r.Clicks
	}
	return found
}
