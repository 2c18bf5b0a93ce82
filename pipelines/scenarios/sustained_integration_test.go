//go:build integration

package scenarios

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"adtoorder/io/unbounded/kafka/kafkatest"
	"adtoorder/io/warehouse"
	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The long form, in make soak, holds 100,000 clicks a second for 10 minutes; a
// third of that is enough for the memory to find its level.
var (
	sustained = flag.Duration("sustained", 30*time.Second, "how long TestSustainedRate lasts")
	rate      = flag.Int("rate", 20_000, "how many clicks a second the engine has to keep up with there")
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
			w := warehouse.SQLite{Path: strings.TrimPrefix(f.Warehouse, "sqlite:")}
			var after time.Duration
			var early, late int64
			for begin := time.Now(); ctx.Err() == nil; after = time.Since(begin) {
				time.Sleep(*sustained / 30)
				late = resident(t, run.Process.Pid)
				if after < *sustained*3/10 {
					early = max(early, late)
				}
				t.Logf("%4.0f s: %d MB, %v behind", after.Seconds(), late>>20, behind(t, w).Round(100*time.Millisecond))
			}
			lag := behind(t, w)
			<-sent
			require.NoError(t, run.Process.Signal(syscall.SIGTERM))
			require.NoError(t, run.Wait())
			assert.Less(t, lag, 20*time.Second, "10 s of it are the out-of-orderness")
			if *sustained >= 10*time.Minute {
				assert.LessOrEqual(t, float64(late), 1.2*float64(early))
			}
			var clicks int64
			for _, r := range inWarehouse(t, f).Clicks {
				clicks += r.Clicks
			}
			t.Logf("%d clicks counted in %v: %.0f a second", clicks, *sustained, float64(clicks)/sustained.Seconds())
			assert.GreaterOrEqual(t, float64(clicks), 0.98*float64(*rate)*sustained.Seconds())
		})
	}
}

// behind is how far the oldest watermark is behind the clock.
func behind(t *testing.T, w warehouse.SQLite) (most time.Duration) {
	rows, err := warehouse.Select[engine.ProgressRow](t.Context(), w, "progress", "true")
	if err != nil {
		return 0 // not there yet
	}
	for _, r := range rows {
		most = max(most, time.Since(time.UnixMilli(int64(r.Watermark))))
	}
	return most
}

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
