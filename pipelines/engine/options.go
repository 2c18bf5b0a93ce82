package engine

import (
	"cmp"
	"context"
	"slices"
	"time"

	"adtoorder/io/files"
	"adtoorder/io/lake"
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
