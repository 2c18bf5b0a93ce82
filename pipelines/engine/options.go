// Package engine is the conversion engine: what it is told (Options), the whole
// flow (Build), the tables that it fills, and a run from its start to its
// summary.
package engine

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"adtoorder/io/endpoint"
	"adtoorder/io/files"
	"adtoorder/io/lake"
	"adtoorder/io/storage"
	"adtoorder/io/table"
	"adtoorder/io/warehouse"
	"adtoorder/io/window"
	"adtoorder/pipelines/command"
	"adtoorder/transforms/event"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// Flags are the command line's flags, as they were written.
type Flags struct {
	Clicks, Orders   []string // files and globs, and URIs of live sources
	ClicksMap        string   // a file or a preset; "" for our own records
	OrdersMap        string
	Timezone         string // of times that have none
	Lake, LakeFormat string
	Warehouse        string
	Window           string
	AllowedLateness  string
	OutOfOrderness   string
	Start            string
	Replace          bool
	MaxMalformed     string // share of a stream's records, "" for any
	ForgetBefore     string // a date; "" to forget nothing
	Runner           string
	Detached         bool
	Readers          int  // of each live source that has partitions
	Elsewhere        bool // workers run where this machine's files are not
	RejectPayloads   string
}

// Sample are the flags of a run without any: a look at the product.
var Sample = Flags{
	Clicks:          []string{"testdata/sample/clicks-*.jsonl"},
	Orders:          []string{"testdata/sample/orders-*.jsonl"},
	Lake:            "out/lake",
	LakeFormat:      lake.Parquet,
	Warehouse:       "sqlite:out/warehouse.db",
	Timezone:        "UTC",
	Window:          "1m",
	AllowedLateness: "10m",
	OutOfOrderness:  "10s",
	Runner:          Prism,
	Readers:         1,
	RejectPayloads:  payloadsFull,
}

// The runners that take a submission of their own: in this process, on a cluster, and in
// a project of Google's cloud.
const (
	Prism    = "prism"
	Flink    = "flink"
	Dataflow = "dataflow"
)

var (
	// Embedded are the runners that run in this process.
	Embedded = []string{Prism, "direct"}
	// Runners are all runners that a run can be given to.
	Runners = append(slices.Clone(Embedded), Flink, Dataflow)
)

// Options are what a run is told, checked. They do nothing themselves: see Run.
type Options struct {
	Clicks, Orders Input
	// ReadClicks and ReadOrders are how their records are read.
	ReadClicks, ReadOrders event.Reading
	Lake                   lake.Lake
	Warehouse              warehouse.Warehouse // nil for none
	Window                 time.Duration
	// AllowedLateness is how long a window of a live source stays open for late
	// records.
	AllowedLateness time.Duration
	// OutOfOrderness is how far a live source's watermark stays behind the newest
	// broker time.
	OutOfOrderness time.Duration
	// Start is where live sources begin, as a broker time in milliseconds since the
	// Unix epoch; 0 for the oldest record. Windows that begin before it are not
	// written. Resume has them begin where the last run left windows open instead.
	Start  int64
	Resume bool
	// Restores says that the run goes on with the state of another: that of a
	// savepoint, or of the job that it updates.
	Restores bool
	Replace  bool
	// MaxMalformed is which share of a stream's records may be malformed; 1 for any.
	MaxMalformed float64
	Runner       string
	// Execute gives the graph to a runner that needs more than its name; nil for Runner.
	Execute func(context.Context, *beam.Pipeline) (beam.PipelineResult, error)
	// Detached has a run end when the runner has accepted it.
	Detached bool
	// Readers is how many workers read each topic or stream side by side. Prism needs
	// 1, a cluster one for each of its slots. Folders and subscriptions have one.
	Readers int
	// RejectPayloads is what is kept of the payload of a record that can't be used: full,
	// hashed or none.
	RejectPayloads string

	// ForgetBefore has windows that begin before it removed for good, in milliseconds since
	// the Unix epoch; 0 removes none.
	ForgetBefore int64

	forgotten int64   // windows that begin before it are not kept; it may be of an earlier run
	stretch   stretch // that the files are of; its zero value is all of the input
}

// FlagError is a flag that can't be used. Nothing has been written then.
type FlagError = command.FlagError

// Parse checks flags and finds the files that they name. Its errors are
// *FlagErrors.
func Parse(ctx context.Context, f Flags) (o Options, err error) {
	o.Replace, o.Runner, o.Detached, o.Readers = f.Replace, f.Runner, f.Detached, max(1, f.Readers)
	if !slices.Contains(Runners, f.Runner) {
		return o, command.Refuse("runner", f.Runner, "must be one of "+strings.Join(Runners, ", "))
	}
	o.Window, err = time.ParseDuration(f.Window)
	if err != nil || o.Window < time.Second || o.Window > 24*time.Hour || o.Window%time.Second != 0 {
		return o, command.Refuse("window", f.Window, "must be whole seconds, 1s to 24h, such as 30s, 1m or 1h")
	}
	if o.AllowedLateness, err = time.ParseDuration(f.AllowedLateness); err != nil || o.AllowedLateness < 0 {
		return o, command.Refuse("allowed_lateness", f.AllowedLateness, "must be 0s or more, such as 10m")
	}
	if o.OutOfOrderness, err = time.ParseDuration(f.OutOfOrderness); err != nil || o.OutOfOrderness < 0 {
		return o, command.Refuse("out_of_orderness", f.OutOfOrderness, "must be 0s or more, such as 10s")
	}
	o.RejectPayloads = f.RejectPayloads
	if _, known := withheld[f.RejectPayloads]; !known {
		return o, command.Refuse("reject_payloads", f.RejectPayloads, "must be full, hashed or none")
	}
	if err := o.parseReading(f); err != nil {
		return o, err
	}
	if o.Lake, err = parseLake(f); err != nil {
		return o, err
	}
	if o.Warehouse, err = parseWarehouse(f.Warehouse); err != nil {
		return o, err
	}
	if o.MaxMalformed, err = parseShare(f.MaxMalformed); err != nil {
		return o, err
	}
	if f.Elsewhere {
		if err := o.reachable(f); err != nil {
			return o, err
		}
	}
	if o.Clicks, err = parseInput(ctx, "clicks", f.Clicks); err != nil {
		return o, err
	}
	if o.Orders, err = parseInput(ctx, "orders", f.Orders); err != nil {
		return o, err
	}
	for _, in := range o.streams() { // a list may name files of this machine among others
		i := slices.IndexFunc(in.Files, func(file files.File) bool {
			return file.Copy != "" || storage.IsLocal(file.Path)
		})
		if f.Elsewhere && i >= 0 {
			return o, command.Refuse(in.name, in.Files[i].Path, "is on this machine, and workers run elsewhere")
		}
	}
	if err := o.parseLive(ctx, f); err != nil {
		return o, err
	}
	o.ForgetBefore, err = o.parseForget(f)
	return o, err
}

// parseLive checks what concerns live sources, and whether they answer.
func (o *Options) parseLive(ctx context.Context, f Flags) error {
	start, given, err := parseStart(f.Start, time.Now())
	switch {
	case err != nil:
		return err
	case given && !o.Live():
		return command.Refuse("start", f.Start, "is for live sources; finished files are read whole")
	case !o.Live():
		return nil
	case given && o.Acknowledges():
		return command.Refuse("start", f.Start,
			"is not for Pub/Sub: a subscription begins with what is not acknowledged; "+
				"to have it go back, "+o.subscriptions()[0].SeekCommand("TIME"))
	case o.Runner == "direct":
		return command.Refuse("runner", f.Runner,
			"reads finished files only; give prism, flink or dataflow for live sources")
	case o.Replace:
		return command.Refuse("replace", "true",
			"is for finished files only: which windows a live source will cover is "+
				"not known in advance")
	}
	if err := o.distinct(); err != nil {
		return err
	}
	o.Start, o.Resume = start, !given
	for _, in := range o.streams() {
		if err := in.check(ctx); err != nil {
			return err
		}
	}
	return nil
}

// parseShare reads --max_malformed.
func parseShare(value string) (share float64, err error) {
	if value == "" {
		return 1, nil
	}
	share, err = strconv.ParseFloat(value, 64)
	if err != nil || !(share >= 0 && share <= 1) {
		return 1, command.Refuse("max_malformed", value, "must be a share from 0 to 1, such as 0.05")
	}
	return share, nil
}

// parseForget reads --forget_before: a date, in milliseconds since the Unix epoch.
func (o Options) parseForget(f Flags) (int64, error) {
	if f.ForgetBefore == "" {
		return 0, nil
	}
	date, err := time.Parse(time.DateOnly, f.ForgetBefore)
	switch {
	case err != nil || date.Year() < 1971:
		return 0, command.Refuse("forget_before", f.ForgetBefore,
			"must be a date of 1971 or later, such as 2026-11-01")
	case o.Live():
		return 0, command.Refuse("forget_before", f.ForgetBefore, "is for finished files")
	case o.Replace:
		return 0, command.Refuse("forget_before", f.ForgetBefore, "does not go with --replace; give them in two runs")
	}
	return date.UnixMilli(), nil
}

func parseLake(f Flags) (l lake.Lake, err error) {
	if !slices.Contains(lake.Formats(), f.LakeFormat) {
		return l, command.Refuse("lake_format", f.LakeFormat, "must be one of "+strings.Join(lake.Formats(), ", "))
	}
	dir := strings.TrimRight(f.Lake, "/")
	if hasScheme.MatchString(f.Lake) && !inBucket.MatchString(dir) {
		return l, command.Refuse("lake", endpoint.Hide(f.Lake), "must be gs://BUCKET/FOLDER, s3://BUCKET/FOLDER or "+
			"az://CONTAINER/FOLDER, without spaces or any of #%?, or a local directory")
	}
	if dir == "" || strings.ContainsAny(dir, `*?[\`) {
		return l, command.Refuse("lake", f.Lake, `must be a directory, without any of *?[\ in its name`)
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return l, command.Refuse("lake", f.Lake, "must be a directory, which need not exist yet, but is a file")
	}
	return lake.Lake{Dir: dir, Format: f.LakeFormat}, nil
}

func parseWarehouse(value string) (warehouse.Warehouse, error) {
	if value == "none" {
		return nil, nil
	}
	w, err := warehouse.Open(value)
	if err != nil {
		return nil, command.Refuse("warehouse", endpoint.Hide(value), err.Error()+", or none")
	}
	return w, nil
}

// reachable checks that workers elsewhere can read and write what they are told to.
func (o Options) reachable(f Flags) error {
	near := "workers that see it: --environment_type=LOOPBACK, or the cluster of go run ./launch/flink up"
	if f.Runner == Dataflow {
		near = "a runner on this machine"
	}
	switch {
	case f.Runner == Dataflow && !strings.Contains(o.Lake.Dir, "://"):
		return command.Refuse("lake", f.Lake, "is a folder of this machine, and workers run elsewhere; give "+
			"gs://BUCKET/FOLDER")
	case o.Warehouse != nil && o.Warehouse.File() != "":
		return command.Refuse("warehouse", f.Warehouse, "is a file of this machine, and workers run elsewhere; give "+
			"bigquery://PROJECT/DATASET, none, or "+near)
	case !strings.Contains(o.Lake.Dir, "://") && !filepath.IsAbs(o.Lake.Dir):
		return command.Refuse("lake", f.Lake,
			"is relative to this machine's folder, and workers run elsewhere; give gs://, "+
				"s3:// or az://, or an absolute path that all of them share")
	}
	isHere := func(source string) bool { return !strings.Contains(source, "://") }
	for _, input := range []struct {
		flag    string
		sources []string
	}{{"clicks", f.Clicks}, {"orders", f.Orders}} {
		if i := slices.IndexFunc(input.sources, isHere); i >= 0 {
			return command.Refuse(input.flag, input.sources[i],
				"is on this machine, and workers run elsewhere; give gs://, "+
					"s3://, az://, kafka://, kinesis:// or pubsub://, or "+near)
		}
	}
	return nil
}

// clusterKeys is how many keys a group of finished input is spread over where workers
// of a cluster share the work.
const clusterKeys = 16

// Windows returns the run's windows. Where all sources are finished files, nothing is
// late in them, and they are grouped by the partitions that their rows are written to.
func (o Options) Windows() window.Policy {
	w := window.Policy{Size: o.Window, Start: o.Start, From: o.stretch.from, Until: o.stretch.until,
		Forgotten: o.forgotten}
	switch {
	case o.Live():
		w.AllowedLateness, w.AnyTrigger = o.AllowedLateness, o.Runner == Prism
	case o.embedded():
		w.Group, w.Keys = window.Partition, 1
	default:
		w.Group, w.Keys = cmp.Or(o.stretch.group, window.Partition), clusterKeys
	}
	return w
}

// origin is what the run's rows are made from.
func (o Options) origin(format string) table.Origin {
	origin := table.Origin{Window: o.Window, Format: format, Flags: o.readingFlags()}
	for _, stream := range o.streams() {
		for _, f := range stream.Files {
			origin.Sources = append(origin.Sources, sourceOf(stream.name, f))
		}
		for _, s := range stream.Unbounded {
			origin.Sources = append(origin.Sources, table.Source{Stream: stream.name, Path: s.String()})
		}
	}
	return origin
}

// sourceOf is a finished file as it is remembered.
func sourceOf(stream string, f files.File) table.Source {
	return table.Source{Stream: stream, Path: f.Path, Size: f.Size, Sum: f.Sum}
}

// hasScheme tells what is meant as a URI from a local path. What looks like a URI's
// query, fragment or escape can't be in the name of a folder in a bucket.
var (
	hasScheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]+:`)
	inBucket  = regexp.MustCompile(`^(gs|s3|az)://[A-Za-z0-9][A-Za-z0-9._-]*(/[^#%?\s]*)?$`)
)
