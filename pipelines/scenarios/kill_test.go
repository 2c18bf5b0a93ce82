package scenarios

import (
	"syscall"
	"testing"
	"time"

	"adtoorder/pipelines/engine"
	"adtoorder/pipelines/generate/traffic"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A run is killed (SIGKILL) at ever later moments, again and again in the same
// place: whatever is visible is whole, and a run to the end is exact.
func TestKillAtAnyMoment(t *testing.T) {
	for _, runner := range engine.Embedded {
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
				assertReadable(t, f)
			}
			assert.Greater(t, killed, kills/2)

			require.NoError(t, asProcess(t, f).Run())
			assert.Equal(t, inWarehouse(t, whole), inWarehouse(t, f))
			assert.Equal(t, filesIn(t, whole.Lake), filesIn(t, f.Lake), "the same bytes, and nothing left over")
		})
	}
}
