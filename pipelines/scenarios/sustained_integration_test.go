//go:build integration

package scenarios

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"adtoorder/io/unbounded/kafka/kafkatest"
	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The long form, in make soak, holds 100,000 clicks a second for 10 minutes; a
// third of that is enough for the memory to find its level.
var (
	sustained = flag.Duration("sustained", 20*time.Second, "how long TestSustainedRate lasts; from a minute on the "+
		"engine must never be far behind, and in bounded memory from 10 minutes on")
	rate = flag.Int("rate", 10_000, "how many clicks a second the engine has to keep up with there")
)

// The engine keeps up with a steady stream, in bounded memory.
func TestSustainedRate(t *testing.T) {
	for _, withIDs := range []bool{false, true} {
		t.Run(fmt.Sprint("with ids ", withIDs), func(t *testing.T) {
			kafka := kafkatest.Start(t, 3, "clicks", "orders")
			f := fromKafka(t, kafka.Addr)
			f.AllowedLateness = "1m"
			ctx, stop := context.WithTimeout(t.Context(), *sustained)
			defer stop()
			run := asProcess(t, f)
			require.NoError(t, run.Start())
			sent := steady(ctx, t, kafka.Addr, *rate, 40, withIDs)
			early, late := watchMemory(ctx, t, run.Process.Pid, f)
			lag := most(behind(t, f))
			least := <-sent
			if *sustained >= time.Minute {
				least = int(0.98 * float64(*rate) * sustained.Seconds())
				assert.Less(t, lag, 20*time.Second, "10 s of it are the out-of-orderness")
			} else {
				untilCounted(t, f, least) // whatever else the machine does
			}
			require.NoError(t, run.Process.Signal(syscall.SIGTERM))
			require.NoError(t, run.Wait())
			if *sustained >= 10*time.Minute {
				assert.LessOrEqual(t, float64(late), 1.2*float64(early))
			}
			clicks := countedClicks(t, f)
			t.Logf("%d clicks counted in %v: %.0f a second", clicks, *sustained, float64(clicks)/sustained.Seconds())
			assert.GreaterOrEqual(t, clicks, least)
		})
	}
}

// watchMemory looks at a run's memory until the context ends. It returns the most of the
// first third, and the last, in bytes.
func watchMemory(ctx context.Context, t *testing.T, pid int, f engine.Flags) (early, late int64) {
	t.Helper()
	var after time.Duration
	for begin := time.Now(); ctx.Err() == nil; after = time.Since(begin) {
		time.Sleep(*sustained / 30)
		late = resident(t, pid)
		if after < *sustained*3/10 {
			early = max(early, late)
		}
		lag := most(behind(t, f)).Round(100 * time.Millisecond)
		t.Logf("%4.0f s: %d MB, %v behind", after.Seconds(), late>>20, lag)
	}
	return early, late
}

// most is the greatest of some times; 0 for none.
func most(all []time.Duration) time.Duration { return slices.Max(append(all, 0)) }

// resident is a process's memory, in bytes.
func resident(t *testing.T, pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(t, err)
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kB, err := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
			require.NoError(t, err)
			return kB << 10
		}
	}
	t.Fatal("no VmRSS")
	return 0
}
