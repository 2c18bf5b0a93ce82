// Conversions reads clicks and orders and writes conversion ratios: see
// --help, or the README.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"adtoorder/io/unbounded"
	"adtoorder/pipelines/engine"
	"adtoorder/pipelines/flink"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// collect is the garbage collector's target for finished input, in percent: a run
// takes a sixth less time than at Go's 100, for memory that stays in the hundreds
// of megabytes. A live run is not in a hurry.
const collect = 400

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit status: 0, 1 for a run that failed, 2 for a flag that
// can't be used.
func run(args []string, out, errs io.Writer) int {
	raw := engine.Sample
	var own settings
	flags := declare(&raw, &own)
	declareFlink(flags, &own.flink)
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		help(out, flags)
		return 0
	case err != nil:
		return fail(errs, 2, err)
	case flags.NArg() > 0:
		return fail(errs, 2, fmt.Errorf("%q is no flag; want flags alone, see --help", flags.Arg(0)))
	}
	if err := onlyBoth(flags); err != nil {
		return fail(errs, 2, err)
	}
	if flags.Lookup("worker").Value.String() == "true" {
		if err := flink.ExitWithParent(flags.Lookup("semi_persist_dir").Value.String()); err != nil {
			return fail(errs, 1, err)
		}
	}
	beam.Init() // sets a log up, too; a worker of a cluster ends here
	quiet()
	ctx := context.Background()
	if err := prepare(flags, &own, &raw); err != nil {
		return fail(errs, 2, err)
	}
	options, err := engine.Parse(ctx, raw)
	if err != nil {
		return fail(errs, 2, err)
	}
	if err := onlyUsed(flags, own.flink, options); err != nil {
		return fail(errs, 2, err)
	}
	tellProblems(os.Stderr)
	if options.Runner == engine.Dataflow {
		return runOnDataflow(ctx, options, own.dataflow, flags.Lookup("dry_run").Value.String() == "true", out, errs)
	}
	if os.Getenv("GOGC") == "" && !options.Live() {
		debug.SetGCPercent(collect)
	}
	if own.metricsPort != 0 {
		if err := serveMetrics(own.metricsPort); err != nil {
			return fail(errs, 2, err)
		}
	}
	stop := showProgress(os.Stderr)
	var summary engine.Summary
	if options.Runner == engine.Flink {
		summary, err = runOnFlink(ctx, options, own.flink)
	} else {
		drainOnSignal(options.Live())
		summary, err = engine.Run(ctx, options)
	}
	stop()
	return report(out, errs, options, summary, err)
}

// prepare completes the flags for the runners that run elsewhere.
func prepare(flags *flag.FlagSet, own *settings, f *engine.Flags) error {
	switch f.Runner {
	case engine.Flink:
		return prepareFlink(f)
	case engine.Dataflow:
		var err error
		if own.dataflow, err = dataflowFlags(flags); err != nil {
			return err
		}
		return prepareDataflow(*own, f, time.Now())
	}
	return nil
}

// report prints what a run has found, or what went wrong, and returns the exit
// status.
func report(out, errs io.Writer, options engine.Options, summary engine.Summary, err error) int {
	var flagError *engine.FlagError
	var imbalance *engine.Imbalance
	switch {
	case errors.As(err, &flagError):
		return fail(errs, 2, err)
	case err != nil && !errors.As(err, &imbalance):
		return fail(errs, 1, err)
	}
	if options.Detached {
		fmt.Fprintln(out, "The job is accepted; it goes on by itself.")
		return 0
	}
	printSummary(out, summary, options)
	if err != nil {
		return fail(errs, 1, err)
	}
	return 0
}

// drainOnSignal has a live run end at SIGTERM or SIGINT: sources stop, what was
// read is written, and the summary printed. A second signal ends it at once.
func drainOnSignal(isLive bool) {
	if !isLive {
		return
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-signals
		signal.Stop(signals) // the next one has its usual effect
		unbounded.Drain()
	}()
}

func fail(errs io.Writer, status int, err error) int {
	fmt.Fprintln(errs, "conversions: "+strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", " "))
	return status
}
