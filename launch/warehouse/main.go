// Warehouse looks after a warehouse in BigQuery: see --help, or the README.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"adtoorder/io/endpoint"
	"adtoorder/io/warehouse"
	"adtoorder/pipelines/engine"

	"cloud.google.com/go/civil"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// closed is for how many dates rows may still come, today among them, where
// --before is not given.
const closed = 2

// run returns the exit status: 0, 1 where compacting failed, 2 for a flag that
// can't be used.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	if len(args) > 0 && args[0] == "compact" {
		args = args[1:]
	} else if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		return fail(errs, 2, fmt.Errorf("%q is no command; want compact, see --help", args[0]))
	}
	flags := flag.NewFlagSet("warehouse", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	uri := flags.String("warehouse", "", "what to compact: `bigquery://PROJECT/DATASET`")
	date := flags.String("before", "", "fold the dates before this `date`, in UTC, such as 2026-11-01 (default yesterday's)")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp), len(args) == 0:
		help(out, flags)
		return 0
	case err != nil:
		return fail(errs, 2, errors.New(strings.ReplaceAll(err.Error(), ": -", ": --")+"; see --help"))
	case flags.NArg() > 0:
		return fail(errs, 2, fmt.Errorf("%q is no flag; want flags alone, see --help", flags.Arg(0)))
	}
	w, err := warehouse.Open(*uri)
	b, ok := w.(warehouse.BigQuery)
	switch {
	case strings.HasPrefix(*uri, "bigquery:") && err != nil:
		return fail(errs, 2, fmt.Errorf("--warehouse=%s: %w", endpoint.Hide(*uri), err))
	case !ok:
		return fail(errs, 2, fmt.Errorf("--warehouse=%s: want bigquery://PROJECT/DATASET; SQLite merges rows where it writes them", endpoint.Hide(*uri)))
	}
	before := civil.DateOf(time.Now().UTC()).AddDays(1 - closed)
	if *date != "" {
		if before, err = civil.ParseDate(*date); err != nil {
			return fail(errs, 2, fmt.Errorf("--before=%s: want a date such as 2026-11-01", *date))
		}
	}
	return compact(ctx, b, before, out, errs)
}

// compact folds, with a line for each date.
func compact(ctx context.Context, b warehouse.BigQuery, before civil.Date, out, errs io.Writer) int {
	defer b.Close()
	var versions int64
	err := b.Compact(ctx, engine.Tables, before, func(f warehouse.Folded) {
		of := ""
		if !f.Date.IsZero() {
			of = " of " + f.Date.String()
		}
		fmt.Fprintf(out, "%s%s: %d older versions of rows folded\n", f.Table, of, f.Versions)
		versions += f.Versions
	})
	if err != nil {
		return fail(errs, 1, err)
	}
	fmt.Fprintf(out, "Before %s, every row of %s has one version; %d were folded.\n", before, b.ID(), versions)
	return 0
}

func help(out io.Writer, flags *flag.FlagSet) {
	fmt.Fprint(out, `Warehouse looks after a warehouse in BigQuery.

  go run ./launch/warehouse compact --warehouse bigquery://PROJECT/DATASET

BigQuery's tables hold every version of a row that the engine has written, and
whoever reads them merges. Compact puts the merged row in place of the versions, a
date at a time, for the dates that are over: queries then read less. It may run at
any time, and again: rows that come meanwhile stay.

Flags:
`)
	flags.VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(out, "  --%s %s\n      %s\n", f.Name, value, usage)
	})
}

func fail(errs io.Writer, status int, err error) int {
	fmt.Fprintln(errs, "warehouse: "+strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", " "))
	return status
}
