package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"adtoorder/pipelines/dataflow"
	"adtoorder/pipelines/engine"
	"adtoorder/pipelines/flink"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners"
)

// ours are our flags, in the order in which --help shows them. Beam's own stand
// in the same flag set.
var ours = []string{"clicks", "orders", "lake", "lake_format", "warehouse", "window", "allowed_lateness",
	"out_of_orderness", "start", "replace", "runner", "metrics_port"}

// settings are what the program itself is told.
type settings struct {
	metricsPort int
	flink       flink.Flags
	dataflow    dataflow.Flags
}

// declare adds our flags to Beam's. Their values stay as they are written, and
// are checked by the engine.
func declare(f *engine.Flags, own *settings) *flag.FlagSet {
	flags := flag.CommandLine
	flags.Init("conversions", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Var(&list{values: &f.Clicks}, "clicks", "`source` of clicks, one JSON object a line or message; may be given several times: a file or glob, plain or compressed (.gz, .zst, .bz2), local, gs://, s3:// or az://, or several with commas between; or a live source: watch:DIR/GLOB[?every=1m] for a folder that files drop into, kafka://HOST:PORT/TOPIC, kinesis://STREAM?region=REGION, pubsub://PROJECT/SUBSCRIPTION")
	flags.Var(&list{values: &f.Orders}, "orders", "`source` of orders, likewise")
	flags.StringVar(&f.Lake, "lake", f.Lake, "`directory` for partitioned files")
	flags.StringVar(&f.LakeFormat, "lake_format", f.LakeFormat, "`format` of these files: parquet or jsonl")
	flags.StringVar(&f.Warehouse, "warehouse", f.Warehouse, "`database` for tables and views: sqlite:FILE, bigquery://PROJECT/DATASET (with ?location=LOCATION where the dataset is to be made), or none")
	flags.StringVar(&f.Window, "window", f.Window, "`length` of the windows that are counted, in whole seconds, such as 30s, 1m or 1h")
	flags.StringVar(&f.AllowedLateness, "allowed_lateness", f.AllowedLateness, "how `long` a window of a live source stays open for late records; finished files need none")
	flags.StringVar(&f.OutOfOrderness, "out_of_orderness", f.OutOfOrderness, "how `far` a live source's watermark stays behind its newest record")
	flags.StringVar(&f.Start, "start", f.Start, "where live sources begin: earliest, latest, or a `time` such as 2026-11-01T00:00:00Z, by the broker's clock; windows that begin before are not written; not for pubsub://, which begins with what is not acknowledged. Without it, a run goes on where the last one into this warehouse left windows open, or begins with the oldest record")
	flags.IntVar(&own.metricsPort, "metrics_port", 0, "`port` of a page with metrics for Prometheus, on localhost; 0 for none")
	flags.BoolVar(&f.Replace, "replace", false, "put the windows of this run in place of what lake and warehouse hold of them from other sources or window lengths")
	*runners.Runner = f.Runner // Beam's own flag, with a default and a text that fit
	runner := flags.Lookup("runner")
	runner.DefValue, runner.Usage = f.Runner, "`runner`: prism or direct, in this process; flink, on the cluster whose job server --endpoint names (default "+flink.DefaultEndpoint+"); or dataflow, in a project of Google's cloud"
	runner.Value = &text{&f.Runner}
	return flags
}

// list is a flag that may be given several times; the first time replaces the
// default.
type list struct {
	values *[]string
	given  bool
}

// String implements flag.Value.
func (l *list) String() string {
	if l.values == nil {
		return ""
	}
	return strings.Join(*l.values, ",")
}

// Set implements flag.Value.
func (l *list) Set(value string) error {
	if !l.given {
		*l.values, l.given = nil, true
	}
	*l.values = append(*l.values, value)
	return nil
}

// text is a string flag.
type text struct{ value *string }

// String implements flag.Value.
func (t *text) String() string {
	if t.value == nil {
		return ""
	}
	return *t.value
}

// Set implements flag.Value.
func (t *text) Set(value string) error {
	*t.value = value
	return nil
}

// onlyBoth refuses one stream of the user's beside the other of the sample.
func onlyBoth(flags *flag.FlagSet) error {
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for one, other := range map[string]string{"clicks": "orders", "orders": "clicks"} {
		if given[one] && !given[other] {
			return fmt.Errorf("--%s is given without --%s; want both, or neither for the sample", one, other)
		}
	}
	return nil
}

// help explains the flags, ours apart from Beam's.
func help(out io.Writer, flags *flag.FlagSet) {
	fmt.Fprint(out, `Conversions counts clicks and orders by promotion and window, and writes what
share of clicks became orders: to partitioned files, and to warehouse tables.
Without any flag it runs on a sample.

  go run ./pipelines/conversions --clicks 'clicks-*.jsonl' --orders 'orders-*.jsonl.gz'

Flags:
`)
	for _, name := range ours {
		explain(out, flags.Lookup(name))
	}
	fmt.Fprint(out, "\nFlags for --runner=flink, beside Beam's --endpoint, --parallelism, --environment_type (LOOPBACK if not given), --environment_config, --worker_binary, --job_name and --async:\n")
	for _, name := range flinks {
		explain(out, flags.Lookup(name))
	}
	fmt.Fprint(out, "\nFlags for --runner=dataflow, Beam's own, beside --job_name (conversions if not given), --experiments and --async. The first three are needed; go run ./launch/dataflow builds and submits in one command:\n")
	for _, name := range dataflows {
		explain(out, flags.Lookup(name))
	}
	fmt.Fprint(out, "\nBeam's flags, for other runners and for debugging:\n")
	flags.VisitAll(func(f *flag.Flag) {
		if !slices.Contains(ours, f.Name) && !slices.Contains(flinks, f.Name) && !slices.Contains(dataflows, f.Name) {
			explain(out, f)
		}
	})
}

func explain(out io.Writer, f *flag.Flag) {
	value, usage := flag.UnquoteUsage(f)
	if value != "" {
		value = " " + value
	}
	fmt.Fprintf(out, "  --%s%s\n      %s", f.Name, value, strings.ReplaceAll(usage, "\n", "\n      "))
	if f.DefValue != "" && f.DefValue != "false" {
		fmt.Fprintf(out, " (default %s)", f.DefValue)
	}
	fmt.Fprintln(out)
}
