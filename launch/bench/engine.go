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
	binary string
	work   string // where its results go, a directory a run
	runner string
	limit  time.Duration
}

func build(ctx context.Context, binary string, limit time.Duration) error {
	_, _, err := child{what: "building the engine", name: "go", limit: limit,
		args: []string{"build", "-o", binary, "adtoorder/pipelines/conversions"}}.run(ctx)
	return err
}

// run runs the whole process, which writes files and tables, and reads the
// tables' totals.
func (e engine) run(ctx context.Context, d dataset) (s sample, err error) {
	dir, err := os.MkdirTemp(e.work, "run-")
	if err != nil {
		return s, err
	}
	warehouse := filepath.Join(dir, "warehouse.db")
	_, s.usage, err = child{what: "running the engine on " + e.runner, name: e.binary, limit: e.limit,
		args: []string{"--clicks", d.clicks(), "--orders", d.orders(), "--runner", e.runner,
			"--lake", filepath.Join(dir, "lake"), "--lake_format", "parquet", "--warehouse", "sqlite:" + warehouse},
		env: []string{"GOMAXPROCS=" + strconv.Itoa(threads)}}.run(ctx)
	if err != nil {
		return s, err
	}
	s.totals, err = readTotals(ctx, warehouse)
	return s, err
}
