// Catalog registers the lake's files as tables, so that SQL engines read them: see
// --help, or the README.
package main

import (
	"context"
	"io"
	"log/slog"
	"time"

	"adtoorder/pipelines/command"
)

// catalogTimeout is how long a catalog is given. Its clients try again what may pass.
const catalogTimeout = time.Minute

func main() {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // errors say what there is to say
	command.Main(run)
}

// run returns the exit status: that of a flag that can't be used is also that of a
// name that is taken. Nothing has changed then.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	var f raw
	flags := declare(&f)
	return command.Program{
		Name: "catalog",
		About: `
Catalog registers the lake's files as tables, so that SQL engines read them where
they are: lake_click_stream, lake_order_stream, lake_conversions, lake_ledger and
lake_rejects. Run again, it has them follow the engine's columns; tables of these
names that are something else are left alone.`,
		Examples: []string{
			"go run ./launch/catalog --target bigquery --lake gs://BUCKET/lake --dataset " +
				"'bigquery://PROJECT/DATASET?location=EU'",
			"go run ./launch/catalog --target glue --lake s3://BUCKET/lake --database ads --region eu-central-1",
		},
		Flags: flags,
		Groups: []command.Group{
			{Title: "Flags", Flags: []string{"target", "lake", "lake_format"}},
			{Title: "Flags for --target bigquery", Flags: flagsOf["bigquery"]},
			{Title: "Flags for --target glue", Flags: flagsOf["glue"]},
		},
		Notes: notes,
		Run: func(ctx context.Context, c command.Call) error {
			target, err := parse(f, command.Given(flags))
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(ctx, catalogTimeout)
			defer cancel()
			steps, err := target.plan(ctx)
			if err != nil {
				return err
			}
			return carryOut(ctx, target, steps, c.Out)
		},
	}.Execute(ctx, args, out, errs)
}

const notes = `
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
Payloads of rejects are bytes in parquet, text in jsonl.`
