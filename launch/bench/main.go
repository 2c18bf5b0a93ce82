// Bench measures the engine against DuckDB and against Flink SQL, as ratios
// within one run: see --help.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run returns the exit status: 0, also where a goal is missed; 1 where
// something failed or results differ; 2 where a flag can't be used.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	flags := newFlags()
	o, err := parse(flags, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		help(out, flags)
		return 0
	case err != nil:
		fmt.Fprintln(errs, "bench:", err)
		return 2
	}
	say := func(format string, values ...any) { fmt.Fprintf(errs, format+"\n", values...) }
	if err := bench(ctx, o, out, say); err != nil {
		fmt.Fprintln(errs, "bench:", err)
		return 1
	}
	return 0
}

// sayer prints a line of progress.
type sayer func(format string, values ...any)

func bench(ctx context.Context, o options, out io.Writer, say sayer) (failed error) {
	data := datasets(o)
	for _, d := range data {
		if err := d.ensure(say); err != nil {
			return err
		}
	}
	// Results stay until the end: ext4 makes a new file slowly for seconds after
	// many were removed.
	results, err := os.MkdirTemp(o.work, "results-")
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, os.RemoveAll(results)) }()
	contenders, err := prepare(ctx, o, results, say)
	if err != nil {
		return err
	}
	groups := [][]contender{contenders}
	if o.flink {
		f, stop, err := startFlink(ctx, o, results, say)
		if stop != nil {
			defer func() { failed = errors.Join(failed, stop()) }()
		}
		if err != nil {
			return err
		}
		groups = append(groups, []contender{{name: "Flink SQL", run: f.sql}, {name: "engine, Flink", run: f.engine, goal: flinkGoal}})
	}
	printMachine(out)
	for _, contenders := range groups {
		for _, d := range data {
			results, err := measure(ctx, d, contenders, o.runs, say)
			if err != nil {
				return err
			}
			if err := d.print(out, results); err != nil {
				return err
			}
		}
	}
	printMethod(out, o.runs)
	return nil
}

// prepare installs DuckDB, builds the engine, and returns what to measure,
// first what the others are compared with. The engine's results go to a
// directory.
func prepare(ctx context.Context, o options, results string, say sayer) ([]contender, error) {
	db, err := installDuckDB(ctx, o.limit, say)
	if err != nil {
		return nil, err
	}
	binary, err := filepath.Abs(filepath.Join(o.work, "conversions"))
	if err != nil {
		return nil, err
	}
	say("building the engine")
	if err := build(ctx, binary, o.limit); err != nil {
		return nil, err
	}
	on := func(runner string) engine { return engine{binary, results, runner, o.limit} }
	return []contender{
		{name: "DuckDB " + duckdbVersion, run: db.run},
		{name: "engine, direct", run: on("direct").run, goal: directGoal},
		{name: "engine, Prism", run: on("prism").run, goal: prismGoal},
	}, nil
}
