// Bench measures the engine against DuckDB and against Flink SQL, as ratios
// within one run: see --help.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"adtoorder/pipelines/command"
)

func main() { command.Main(run) }

// run returns the exit status, which is 0 also where a goal is missed, and 1 also
// where results differ.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	var o options
	say := func(format string, values ...any) { fmt.Fprintf(errs, format+"\n", values...) }
	return command.Program{
		Name: "bench",
		About: `
Bench measures the engine against DuckDB on the same two files of clicks and
orders, without ids on the clicks and then with them. Run it at the top of the
repository.`,
		Examples: []string{"go run ./launch/bench", "go run ./launch/bench --flink=false --runs 3"},
		Flags:    declare(&o),
		Groups: []command.Group{{Title: "Flags", Flags: []string{"flink", "runs", "clicks", "orders", "work",
			"limit"}}},
		Notes: fmt.Sprintf(notes, threads, threads, duckdbVersion),
		Run: func(ctx context.Context, c command.Call) error {
			if err := o.validate(); err != nil {
				return err
			}
			return bench(ctx, o, c.Out, say)
		},
	}.Execute(ctx, args, out, errs)
}

const notes = `
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
generator remove the directory that --work names.`

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
		groups = append(groups, []contender{{name: "Flink SQL", run: f.sql}, {name: "engine, Flink", run: f.engine,
			goal: flinkGoal}})
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
