package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"adtoorder/io/progress"
	"adtoorder/pipelines/command"
	"adtoorder/pipelines/engine"
	"adtoorder/transforms/ledger"
	"adtoorder/transforms/nearmiss"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The counts of this process only grow, so that one test has all of it.
func TestARunThatGoesOnTellsOfDoubts(t *testing.T) {
	assert.Empty(t, warnings(1))
	progress.Book(ledger.Clicks, ledger.Counted, 70)
	progress.Book(ledger.Clicks, ledger.NotPromotion, 20)
	assert.Empty(t, warnings(0))
	progress.Book(ledger.Clicks, ledger.Malformed, 10)
	progress.Book(ledger.Orders, ledger.NotPromotion, 3)
	assert.Equal(t, ", 10.0 % of clicks malformed, nothing counted of 3 orders", warnings(0.09))
	assert.Equal(t, ", nothing counted of 3 orders", warnings(0.1))

	few := progress.Miss{Stream: ledger.Orders, What: "items comes close to OrderLines", Mend: "lines: items"}
	progress.Look(ledger.Orders, 100, map[progress.Miss]int64{few: 9})
	assert.Equal(t, ", nothing counted of 3 orders", warnings(1))
	progress.Look(ledger.Orders, 0, map[progress.Miss]int64{few: 1})
	assert.Equal(t, ", nothing counted of 3 orders, near misses in orders", warnings(1))
	told := map[progress.Miss]bool{}
	assert.Equal(t, []string{"orders: items comes close to OrderLines, in 10 of 100 looked at; in a map " +
		"(--orders_map): lines: items"}, newMisses(told))
	assert.Empty(t, newMisses(told), "once")

	assert.NoError(t, testutil.CollectAndCompare(metrics{}, strings.NewReader(`
# HELP adtoorder_looked_at_total Records that were looked at for near misses.
# TYPE adtoorder_looked_at_total counter
adtoorder_looked_at_total{stream="orders"} 100
# HELP adtoorder_near_misses_total Records with a field or value that comes close to a wanted one, of those that were looked at.
# TYPE adtoorder_near_misses_total counter
adtoorder_near_misses_total{miss="items comes close to OrderLines",stream="orders"} 10
# HELP adtoorder_outcomes_total Records by what became of them; duplicates are among the counted ones.
# TYPE adtoorder_outcomes_total counter
adtoorder_outcomes_total{outcome="counted",stream="clicks"} 70
adtoorder_outcomes_total{outcome="malformed",stream="clicks"} 10
adtoorder_outcomes_total{outcome="not_promotion",stream="clicks"} 20
adtoorder_outcomes_total{outcome="not_promotion",stream="orders"} 3
`), "adtoorder_looked_at_total", "adtoorder_near_misses_total", "adtoorder_outcomes_total"))

	entry := func(stream, outcome string) ledger.Entry { return ledger.Entry{Stream: stream, Outcome: outcome} }
	summary := func(counts map[ledger.Entry]int64) engine.Summary { return engine.Summary{Ledger: counts} }
	for want, counts := range map[string]map[ledger.Entry]int64{
		"": {entry(ledger.Clicks, ledger.Read): 9, entry(ledger.Clicks, ledger.Counted): 8,
			entry(ledger.Clicks, ledger.Malformed): 1},
		"20.00 % of 5 clicks are malformed, more than --max_malformed=0.15; nothing was counted of 2 orders: look at " +
			"some with --preview": {entry(ledger.Clicks, ledger.Read): 5, entry(ledger.Clicks, ledger.Duplicate): 4,
			entry(ledger.Clicks, ledger.Malformed): 1, entry(ledger.Orders, ledger.Read): 2,
			entry(ledger.Orders, ledger.TooLate): 2},
	} {
		err := doubtsOf(summary(counts), 0.15)
		if want == "" {
			assert.NoError(t, err)
		} else {
			assert.EqualError(t, err, want)
		}
	}

	assert.NoError(t, doubtsOf(summary(map[ledger.Entry]int64{entry(ledger.Clicks, ledger.Read): 1}), 0.15),
		"a run that was cancelled has a record on its way")
	both := summary(map[ledger.Entry]int64{entry(ledger.Clicks, ledger.NotPromotion): 5,
		entry(ledger.Orders, ledger.Malformed): 5})
	assert.False(t, areSwapped(both))
	for _, stream := range []string{ledger.Clicks, ledger.Orders} {
		progress.Look(stream, 200, map[progress.Miss]int64{nearmiss.OfOther(stream): 160})
	}
	assert.True(t, areSwapped(both))
	both.Ledger[entry(ledger.Orders, ledger.Counted)] = 1
	assert.False(t, areSwapped(both), "one file for both")
}

func TestAnImbalanceIsWorseThanADoubt(t *testing.T) {
	var out strings.Builder
	err := report(&out, engine.Options{}, engine.Summary{Ledger: map[ledger.Entry]int64{
		{Stream: ledger.Clicks, Outcome: ledger.Read}: 1}}, &engine.Imbalance{Stream: ledger.Clicks, Read: 1})
	assert.Equal(t, command.Failed, command.End(io.Discard, program, err))
}

// A live run tells of near misses while it goes on, and ends with status 3 when it is told
// to end and has counted nothing.
func TestALiveRunTellsOfDoubts(t *testing.T) {
	now := time.Now().UTC().Format("2006-01-02T15:04:0")
	flags := written(t, tenClicks("EventType", "event_type"),
		fourOrders("2026-11-01T00:00:01Z", "noon", "2026-11-01T00:00:0", now))
	for i := range flags[:2] {
		flags[i] = strings.Replace(flags[i], "=", "=watch:", 1)
	}
	self, err := os.Executable()
	require.NoError(t, err)
	run := exec.CommandContext(t.Context(), self, append(flags, "--lake="+t.TempDir(), "--max_malformed=0.1")...)
	run.Env = append(os.Environ(), asMain+"=1")
	var stdout strings.Builder
	run.Stdout = &stdout
	stderr, err := run.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, run.Start())
	lines := bufio.NewScanner(stderr)
	var told, last string
	for lines.Scan() {
		if last = lines.Text(); strings.Contains(last, " comes close to ") && told == "" {
			told = last
			require.NoError(t, run.Process.Signal(syscall.SIGTERM))
		}
	}
	assert.Error(t, run.Wait())
	assert.Equal(t, 3, run.ProcessState.ExitCode())
	assert.Contains(t, told, "clicks: event_type comes close to EventType, in 10 of 10 looked at; in a map "+
		"(--clicks_map): type: event_type")
	assert.Equal(t, "conversions: nothing was counted of 10 clicks: look at some with --preview; 25.00 % of 4 orders "+
		"are malformed, more than --max_malformed=0.1", last)
	assert.Contains(t, stdout.String(), "\n  clicks: event_type comes close to EventType, in 10 of 10 looked at")
}
