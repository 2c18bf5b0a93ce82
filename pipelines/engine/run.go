package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"adtoorder/io/progress"
	"adtoorder/io/unbounded"
	"adtoorder/transforms/ledger"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	//lint:ignore SA1019 deprecated for Prism, and much faster than Prism on finished files
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/direct"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/flink"
)

// Run runs the engine and returns what it has found. Over finished input it
// ends by itself; on unbounded sources when unbounded.Drain is called. It fails with a
// *FlagError before anything is written if the lake or the warehouse can't take
// the run's rows, and with an *Imbalance, beside the summary, if the ledger does
// not balance in the end. A detached run has no summary. A run that resumes reads
// records again that another run has booked, under other watermarks: its ledger
// is not judged. Nor is that of a run that adds nothing, or forgets, after one that has
// replaced rows of files.
func Run(ctx context.Context, o Options) (Summary, error) {
	return (&run{Options: o, startMillis: o.Start, maxWeight: maxWeight}).run(ctx)
}

// run is a run under way.
type run struct {
	Options
	startMillis int64 // where unbounded sources begin: Start, or where the last run left windows open
	maxWeight   float64
	goesOn      bool // there are rows of a run before this one in the lake
	targets     []target
	kept        []ledger.Booking // of files whose rows stay, where a run replaces others
	forgets     bool             // there are windows to remove for good
	batch       *batch           // of a run that adds finished files to others, otherwise nil
}

// run does what Run says.
func (r *run) run(ctx context.Context) (Summary, error) {
	if err := r.prepare(ctx); err != nil {
		return Summary{}, err
	}
	if r.addsNothing() {
		found, err := r.summarize(ctx)
		if r.Warehouse != nil {
			err = errors.Join(err, r.Warehouse.Close())
		}
		if err != nil || r.lacksBooks() {
			return found, err
		}
		return found, found.balance()
	}
	if r.Resume {
		if err := r.resume(ctx); err != nil {
			return Summary{}, err
		}
	}
	defer unbounded.Close()
	before, err := r.before(ctx)
	if err != nil {
		return Summary{}, err
	}
	if err = r.execute(ctx); err == nil {
		err = r.remember(ctx)
	}
	if r.Warehouse != nil {
		err = errors.Join(err, r.Warehouse.Close())
	}
	if err == nil && r.embedded() {
		unbounded.Ended() // elsewhere a live job ends when it is cancelled
	}
	if err != nil {
		return Summary{}, fmt.Errorf("running on %s: %w", r.Runner, err)
	}
	if r.Detached {
		return Summary{}, nil
	}
	after, err := r.summarize(ctx)
	if err != nil || r.goesOn || r.forgets && r.lacksBooks() {
		return after, err
	}
	found := after.minus(before)
	return found, found.balance()
}

// summarize adds up what is in the lake, and says what the run has done to it.
func (r *run) summarize(ctx context.Context) (Summary, error) {
	s, err := summarize(ctx, r.Lake)
	if r.batch != nil {
		s.Files = Given{New: len(r.batch.fresh), Known: r.batch.known, Again: r.batch.again, Forgets: r.forgets}
	}
	return s, err
}

// embedded reports whether the run is this process's, so that its state ends with it.
func (o Options) embedded() bool { return slices.Contains(Embedded, o.Runner) }

// lacksBooks reports whether lake and warehouse have outcomes of records that are not on
// their books as read: those of files of which rows were replaced.
func (r *run) lacksBooks() bool { return r.batch != nil && len(r.batch.replaced) > 0 }

// before sums up the rows that stay, of other input. A live run only looks whether
// there are any: a lake of months takes long to read.
func (r *run) before(ctx context.Context) (s Summary, err error) {
	switch {
	case r.Detached:
	case r.Live():
		r.goesOn, err = r.Lake.Has(ctx, ledgerDataset)
	case r.Replace || r.lacksBooks() && !r.forgets:
		s, err = summarize(ctx, r.Lake)
		for _, b := range r.kept {
			s.Ledger[b.Entry] += b.Records
		}
	}
	return s, err
}

// maxRunnerFaults bounds how often in a row a job is started again after a fault of
// the runner's own.
const maxRunnerFaults = 5

// execute runs the graph, over one stretch of finished input after another.
func (r *run) execute(ctx context.Context) error {
	stretches := r.stretches
	if r.batch != nil && (r.isRemembered() || r.forgets) {
		stretches = r.batchStretches
	}
	all, err := stretches(ctx, r.maxWeight)
	if err != nil {
		return err
	}
	if len(r.kept) > 0 {
		all[0].booked = r.kept
	}
	for _, one := range all {
		if err := r.executeWithin(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

// executeWithin gives the graph to the runner, and again if Prism fails it by a fault of
// its own: rows merge, so what is written twice is there once. Unbounded sources are then
// read from where windows may not be finished, as after a crash.
func (r *run) executeWithin(ctx context.Context, one stretch) error {
	for faults := 1; ; faults++ {
		started := time.Now()
		p, s := beam.NewPipelineWithRoot()
		build(s, r.within(one), r.startMillis)
		err := r.submit(ctx, p)
		if time.Since(started) > time.Minute {
			faults = 1
		}
		if err == nil || !isPrismFault(err) || faults == maxRunnerFaults || ctx.Err() != nil || !r.canStartAgain() {
			return shortened(err)
		}
		progress.Problem(ctx, "Prism has failed the job by a fault of its own on a busy machine; it is started again")
		unbounded.Close()
		if r.Live() {
			r.goesOn = true
			if err := r.startAgain(ctx); err != nil {
				return err
			}
		}
	}
}

// canStartAgain reports whether a job can be started again in this process: not while
// its readers drain, since new ones would stop at once, and not where what is
// acknowledged could not be found again.
func (r *run) canStartAgain() bool {
	return !unbounded.Draining() && (r.Warehouse != nil || !r.Acknowledges())
}

// startAgain has unbounded sources begin where windows may not be finished; with
// --start, where they began: what another run has read there says nothing of this one.
func (r *run) startAgain(ctx context.Context) error {
	start := r.Start
	if r.Resume {
		var err error
		if start, _, err = r.openSince(ctx); err != nil {
			return err
		}
	}
	r.startMillis = start
	r.goBack(ctx, start)
	return nil
}

func (r *run) submit(ctx context.Context, p *beam.Pipeline) (err error) {
	switch {
	case r.Execute != nil:
		_, err = r.Execute(ctx, p)
	case r.Runner == Prism:
		err = runOnPrism(ctx, p)
	default:
		_, err = beam.Run(ctx, r.Runner, p)
	}
	return err
}

// isPrismFault reports whether a job failed since Prism (Beam 2.77) asked for the
// progress of a bundle of one of its own stages, a Flatten or GroupByKey, which has no
// worker that could tell: internal/stage.go does so where a busy machine holds such a
// bundle up for 100 ms, and internal/execute.go leaves its worker nil.
func isPrismFault(err error) bool {
	text := err.Error()
	return strings.Contains(text, "panic in stage.Execute bundle processing goroutine") &&
		strings.Contains(text, "nil pointer dereference")
}

// runnerError is a runner's error by its innermost cause.
type runnerError struct{ error }

// Error returns what failed. Around it a runner describes its whole plan.
func (e runnerError) Error() string { return cause(e.error) }

// Unwrap returns the whole error.
func (e runnerError) Unwrap() error { return e.error }

func shortened(err error) error {
	if err == nil {
		return nil
	}
	return runnerError{err}
}

// cause is the innermost of a runner's error: what failed. Around it a runner
// describes its whole plan.
func cause(err error) string {
	text := err.Error()
	for _, frame := range []string{"caused by:", "] failed:\n"} {
		if i := strings.LastIndex(text, frame); i >= 0 {
			text = text[i+len(frame):]
		}
	}
	return strings.TrimSpace(text)
}
