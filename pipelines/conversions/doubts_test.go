package main

import (
	"io"
	"strings"
	"testing"

	"adtoorder/io/progress"
	"adtoorder/pipelines/command"
	"adtoorder/pipelines/engine"
	"adtoorder/transforms/ledger"
	"adtoorder/transforms/nearmiss"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
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
	assert.Equal(t, ", nothing counted of 3 orders, orders: items comes close to OrderLines", warnings(1))

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

	both := summary(map[ledger.Entry]int64{entry(ledger.Clicks, ledger.Read): 5, entry(ledger.Orders, ledger.Read): 5})
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
