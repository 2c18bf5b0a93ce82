// Catalog registers the lake's files as tables, so that SQL engines read them: see
// --help, or the README.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"time"
)

// patience is how long a catalog is given. Its clients try again what may pass.
const patience = time.Minute

func main() {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // errors say what there is to say
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit status: 0, 1 where registering failed, 2 for a flag that
// can't be used, or a name that is taken: nothing has changed then.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	var f raw
	flags := declare(&f)
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		help(out, flags)
		return 0
	case err != nil:
		return fail(errs, 2, restate(err))
	case flags.NArg() > 0:
		return fail(errs, 2, fmt.Errorf("%q is no flag; want flags alone, see --help", flags.Arg(0)))
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	c, err := parse(f, given)
	if err != nil {
		return fail(errs, 2, err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	steps, err := c.plan(ctx)
	if err == nil {
		err = carryOut(ctx, c, steps, out)
	}
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		return fail(errs, 2, err)
	case err != nil:
		return fail(errs, 1, err)
	}
	return 0
}

func fail(errs io.Writer, status int, err error) int {
	fmt.Fprintln(errs, "catalog: "+strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", " "))
	return status
}

func help(out io.Writer, flags *flag.FlagSet) {
	fmt.Fprint(out, `Catalog registers the lake's files as tables, so that SQL engines read them where
they are: lake_click_stream, lake_order_stream, lake_conversions, lake_ledger and
lake_rejects. Run again, it has them follow the engine's columns; tables of these
names that are something else are left alone.

  go run ./launch/catalog --target bigquery --lake gs://BUCKET/lake --dataset 'bigquery://PROJECT/DATASET?location=EU'
  go run ./launch/catalog --target glue --lake s3://BUCKET/lake --database ads --region eu-central-1

Flags:
`)
	for _, name := range order {
		f := flags.Lookup(name)
		value, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(out, "  --%s %s\n      %s", name, value, usage)
		if f.DefValue != "" {
			fmt.Fprintf(out, " (default %s)", f.DefValue)
		}
		fmt.Fprintln(out)
	}
	fmt.Fprint(out, `
The keys year, month, day and hour (UTC) are columns. Filter by them, in tables and
in views, and the rest of the lake is not read:

  SELECT * FROM lake_view_conversion_ratio WHERE year = 2026 AND month = 11    -- BigQuery
  SELECT * FROM view_conversion_ratio WHERE year = '2026' AND month = '11'     -- Athena

BigQuery gets external tables and the views lake_view_clicks_aggregate,
lake_view_orders_aggregate and lake_view_conversion_ratio over them. BigQuery fails queries of a table without
files, so datasets that have none yet are left out: a lake without rejects, say.

Glue gets tables whose partitions Athena works out by itself: new hours are there at
once, without a crawler. They have the years that the lake has files of, this year
and the next one: run this again each year, and after files of earlier years. A query
without a filter asks S3 for every hour of these years, 8,928 requests each. All
that is printed is SQL: paste the three views into Athena.

In jsonl lakes Athena has times as text, which from_iso8601_timestamp() reads.
Payloads of rejects are bytes in parquet, text in jsonl.
`)
}
