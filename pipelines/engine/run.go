package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"adtoorder/io/unbounded"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/exec/optimized" // calls of standard types without reflection
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/gcs"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/s3"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/direct"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/flink"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
)

// Run runs the engine and returns what it has found. Over finished input it
// ends by itself; on live sources when unbounded.Drain is called. It fails with a
// *FlagError before anything is written if the lake or the warehouse can't take
// the run's rows, and with an *Imbalance, beside the summary, if the ledger does
// not balance in the end. A detached run has no summary. A run that resumes reads
// records again that another run has booked, under other watermarks: its ledger
// is not judged.
func Run(ctx context.Context, o Options) (Summary, error) {
	if err := prepare(ctx, o); err != nil {
		return Summary{}, err
	}
	if o.Resume {
		if err := o.goOn(ctx); err != nil {
			return Summary{}, err
		}
	}
	defer unbounded.Close()
	before, goesOn, err := o.before(ctx)
	if err != nil {
		return Summary{}, err
	}
	p, s := beam.NewPipelineWithRoot()
	Build(s, o)
	err = o.execute(ctx, p)
	if o.Warehouse != nil {
		err = errors.Join(err, o.Warehouse.Close())
	}
	if err == nil && o.embedded() {
		unbounded.Ended() // elsewhere a live job ends when it is cancelled
	}
	if err != nil {
		return Summary{}, fmt.Errorf("running on %s: %s", o.Runner, cause(err))
	}
	if o.Detached {
		return Summary{}, nil
	}
	after, err := summarize(ctx, o.Lake)
	if err != nil {
		return after, err
	}
	if goesOn {
		return after, nil
	}
	run := after.minus(before)
	return run, run.balance()
}

// embedded tells whether the run is this process's, so that its state ends with it.
func (o Options) embedded() bool { return slices.Contains(Embedded, o.Runner) }

// execute gives a graph to the runner.
func (o Options) execute(ctx context.Context, p *beam.Pipeline) (err error) {
	if o.Execute != nil {
		_, err = o.Execute(ctx, p)
	} else {
		_, err = beam.Run(ctx, o.Runner, p)
	}
	return err
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
