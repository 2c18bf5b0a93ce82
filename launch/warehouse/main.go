// Warehouse looks after what runs have written: see --help, or the README.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"adtoorder/io/endpoint"
	"adtoorder/io/warehouse"
	"adtoorder/pipelines/command"
	"adtoorder/pipelines/engine"

	"cloud.google.com/go/civil"
)

func main() { command.Main(run) }

// openDates is for how many dates rows may still come, today among them, where
// --before is not given.
const openDates = 2

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	var s settings
	flags := declare(&s)
	return command.Program{
		Name: "warehouse",
		About: `
Warehouse looks after what runs have written: it compacts a warehouse in BigQuery,
and erases payloads of records that could not be used.`,
		Examples: []string{
			"go run ./launch/warehouse compact --warehouse bigquery://PROJECT/DATASET",
			"go run ./launch/warehouse erase --lake out/lake --warehouse sqlite:out/warehouse.db --before 2026-11-01",
			"go run ./launch/warehouse erase --lake out/lake --warehouse sqlite:out/warehouse.db --user U17",
		},
		Flags: flags,
		Groups: []command.Group{{Title: "Flags", Flags: []string{"warehouse", "before"}},
			{Title: "Flags of erase", Flags: []string{"lake", "user"}}},
		Commands: []command.Command{{
			Name:  "compact",
			About: "put the merged row in place of the versions, a date at a time, for the dates that are over",
			Run: func(ctx context.Context, c command.Call) error {
				if err := s.onlyOfCompact(); err != nil {
					return err
				}
				return compact(ctx, s.warehouse, s.beforeOr(yesterday()), c.Out)
			},
		}, {
			Name: "erase",
			About: "take payloads of rejects out of a lake, a warehouse or both: those older than a date, or " +
				"those that hold a person's id",
			Run: func(ctx context.Context, c command.Call) error { return s.erase(ctx, c.Out) },
		}},
		Notes: `
BigQuery's tables hold every version of a row that the engine has written, and
whoever reads them merges. Once compacted, queries read less. It may run at any
time, and again: rows that come meanwhile stay.

What was erased stays so when a run gives its row again; with --replace a run writes
it anew. So erase a person's records where runs read them, too. A reject whose time
is not known stands at 1970-01-01, and is older than any date.`,
	}.Execute(ctx, args, out, errs)
}

// yesterday is the first date for which rows may still come.
func yesterday() civil.Date { return civil.DateOf(time.Now().UTC()).AddDays(1 - openDates) }

func parseDate(text string) (civil.Date, error) {
	date, err := civil.ParseDate(text)
	if err != nil {
		err = errors.New("must be a date such as 2026-11-01")
	}
	return date, err
}

// compact folds, with a line for each date.
func compact(ctx context.Context, uri string, before civil.Date, out io.Writer) error {
	w, err := warehouse.Open(uri)
	compactor, ok := w.(warehouse.Compactor)
	switch {
	case strings.HasPrefix(uri, "bigquery:") && err != nil:
		return command.Refuse("warehouse", endpoint.Hide(uri), err.Error())
	case !ok:
		return command.Refuse("warehouse", endpoint.Hide(uri),
			"must be bigquery://PROJECT/DATASET; SQLite merges rows where it writes them")
	}
	defer w.Close()
	var versions int64
	err = compactor.Compact(ctx, engine.Tables, before, func(f warehouse.Folded) {
		of := ""
		if !f.Date.IsZero() {
			of = " of " + f.Date.String()
		}
		fmt.Fprintf(out, "%s%s: %d older versions of rows folded\n", f.Table, of, f.Versions)
		versions += f.Versions
	})
	if err == nil {
		fmt.Fprintf(out, "Before %s, every row of %s has one version; %d were folded.\n", before, w.ID(), versions)
	}
	return err
}
