package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
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

func newFlags() *flag.FlagSet {
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.String("work", "out/bench", "`directory` for the data sets, 0.6 GB, and for results until checked")
	fs.Int("clicks", 2_000_000, "`number` of clicks in a data set")
	fs.Int("orders", 200_000, "`number` of orders in a data set")
	fs.Int("runs", 5, "`number` of measured runs, after one to warm up")
	fs.Duration("limit", 10*time.Minute, "`time` that any one process may take")
	fs.Bool("flink", true, "measure on Flink, too")
	return fs
}

// parse returns flag.ErrHelp where help is asked for, and otherwise an error of
// one line.
func parse(fs *flag.FlagSet, args []string) (o options, err error) {
	if err := fs.Parse(args); errors.Is(err, flag.ErrHelp) {
		return o, err
	} else if err != nil {
		return o, errors.New(strings.NewReplacer(" -", " --", "\n", " ").Replace(err.Error()) + "; see --help")
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("%q: only flags are taken; see --help", fs.Arg(0))
	}
	value := func(name string) any { return fs.Lookup(name).Value.(flag.Getter).Get() }
	o = options{
		work:   value("work").(string),
		clicks: value("clicks").(int),
		orders: value("orders").(int),
		runs:   value("runs").(int),
		limit:  value("limit").(time.Duration),
		flink:  value("flink").(bool),
	}
	return o, o.validate()
}

func (o options) validate() error {
	for _, f := range []struct {
		name  string
		value int
	}{{"clicks", o.clicks}, {"orders", o.orders}, {"runs", o.runs}} {
		if f.value < 1 {
			return fmt.Errorf("--%s=%d: want 1 or more", f.name, f.value)
		}
	}
	if o.limit <= 0 {
		return fmt.Errorf("--limit=%s: want a duration above 0, such as 10m", o.limit)
	}
	if o.work == "" {
		return errors.New("--work=: want a directory, which need not exist yet")
	}
	if info, err := os.Stat(o.work); err == nil && !info.IsDir() {
		return fmt.Errorf("--work=%s: is a file; want a directory, which need not exist yet", o.work)
	}
	return nil
}

func help(out io.Writer, fs *flag.FlagSet) {
	fmt.Fprintf(out, `Bench measures the engine against DuckDB on the same two files of clicks and
orders, without ids on the clicks and then with them. Run it at the top of the
repository:

  go run ./launch/bench

In each round DuckDB, the engine on direct and the engine on Prism run one after
another, with %d threads each. What counts is a round's ratio, since the seconds
of a shared machine change from one minute to the next. DuckDB's seconds are its
query alone, on text files that the system has in memory; the engine's are its
whole process: start, decoding, ledger, files, tables and summary. The results
of every run must equal DuckDB's, or the bench fails. A missed goal is printed,
and no failure.

Then Flink SQL and the engine on Flink do the same, one after another, on a
cluster of the bench's own with %d slots. Flink SQL's seconds are from its first
statement to its last row, planning included; the engine's are those of its job.
--flink=false leaves that out.

DuckDB %s is installed from PyPI, the first time, into a Python environment in
your cache directory; python3 with venv must be there. Nothing else of the
product needs it. Data are generated the first time, too: after a change of the
generator remove the directory that --work names.

Flags:
`, threads, threads, duckdbVersion)
	fs.VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(out, "  --%s %s\n      %s (default %s)\n", f.Name, value, usage, f.DefValue)
	})
}
