package engine

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"adtoorder/io/progress"
	"adtoorder/io/unbounded"
	"adtoorder/io/unbounded/pubsub"
	"adtoorder/io/unbounded/pubsub/pubsubtest"
	"adtoorder/io/warehouse/sqlite"
	"adtoorder/transforms/ledger"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// errPrismFault is the error of a job that Prism (Beam 2.77) failed on a busy machine.
var errPrismFault = errors.New("job failed: panic in stage.Execute bundle processing goroutine: " +
	"runtime error: invalid memory address or nil pointer dereference, stage: {ID: stage-004}")

// A finished job that Prism has failed for nothing is run again, and counts nothing twice.
func TestAJobIsStartedAgainAfterAFaultOfPrism(t *testing.T) {
	told := 0
	progress.OnProblem(func(string) { told++ })
	defer progress.OnProblem(func(string) {})
	for name, c := range map[string]struct {
		faults int
		err    error
		runs   int
		drains bool
		fails  bool
	}{
		"no fault":           {0, errPrismFault, 1, false, false},
		"one fault":          {1, errPrismFault, 2, false, false},
		"faults for ever":    {100, errPrismFault, 5, false, true},
		"another error":      {1, errors.New("disk full"), 1, false, true},
		"while readers stop": {1, errPrismFault, 1, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := place(t, "prism")
			f.Clicks, f.Orders = finished, []string{"../../testdata/rules/orders.jsonl"}
			o, err := Parse(t.Context(), f)
			require.NoError(t, err)
			told = 0
			runs := 0
			o.Execute = func(ctx context.Context, p *beam.Pipeline) (beam.PipelineResult, error) {
				if runs++; c.drains {
					unbounded.Drain()
					t.Cleanup(unbounded.Undrain)
				}
				require.NoError(t, runOnPrism(ctx, p))
				if runs <= c.faults {
					return nil, c.err // all is written by then, and is written again
				}
				return nil, nil
			}
			s, err := Run(t.Context(), o)
			assert.Equal(t, c.runs, runs)
			assert.Equal(t, c.runs-1, told)
			if c.fails {
				assert.ErrorContains(t, err, "running on prism: ")
				return
			}
			require.NoError(t, err)
			text, err := os.ReadFile(finished[0])
			require.NoError(t, err)
			records := 0
			for line := range bytes.Lines(text) {
				if len(bytes.TrimRight(line, "\r\n")) > 0 {
					records++
				}
			}
			assert.EqualValues(t, records, s.Ledger[ledger.Entry{Stream: ledger.Clicks, Outcome: ledger.Read}])
		})
	}
}

// A live job that is started again reads from where windows may not be finished; with
// --start, from there, whatever another run has read.
func TestALiveJobThatIsStartedAgainGoesBack(t *testing.T) {
	at := time.Now().Truncate(time.Minute).UnixMilli()
	for name, c := range map[string]struct {
		resume bool
		want   int64
	}{
		"with --start": {false, at},
		"where it was": {true, 0}, // no progress is known
	} {
		t.Run(name, func(t *testing.T) {
			problems := make(chan string, 10)
			progress.OnProblem(func(text string) { problems <- text })
			defer progress.OnProblem(func(string) {})
			server := pubsubtest.Start(t, []string{"clicks"}) // which keeps nothing that is acknowledged
			in, err := parseInput(t.Context(), "clicks", []string{server.URI("clicks")})
			require.NoError(t, err)
			r := &run{Options: Options{Runner: "prism", Clicks: in, Start: at, Resume: c.resume}, startMillis: 5}
			require.NoError(t, r.startAgain(t.Context()))
			assert.Equal(t, c.want, r.startMillis)
			require.Len(t, problems, 1)
			assert.Contains(t, <-problems, "may lack")
		})
	}
}

// Nothing is read again that can't be found again, and readers that drain would stop
// at once.
func TestWhatCanBeStartedAgain(t *testing.T) {
	subscription := Input{Unbounded: []unbounded.Source{pubsub.Source{Project: "shop", Subscription: "clicks"}}}
	stored := sqlite.Warehouse{Path: "w.db"}
	assert.True(t, (&run{}).canStartAgain())
	assert.True(t, (&run{Options: Options{Clicks: subscription, Warehouse: stored}}).canStartAgain())
	assert.False(t, (&run{Options: Options{Clicks: subscription}}).canStartAgain())
	unbounded.Drain()
	defer unbounded.Undrain()
	assert.False(t, (&run{}).canStartAgain())
}
