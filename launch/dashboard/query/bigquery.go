package query

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strings"
	"sync"
	"time"

	"adtoorder/io/table"
	"adtoorder/io/warehouse"
	"adtoorder/pipelines/engine"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
)

// dataset is BigQuery's. Its tables hold every version of a row, so what is read is
// merged.
type dataset struct {
	warehouse.BigQuery

	lock    sync.Mutex
	version string
	failed  error     // of asking for it
	counted time.Time // when the version was asked for
}

// counting is for how long a version is not asked for again: each time is a job in
// the project's history.
const counting = 2 * time.Second

// merged is a table's merged rows of some windows, as an item of FROM.
func (d *dataset) merged(name, condition string) string {
	for _, t := range engine.Tables {
		if t.Name == name {
			return "(" + d.Merged(t, condition) + ")"
		}
	}
	return ""
}

// Version implements Warehouse by how many versions of rows there are: to count
// all of a table BigQuery reads none of it.
func (d *dataset) Version(ctx context.Context) (string, error) {
	d.lock.Lock()
	defer d.lock.Unlock()
	if time.Since(d.counted) < counting {
		return d.version, d.failed
	}
	var counts []string
	for _, name := range []string{"conversions", "ledger", "progress", "origin"} {
		counts = append(counts, "(SELECT COUNT(*) FROM "+d.Name(name)+")")
	}
	rows, err := d.Query(ctx, "looking for new rows", "SELECT "+strings.Join(counts, ", "))
	d.version, d.failed, d.counted = fmt.Sprint(rows), d.problem(err), time.Now()
	return d.version, d.failed
}

// Extract implements Warehouse. Its parts are read one after the other: a row that
// comes meanwhile may be in the later ones alone, until the next version.
func (d *dataset) Extract(ctx context.Context, from, before string) (e Extract, err error) {
	during := "TRUE"
	if from != "" {
		during += " AND r.window_start >= TIMESTAMP '" + from + " 00:00:00 UTC'"
	}
	if before != "" {
		during += " AND r.window_start < TIMESTAMP '" + before + " 00:00:00 UTC'"
	}
	read := func(query string, row func(values)) {
		if err != nil {
			return
		}
		rows, failed := d.Query(ctx, "reading what to show", query)
		err = d.problem(failed)
		for _, r := range rows {
			row(values(r))
		}
	}
	read("SELECT DATE(c.window_start, 'UTC'), c.promotion, "+sums+" FROM "+d.merged("conversions", during)+" AS c GROUP BY 1, 2 ORDER BY 1, 2", func(v values) {
		e.Days = append(e.Days, Day{v.text(0), v.text(1), v.counters(2)})
	})
	read("SELECT DATE(l.window_start, 'UTC'), l.stream, l.outcome, l.reason, SUM(l.records) FROM "+d.merged("ledger", during)+" AS l GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4", func(v values) {
		e.Entries = append(e.Entries, Entry{v.text(0), v.text(1), v.text(2), v.text(3), v.integer(4)})
	})
	read("SELECT p.stream, p.partition, p.watermark, p.updated_at FROM "+d.merged("progress", "TRUE")+" AS p ORDER BY 1, 2", func(v values) {
		e.Partitions = append(e.Partitions, Partition{v.text(0), v.text(1), v.time(2), v.time(3)})
		if at := v.time(3); at.After(e.Written) {
			e.Written = at
		}
	})
	read("SELECT MAX(c.window_start) FROM "+d.Name("conversions")+" AS c", func(v values) { e.Newest = v.time(0) })
	read("SELECT o.origin, o.written_at FROM "+d.Name("origin")+" AS o ORDER BY o.written_at DESC LIMIT 1", func(v values) {
		var origin table.Origin
		if failed := json.Unmarshal([]byte(v.text(0)), &origin); failed != nil {
			err = fmt.Errorf("reading the length of the windows: %w", failed)
		}
		e.Window = origin.Window
		if at := v.time(1); at.After(e.Written) {
			e.Written = at // a run that has not reported yet, or one over finished files
		}
	})
	return e, err
}

// Steps implements Warehouse.
func (d *dataset) Steps(ctx context.Context, q StepQuery) (all []Step, err error) {
	if len(q.Promotions) == 0 || q.Window <= 0 {
		return nil, nil
	}
	during := fmt.Sprintf("r.window_start >= TIMESTAMP_SECONDS(%d) AND r.window_start < TIMESTAMP_SECONDS(%d) AND r.promotion IN (?%s)",
		q.From.Unix(), q.Before.Unix(), strings.Repeat(", ?", len(q.Promotions)-1))
	var args []any
	for _, p := range q.Promotions {
		args = append(args, p)
	}
	step := int64(q.Step.Seconds())
	rows, err := d.Query(ctx, "reading what to show", fmt.Sprintf(
		"SELECT c.promotion, UNIX_SECONDS(c.window_start) - MOD(UNIX_SECONDS(c.window_start), %d), %s FROM %s AS c GROUP BY 1, 2 ORDER BY 1, 2",
		step, sums, d.merged("conversions", during)), args...)
	for _, r := range rows {
		v := values(r)
		all = append(all, Step{v.text(0), time.Unix(v.integer(1), 0).UTC(), v.counters(2)})
	}
	return all, d.problem(err)
}

// sums are those of Counters, exact.
const sums = `SUM(c.clicks), SUM(c.orders), SUM(c.order_lines), SUM(CAST(c.units AS NUMERIC)), SUM(CAST(c.revenue_micros AS NUMERIC)),
  SUM(c.late_clicks), SUM(c.late_orders)`

// problem tells what to do about a warehouse that can't be read.
func (d *dataset) problem(err error) error {
	if err == nil {
		return nil
	}
	if text := err.Error(); strings.Contains(text, "Not found") {
		return &Problem{fmt.Sprintf("There is no warehouse in %s yet: %s.", d.ID(), strings.TrimSuffix(text, ".")),
			fmt.Sprintf("Run the engine: go run ./pipelines/conversions --warehouse=bigquery://%s/%s. This page shows its rows as they come.", d.Project, d.Dataset)}
	}
	what, do, _ := strings.Cut(err.Error(), "; ")
	return &Problem{what + ".", do + "."}
}

// values are a row's. A null is the zero value.
type values []bigquery.Value

func (v values) text(i int) string {
	switch value := v[i].(type) {
	case string:
		return value
	case civil.Date:
		return value.String()
	}
	return ""
}

func (v values) time(i int) time.Time {
	at, _ := v[i].(time.Time)
	return at.UTC()
}

// integer is an integer, or the nearest one where a sum is beyond 64 bits.
func (v values) integer(i int) int64 {
	switch value := v[i].(type) {
	case int64:
		return value
	case *big.Rat:
		if !value.Num().IsInt64() {
			return math.MaxInt64
		}
		return value.Num().Int64()
	}
	return 0
}

func (v values) counters(i int) Counters {
	return Counters{v.integer(i), v.integer(i + 1), v.integer(i + 2), v.integer(i + 3), v.integer(i + 4), v.integer(i + 5), v.integer(i + 6)}
}
