package traffic

import (
	"iter"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func generator(t *testing.T, opts Options) *Generator {
	t.Helper()
	g, err := New(opts)
	require.NoError(t, err)
	return g
}

// lines keeps the records of which keep is true.
func lines(records iter.Seq[Record], keep func(Record) bool) []string {
	var out []string
	for r := range records {
		if keep(r) {
			out = append(out, string(r.Payload))
		}
	}
	return out
}

func all(Record) bool { return true }

func TestNewRefusesBadOptions(t *testing.T) {
	opts := Defaults()
	opts.Clicks = -1
	_, err := New(opts)
	assert.ErrorContains(t, err, "--clicks=-1")
}

func TestEqualOptionsGiveEqualRecords(t *testing.T) {
	g, again := generator(t, faulty()), generator(t, faulty())
	assert.Equal(t, lines(g.Clicks(), all), lines(again.Clicks(), all))
	assert.Equal(t, lines(g.Orders(), all), lines(again.Orders(), all))
	assert.Equal(t, lines(g.Orders(), all), lines(g.Orders(), all), "second run of one generator")

	opts := faulty()
	opts.Seed++
	other := generator(t, opts)
	assert.NotEqual(t, lines(g.Clicks(), all), lines(other.Clicks(), all))
	assert.NotEqual(t, lines(g.Orders(), all), lines(other.Orders(), all))
}

func TestFaultsLeaveTheOtherRecordsAsTheyAre(t *testing.T) {
	opts := faulty()
	opts.Late = 0
	clean := opts
	clean.EventIDs, clean.Duplicates, clean.Malformed = true, 0, 0
	valid := func(r Record) bool { return r.Fault == None }
	g, want := generator(t, opts), generator(t, clean)
	assert.Equal(t, lines(want.Clicks(), all), lines(g.Clicks(), valid))
	assert.Equal(t, lines(want.Orders(), all), lines(g.Orders(), valid))
}

func TestOrdersDoNotDependOnTheNumberOfClicks(t *testing.T) {
	opts := Defaults()
	opts.Orders, opts.Clicks = 100, 0
	none := lines(generator(t, opts).Orders(), all)
	opts.Clicks = 500
	assert.Equal(t, none, lines(generator(t, opts).Orders(), all))
	assert.Len(t, none, 100)
}

func TestCleanTotals(t *testing.T) {
	opts := Defaults()
	opts.Clicks, opts.Orders = 1234, 0
	g := generator(t, opts)
	assert.Len(t, lines(g.Clicks(), all), 1234)
	assert.Empty(t, lines(g.Orders(), all))
}

func TestEventIDs(t *testing.T) {
	opts := Defaults()
	opts.Clicks = 1
	assert.NotContains(t, lines(generator(t, opts).Clicks(), all)[0], "EventId")
	opts.EventIDs = true
	assert.Contains(t, lines(generator(t, opts).Clicks(), all)[0], `{"EventId":"E000001",`)
}

func TestIterationCanStopAnywhere(t *testing.T) {
	g := generator(t, faulty())
	total := len(lines(g.Clicks(), all))
	for stop := 1; stop <= total; stop += 7 {
		n := 0
		for range g.Clicks() { // a yield after the end would panic
			if n++; n == stop {
				break
			}
		}
		require.Equal(t, stop, n)
	}
}
