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
	"slices"

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
orders: without ids on the clicks, with them, and with 1,000 promotions. Run it at
the top of the repository.`,
		Examples: []string{"go run ./launch/bench", "go run ./launch/bench --flink=false --runs 3",
			"go run ./launch/bench --history --only '90 days' --limit 1h"},
		Flags: declare(&o),
		Groups: []command.Group{{Title: "Flags",
			Flags: []string{"flink", "runs", "history", "only", "clicks", "orders", "work", "limit"}}},
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
In each round the contenders run one after another, with %d threads each:

- DuckDB's query, on text files that the system has in memory: the limit;
- DuckDB that writes the engine's three datasets as Parquet files by hours, which
  is the fair peer; both without the start of its process;
- the engine on direct and on Prism, the whole process: start, decoding, ledger,
  files, tables and summary;
- the engine on direct without tables, and a bare insert of the tables' rows into an
  empty SQLite file, which tell how long the tables take.

What counts is a round's ratio, since the seconds of a shared machine change from
one minute to the next. The results of every run must equal those of DuckDB's query,
or the bench fails. A missed goal is printed, and no failure.

Then, on the data sets of the short form, Flink SQL and the engine on Flink do the
same, one after another, on a cluster of the bench's own with %d slots. Flink SQL's
seconds are from its first statement to its last row, planning included; the
engine's are those of its job. --flink=false leaves that out.

--history has many windows with few clicks each (30 days, 90 days), many promotions,
many clicks, and series of growing length, whose seconds for a record must not grow.
Where a data set fails, the others go on.

DuckDB %s is installed from PyPI, the first time, into a Python environment in
your cache directory; python3 with venv must be there. Nothing else of the
product needs it. Data are generated the first time, too: after a change of the
generator remove the directory that --work names.`

// sayer prints a line of progress.
type sayer func(format string, values ...any)

// The contenders that have goals, and those of their tables.
const (
	direct        = "engine, direct"
	prism         = "engine, Prism"
	engineFlink   = "engine, Flink"
	noTables      = "direct, no tables"
	bareInsertion = "SQLite, bare insert"
)

func bench(ctx context.Context, o options, out io.Writer, say sayer) (failed error) {
	data, err := datasets(o)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.work, 0o755); err != nil {
		return err
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
	printMachine(out)
	all, failed := measureAll(ctx, data, contenders, o, out, say)
	short := slices.DeleteFunc(slices.Clone(data), func(d dataset) bool { return d.long })
	if o.flink && len(short) > 0 && ctx.Err() == nil {
		f, stop, err := startFlink(ctx, o, results, say)
		if stop != nil {
			defer func() { failed = errors.Join(failed, stop()) }()
		}
		if err != nil {
			return errors.Join(failed, err)
		}
		_, err = measureAll(ctx, short, []contender{{name: "Flink SQL", run: f.sql, peer: "SQL"},
			{name: engineFlink, run: f.engine}}, o, out, say)
		failed = errors.Join(failed, err)
	}
	printGrowth(out, all)
	printMethod(out)
	return failed
}

// measureAll measures on one data set after another, and prints their tables. Those
// that fail are in the error alone.
func measureAll(
	ctx context.Context, data []dataset, contenders []contender, o options, out io.Writer, say sayer,
) (all []measured, failed error) {
	for _, d := range data {
		results, err := d.measure(ctx, contenders, o.rounds(d), out, say)
		if ctx.Err() != nil {
			return all, ctx.Err()
		}
		if err != nil {
			say("%v", err)
			failed = errors.Join(failed, err)
			continue
		}
		all = append(all, measured{d, results})
	}
	return all, failed
}

// measure makes a data set, measures on it, and prints its table.
func (d dataset) measure(
	ctx context.Context, contenders []contender, r rounds, out io.Writer, say sayer,
) ([]result, error) {
	if err := d.ensure(say); err != nil {
		return nil, err
	}
	if err := d.load(); err != nil {
		return nil, err
	}
	results, err := measure(ctx, d, contenders, r, say)
	if err != nil {
		return nil, err
	}
	if err := d.printHead(out, results, r); err != nil {
		return nil, err
	}
	d.printTable(out, results)
	printTables(out, results)
	return results, nil
}

// prepare installs DuckDB, builds the engine, and returns what to measure, first
// what the others' results are compared with. Their own go to a directory.
func prepare(ctx context.Context, o options, results string, say sayer) ([]contender, error) {
	db, err := installDuckDB(ctx, results, o.limit, say)
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
	on := func(runner string) engine {
		return engine{binary: binary, work: results, runner: runner, limit: o.limit}
	}
	onDirect, without, insert := withTables(on("direct"))
	return []contender{
		{name: "DuckDB, query", run: db.query, peer: "query"},
		{name: "DuckDB, files", run: db.files, peer: "files"},
		onDirect, {name: prism, run: on("prism").run}, without, insert,
	}, nil
}
