package main

import (
	"flag"
	"strings"

	"adtoorder/pipelines/command"
	"adtoorder/pipelines/dataflow"
	"adtoorder/pipelines/engine"
	"adtoorder/pipelines/flink"
	"adtoorder/transforms/mapping"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners"
)

// groups are the flags in the order of help, the most used first. Beam's own stand
// in the same flag set.
var groups = []command.Group{
	{Title: "Flags", Flags: []string{"clicks", "orders", "warehouse", "lake", "window", "runner", "lake_format",
		"replace", "preview", "clicks_map", "orders_map", "timezone", "print_map", "max_malformed", "reject_payloads",
		"forget_before"}},
	{Title: "Flags for live sources", Flags: []string{"allowed_lateness", "out_of_orderness", "start", "metrics_port"}},
	{Title: "Flags for --runner=flink", Flags: flinks},
	{Title: "Flags for --runner=dataflow, Beam's own; the first three are needed", Flags: dataflows},
}

const notes = `
A run on Flink takes Beam's --endpoint, --parallelism, --environment_type (LOOPBACK
if not given), --environment_config, --worker_binary, --job_name and --async, too;
one on Dataflow --job_name (conversions if not given), --experiments and --async.
go run ./launch/flink and go run ./launch/dataflow build and submit in one command.`

// settings are what the program itself is told.
type settings struct {
	metricsPort int
	printMap    string
	preview     bool
	flink       flink.Flags
	dataflow    dataflow.Flags
}

// declare adds our flags to Beam's. Their values stay as they are written, and
// are checked by the engine.
func declare(f *engine.Flags, own *settings) *flag.FlagSet {
	flags := flag.CommandLine
	flags.Init(program, flag.ContinueOnError)
	command.List(flags, &f.Clicks, "clicks", "`source` of clicks, one JSON object a line or message; may be given "+
		"several times: a file or glob, plain or compressed (gzip, zstd, bzip2, lz4, snappy), local, gs://, s3:// or "+
		"az://, or several with commas between; or a live source: watch:DIR/GLOB[?every=1m] for a folder that files "+
		"drop into, kafka://HOST:PORT/TOPIC, kinesis://STREAM?region=REGION, pubsub://PROJECT/SUBSCRIPTION")
	command.List(flags, &f.Orders, "orders", "`source` of orders, likewise")
	flags.StringVar(&f.Lake, "lake", f.Lake, "`directory` for partitioned files")
	flags.StringVar(&f.LakeFormat, "lake_format", f.LakeFormat, "`format` of these files: parquet or jsonl")
	flags.StringVar(&f.Warehouse, "warehouse", f.Warehouse, "`database` for tables and views: sqlite:FILE, "+
		"bigquery://PROJECT/DATASET (with ?location=LOCATION where the dataset is to be made), or none")
	flags.StringVar(&f.Window, "window", f.Window,
		"`length` of the windows that are counted, in whole seconds, such as "+
			"30s, 1m or 1h")
	flags.StringVar(&f.AllowedLateness, "allowed_lateness", f.AllowedLateness,
		"how `long` a window of a live source stays open for late records; finished files need none")
	flags.StringVar(&f.OutOfOrderness, "out_of_orderness", f.OutOfOrderness,
		"how `far` a live source's watermark stays behind its newest record")
	flags.StringVar(&f.Start, "start", f.Start, "where live sources begin: earliest, latest, or a `time` such as "+
		"2026-11-01T00:00:00Z, by the broker's clock; windows that begin before are not written; not for pubsub://, "+
		"which begins with what is not acknowledged. Without it, a run goes on where the last one into this "+
		"warehouse left windows open, or begins with the oldest record")
	flags.IntVar(&own.metricsPort, "metrics_port", 0, "`port` of a page with metrics for Prometheus, on localhost; 0 "+
		"for none")
	flags.StringVar(&f.ClicksMap, "clicks_map", f.ClicksMap, "`map` of clicks of another shape: a file (YAML or JSON) "+
		"that says where our fields are, or a preset: "+strings.Join(mapping.Presets(), ", "))
	flags.StringVar(&f.OrdersMap, "orders_map", f.OrdersMap, "`map` of orders, likewise")
	flags.StringVar(&f.Timezone, "timezone", f.Timezone, "`zone` of times that have none, such as Europe/Berlin, "+
		"where a map does not say")
	flags.StringVar(&own.printMap, "print_map", "", "print the preset of that `name`, or the names of all, and end")
	flags.BoolVar(&f.Replace, "replace", false, "put the windows of this run in place of what lake and warehouse hold "+
		"of them from other sources or window lengths")
	flags.StringVar(&f.RejectPayloads, "reject_payloads", f.RejectPayloads,
		"what is `kept` of the payload of a record that can't be used, which may hold personal data: full; hashed, so "+
			"that equal ones are found; or none. Only full can be replayed")
	flags.BoolVar(&own.preview, "preview", false, "look at the first 1,000 records of each source, say how they are "+
		"read, what is in them and what becomes of it, and write nothing; one of --clicks and --orders is enough")
	flags.StringVar(&f.MaxMalformed, "max_malformed", f.MaxMalformed, "which `share` of clicks, and of orders, may be "+
		"malformed, such as 0.05: a run in which it is more ends with status 3, as one does that counts nothing at "+
		"all of a stream that has records")
	flags.StringVar(&f.ForgetBefore, "forget_before", "", "`date` such as 2026-11-01: remove for good the windows "+
		"that begin before it (UTC), from lake and warehouse, with or without new files; records of later files that "+
		"are of such windows are before_start")
	*runners.Runner = f.Runner // Beam's own flag, with a default and a text that fit
	var ours flag.FlagSet
	ours.StringVar(&f.Runner, "runner", f.Runner, "`runner`: prism or direct, in this process; flink, on the cluster "+
		"whose job server --endpoint names (default "+flink.DefaultEndpoint+"); or dataflow, "+
		"in a project of Google's cloud")
	*flags.Lookup("runner") = *ours.Lookup("runner")
	return flags
}

// onlyBoth refuses one stream of the user's beside the other of the sample.
func onlyBoth(flags *flag.FlagSet) error {
	given := command.Given(flags)
	for one, other := range map[string]string{"clicks": "orders", "orders": "clicks"} {
		if given[one] && !given[other] {
			return command.RefuseArgs("--%s is given without --%s; give both, or neither for the sample", one, other)
		}
	}
	return nil
}

// onlyGiven leaves out the stream of the sample where the other one is the user's.
func onlyGiven(flags *flag.FlagSet, f *engine.Flags) {
	switch given := command.Given(flags); {
	case given["clicks"] && !given["orders"]:
		f.Orders = nil
	case given["orders"] && !given["clicks"]:
		f.Clicks = nil
	}
}
