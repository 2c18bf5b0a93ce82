package main

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// engine is the product on one of its runners.
type engine struct {
	binary   string
	work     string // where its results go, a directory a run
	runner   string
	noTables bool // write no warehouse
	limit    time.Duration
}

func build(ctx context.Context, binary string, limit time.Duration) error {
	_, _, err := child{what: "building the engine", name: "go", limit: limit,
		args: []string{"build", "-o", binary, "adtoorder/pipelines/conversions"}}.run(ctx)
	return err
}

// run runs the whole process, which writes files and tables, and reads the
// tables' totals.
func (e engine) run(ctx context.Context, d dataset) (s sample, err error) {
	w, err := newWorkplace(e.work, !e.noTables)
	if err != nil {
		return s, err
	}
	_, s.usage, err = child{what: "running the engine on " + e.runner, name: e.binary, limit: e.limit,
		args: append(w.args(d), "--runner", e.runner),
		env:  []string{"GOMAXPROCS=" + strconv.Itoa(threads)}}.run(ctx)
	if err != nil {
		return s, err
	}
	return w.complete(ctx, s)
}

// workplace is a directory for what one run of the engine writes.
type workplace struct {
	lake      string
	tables    string // the folder of the warehouse; "" without
	warehouse string // the file
}

func newWorkplace(work string, tables bool) (w workplace, err error) {
	dir, err := os.MkdirTemp(work, "run-")
	if err != nil {
		return w, err
	}
	w.lake = filepath.Join(dir, "lake")
	if tables {
		w.tables = filepath.Join(dir, "tables")
		w.warehouse = filepath.Join(w.tables, "warehouse.db")
	}
	return w, nil
}

// args are the engine's flags for its inputs and results.
func (w workplace) args(d dataset) []string {
	warehouse := "none"
	if w.warehouse != "" {
		warehouse = "sqlite:" + w.warehouse
	}
	return []string{"--clicks", d.clicks(), "--orders", d.orders(), "--lake", w.lake, "--lake_format", "parquet",
		"--warehouse", warehouse}
}

// complete adds to a finished run's sample what the run has written.
func (w workplace) complete(ctx context.Context, s sample) (sample, error) {
	var err error
	if s.output, err = outputOf(w.lake, w.tables); err != nil || w.warehouse == "" {
		return s, err
	}
	s.warehouse = w.warehouse
	s.totals, err = readTotals(ctx, w.warehouse)
	return s, err
}
