package main

import (
	"flag"
	"os"
	"time"

	"adtoorder/pipelines/command"
)

// threads is what DuckDB and the engine alike are given, so that the ratio does
// not depend on the number of cores.
const threads = 2

// options are what the bench is told, checked.
type options struct {
	work           string
	clicks, orders int
	runs           int // 0 for what fits the data set
	history        bool
	only           string        // part of a title
	limit          time.Duration // of one child process
	flink          bool
}

// declare declares the flags, whose values go into the options.
func declare(o *options) *flag.FlagSet {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.BoolVar(&o.history, "history", false,
		"measure on the long data sets, too; takes an hour or more, 12 GB for data, and as much for results")
	flags.StringVar(&o.only, "only", "", "measure only on data sets whose title has this `part`, such as 90 days")
	flags.StringVar(&o.work, "work", "out/bench",
		"`directory` for the data sets, 0.9 GB, and for results until the end")
	flags.IntVar(&o.clicks, "clicks", 2_000_000, "`number` of clicks in a data set, but for those of --history")
	flags.IntVar(&o.orders, "orders", 200_000, "`number` of orders, likewise")
	flags.IntVar(&o.runs, "runs", 0,
		"`number` of measured runs, after one to warm up; without it 5, and for --history 1 and none to warm up")
	flags.DurationVar(&o.limit, "limit", 10*time.Minute, "`time` that any one process may take")
	flags.BoolVar(&o.flink, "flink", true, "measure on Flink, too")
	return flags
}

func (o options) validate() error {
	for _, f := range []struct {
		name  string
		value int
	}{{"clicks", o.clicks}, {"orders", o.orders}} {
		if f.value < 1 {
			return command.Refuse(f.name, f.value, "must be 1 or more")
		}
	}
	if o.runs < 0 {
		return command.Refuse("runs", o.runs, "must be 1 or more, or 0 for what fits the data set")
	}
	if o.limit <= 0 {
		return command.Refuse("limit", o.limit, "must be a duration above 0, such as 10m")
	}
	if o.work == "" {
		return command.Refuse("work", o.work, "must be a directory, which need not exist yet")
	}
	if info, err := os.Stat(o.work); err == nil && !info.IsDir() {
		return command.Refuse("work", o.work, "must be a directory, which need not exist yet, but is a file")
	}
	return nil
}

// rounds are those of a data set.
func (o options) rounds(d dataset) rounds {
	switch {
	case o.runs > 0:
		return rounds{measured: o.runs, warmUp: true}
	case d.long:
		return rounds{measured: 1}
	}
	return rounds{measured: 5, warmUp: true}
}
