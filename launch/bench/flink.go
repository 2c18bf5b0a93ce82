package main

import (
	"context"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"adtoorder/launch/flink/cluster"
	"adtoorder/pipelines/flink"
)

//go:embed FlinkSQL.java
var flinkSQLProgram string

// onFlink is a cluster of the bench's own, with a slot a thread.
type onFlink struct {
	cluster flink.Cluster
	program string // launch/flink
	work    string // where results go, a directory a run
	limit   time.Duration
}

// startFlink starts the cluster; the returned function ends it.
func startFlink(ctx context.Context, o options, results string, say sayer) (f onFlink, stop func() error, err error) {
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return f, nil, err
	}
	endpoint := fmt.Sprintf("localhost:%d", port.Addr().(*net.TCPAddr).Port)
	port.Close()
	if f.work, err = filepath.Abs(results); err != nil {
		return f, nil, err
	}
	f.program, f.limit = filepath.Join(f.work, "flink"), o.limit
	if _, _, err := (child{what: "building launch/flink", name: "go", limit: o.limit,
		args: []string{"build", "-o", f.program, "adtoorder/launch/flink"}}).run(ctx); err != nil {
		return f, nil, err
	}
	say("starting Flink")
	f.cluster, err = cluster.Up(ctx, cluster.Options{Endpoint: endpoint, TaskManagers: 1, Slots: threads},
		func(string) {})
	if f.cluster.Dir == "" { // nothing has begun
		return f, nil, err
	}
	return f, func() error { return errors.Join(cluster.Down(f.cluster), os.RemoveAll(f.cluster.Dir)) }, err
}

// engine runs the engine as a batch. Seconds are those of the job alone, as
// Flink tells them, without the build and the submission.
func (f onFlink) engine(ctx context.Context, d dataset) (s sample, err error) {
	w, err := newWorkplace(f.work, true)
	if err != nil {
		return s, err
	}
	_, _, err = child{what: "running the engine on Flink", name: f.program, limit: f.limit,
		args: append([]string{"submit", "--endpoint=" + f.cluster.Endpoint, "--wait", "--"}, w.args(d)...)}.run(ctx)
	if err != nil {
		return s, err
	}
	jobs, err := f.cluster.REST().Jobs(ctx)
	if err != nil {
		return s, err
	}
	last := slices.MaxFunc(jobs, func(a, b flink.JobStatus) int { return int(a.Start - b.Start) })
	s.seconds = float64(last.Duration) / 1000
	return w.complete(ctx, s)
}

// sql runs the same work in Flink SQL. Seconds are from its first statement to
// the end of its job, without the start of its process.
func (f onFlink) sql(ctx context.Context, d dataset) (s sample, err error) {
	dir, err := os.MkdirTemp(f.work, "sql-")
	if err != nil {
		return s, err
	}
	source := filepath.Join(dir, "FlinkSQL.java")
	if err := os.WriteFile(source, []byte(flinkSQLProgram), 0o644); err != nil {
		return s, err
	}
	jars, err := cluster.Jars()
	if err != nil {
		return s, err
	}
	web, err := url.Parse(f.cluster.Web)
	if err != nil {
		return s, err
	}
	clicks, err := filepath.Abs(d.clicks())
	if err != nil {
		return s, err
	}
	orders, err := filepath.Abs(d.orders())
	if err != nil {
		return s, err
	}
	rows := filepath.Join(dir, "rows")
	text, _, err := child{what: "running Flink SQL (it needs a JDK, such as openjdk-17-jdk-headless)", name: "java",
		limit: f.limit,
		args: []string{"-Xmx1g", "--add-opens=java.base/java.lang=ALL-UNNAMED",
			"--add-opens=java.base/java.util=ALL-UNNAMED",
			"--add-opens=java.base/java.time=ALL-UNNAMED", "-cp", jars + "/*", source,
			web.Hostname(), web.Port(), strconv.Itoa(threads), clicks, orders,
			strconv.FormatBool(d.EventIDs), rows}}.run(ctx)
	if err != nil {
		return s, err
	}
	if s.seconds, err = strconv.ParseFloat(strings.TrimSpace(string(text)), 64); err != nil {
		return s, fmt.Errorf("reading what Flink SQL printed: %w", err)
	}
	if s.output, err = outputOf(rows, ""); err != nil {
		return s, err
	}
	s.totals, err = addUpCSV(rows)
	return s, err
}

// addUpCSV adds up the files of rows: minute, promotion, clicks, orders,
// order_lines, units, revenue_micros.
func addUpCSV(dir string) (t totals, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		return t, err
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return t, err
		}
		rows, err := csv.NewReader(f).ReadAll()
		f.Close()
		if err != nil {
			return t, fmt.Errorf("reading %s: %w", name, err)
		}
		for _, row := range rows {
			var n [5]int64
			for i := range n {
				if n[i], err = strconv.ParseInt(row[2+i], 10, 64); err != nil {
					return t, fmt.Errorf("reading %s: %w", name, err)
				}
			}
			t.Rows++
			t.Clicks, t.Orders, t.OrderLines = t.Clicks+n[0], t.Orders+n[1], t.OrderLines+n[2]
			t.Units, t.RevenueMicros = t.Units+n[3], t.RevenueMicros+n[4]
			t.ClicksTimesOrders += n[0] * n[1]
		}
	}
	return t, nil
}
