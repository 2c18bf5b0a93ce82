// Conversions reads clicks and orders and writes conversion ratios: see
// --help, or the README.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"adtoorder/io/files"
	"adtoorder/io/unbounded"
	"adtoorder/pipelines/command"
	"adtoorder/pipelines/engine"
	"adtoorder/pipelines/flink"
	"adtoorder/pipelines/preview"
	"adtoorder/transforms/mapping"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// program is the name of the program.
const program = "conversions"

func main() {
	status := run(os.Args[1:], os.Stdout, os.Stderr)
	if err := files.RemoveCopies(); err != nil {
		fmt.Fprintf(os.Stderr, "%s: removing a copy of input: %v\n", program, err)
	}
	os.Exit(status)
}

func run(args []string, out, errs io.Writer) int {
	raw := engine.Sample
	var own settings
	flags := declare(&raw, &own)
	declareFlink(flags, &own.flink)
	return command.Program{
		Name: program,
		About: `
Conversions counts clicks and orders by promotion and window, and writes what
share of clicks became orders: to partitioned files, and to warehouse tables.
Without any flag it runs on a sample.`,
		Examples: []string{
			"go run ./pipelines/conversions",
			"go run ./pipelines/conversions --clicks 'clicks-*.jsonl' --orders 'orders-*.jsonl.gz'",
			"go run ./pipelines/conversions --clicks kafka://localhost:9092/clicks --orders " +
				"kafka://localhost:9092/orders",
		},
		Flags:  flags,
		Groups: groups,
		Rest:   "Beam's flags, for other runners and for debugging",
		Notes:  notes,
		Run: func(ctx context.Context, c command.Call) error {
			if command.Given(flags)["print_map"] {
				printMap(c.Out, own.printMap)
				return nil
			}
			if err := start(flags, own.preview); err != nil {
				return err
			}
			options, err := settle(ctx, flags, &own, &raw)
			if err != nil {
				return command.AsUnusable(err)
			}
			if own.preview {
				return preview.Run(ctx, c.Out, options)
			}
			return convert(ctx, flags, own, options, c)
		},
	}.Execute(context.Background(), args, out, errs)
}

// printMap prints a preset, or the names of all where there is none of that name.
func printMap(out io.Writer, name string) {
	if text, known := mapping.Preset(name); known {
		fmt.Fprint(out, string(text))
		return
	}
	fmt.Fprintln(out, strings.Join(mapping.Presets(), "\n"))
}

// start sets the process up. A worker of a cluster stays here until it ends.
func start(flags *flag.FlagSet, preview bool) error {
	if err := onlyBoth(flags); err != nil && !preview {
		return err
	}
	if flags.Lookup("worker").Value.String() == "true" {
		if err := flink.ExitWithParent(flags.Lookup("semi_persist_dir").Value.String()); err != nil {
			return err
		}
	}
	beam.Init() // sets a log up, too
	quiet()
	return nil
}

// settle checks the flags. A pointer to those that flags set is needed, since a job's
// page shows what --start=latest has become.
func settle(ctx context.Context, flags *flag.FlagSet, own *settings, f *engine.Flags) (o engine.Options, err error) {
	if own.preview {
		onlyGiven(flags, f)
	}
	if err := prepare(flags, own, f); err != nil {
		return o, err
	}
	if f.ForgetBefore != "" && !command.Given(flags)["clicks"] { // nothing is read but what is there
		f.Clicks, f.Orders = nil, nil
	}
	if o, err = engine.Parse(ctx, *f); err != nil {
		return o, err
	}
	return o, onlyUsed(flags, own.flink, o)
}

// convert runs the engine on the runner that is wanted.
func convert(ctx context.Context, flags *flag.FlagSet, own settings, o engine.Options, c command.Call) error {
	line := command.NewProgress(os.Stderr)
	tellProblems(line)
	if o.Runner == engine.Dataflow {
		return runOnDataflow(ctx, o, own.dataflow, flags.Lookup("dry_run").Value.String() == "true", c.Out, c.Errs)
	}
	if !o.Live() {
		saveMemory()
	}
	if own.metricsPort != 0 {
		if err := serveMetrics(own.metricsPort); err != nil {
			return err
		}
	}
	stop := showProgress(line, o.MaxMalformed)
	if o.Live() {
		defer tellMisses()()
	}
	var summary engine.Summary
	var err error
	if o.Runner == engine.Flink {
		summary, err = runOnFlink(ctx, o, own.flink)
	} else {
		drainOnSignal(o.Live())
		summary, err = engine.Run(ctx, o)
	}
	stop()
	return report(c.Out, o, summary, err)
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

// report prints what a run has found, also where its ledger does not balance, and
// returns what went wrong, or seems to have.
func report(out io.Writer, o engine.Options, summary engine.Summary, err error) error {
	var imbalance *engine.Imbalance
	if err != nil && !errors.As(err, &imbalance) {
		return err
	}
	if o.Detached {
		fmt.Fprintln(out, "The job is accepted; it goes on by itself.")
		return nil
	}
	printSummary(out, summary, o)
	return cmp.Or(err, command.Doubt(doubtsOf(summary, o.MaxMalformed)))
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
