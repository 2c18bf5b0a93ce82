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
	runs           int
	limit          time.Duration // of one child process
	flink          bool
}

// declare declares the flags, whose values go into the options.
func declare(o *options) *flag.FlagSet {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&o.work, "work", "out/bench",
		"`directory` for the data sets, 0.6 GB, and for results until checked")
	flags.IntVar(&o.clicks, "clicks", 2_000_000, "`number` of clicks in a data set")
	flags.IntVar(&o.orders, "orders", 200_000, "`number` of orders in a data set")
	flags.IntVar(&o.runs, "runs", 5, "`number` of measured runs, after one to warm up")
	flags.DurationVar(&o.limit, "limit", 10*time.Minute, "`time` that any one process may take")
	flags.BoolVar(&o.flink, "flink", true, "measure on Flink, too")
	return flags
}

func (o options) validate() error {
	for _, f := range []struct {
		name  string
		value int
	}{{"clicks", o.clicks}, {"orders", o.orders}, {"runs", o.runs}} {
		if f.value < 1 {
			return command.Refuse(f.name, f.value, "must be 1 or more")
		}
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
