package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"adtoorder/io/install"
)

// duckdbVersion is pinned so that ratios of different days differ by our engine
// alone.
const duckdbVersion = "1.5.5"

//go:embed duckdb.py
var duckdbScript string

// duckdb is a Python that has DuckDB.
type duckdb struct {
	python string
	work   string // where its files go, a directory a run
	limit  time.Duration
}

// installDuckDB makes a Python environment with DuckDB in the user's cache
// directory, unless it is there.
func installDuckDB(ctx context.Context, work string, limit time.Duration, say sayer) (duckdb, error) {
	if err := install.Need("python3"); err != nil {
		return duckdb{}, err
	}
	installing, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	say("looking for DuckDB %s, which is installed at first", duckdbVersion)
	dir, err := install.Python(installing, "duckdb-"+duckdbVersion, "python3", "", "--only-binary=:all:",
		"duckdb=="+duckdbVersion)
	if err != nil {
		return duckdb{}, err
	}
	db := duckdb{install.Interpreter(dir), work, limit}
	return db, db.check(ctx)
}

// check returns an error unless the environment is whole.
func (db duckdb) check(ctx context.Context) error {
	version, _, err := child{what: "asking DuckDB for its version", name: db.python,
		args: []string{"-I", "-c", "import duckdb; print(duckdb.__version__)"}, limit: db.limit}.run(ctx)
	if err == nil && strings.TrimSpace(string(version)) != duckdbVersion {
		err = fmt.Errorf("DuckDB in %s is %q, want %s", db.python, strings.TrimSpace(string(version)), duckdbVersion)
	}
	return err
}

// query runs the query alone. Seconds are without Python's start, which favours
// DuckDB; the peak is that of the process.
func (db duckdb) query(ctx context.Context, d dataset) (sample, error) { return db.run(ctx, d, "") }

// files runs what makes the files of the engine's three datasets. Seconds are
// likewise; the totals are read from the files.
func (db duckdb) files(ctx context.Context, d dataset) (s sample, err error) {
	dir, err := os.MkdirTemp(db.work, "duckdb-")
	if err != nil {
		return s, err
	}
	if s, err = db.run(ctx, d, dir); err != nil {
		return s, err
	}
	s.output, err = outputOf(dir, "")
	return s, err
}

func (db duckdb) run(ctx context.Context, d dataset, dir string) (sample, error) {
	text, u, err := child{what: "running DuckDB", name: db.python, stdin: duckdbScript, limit: db.limit,
		args: []string{"-I", "-", d.clicks(), d.orders(), strconv.Itoa(threads), strconv.FormatBool(d.EventIDs), dir},
	}.run(ctx)
	if err != nil {
		return sample{}, err
	}
	return parseDuckDB(text, u)
}

func parseDuckDB(text []byte, u usage) (s sample, err error) {
	var printed struct {
		Seconds float64 `json:"seconds"`
		CPU     float64 `json:"cpu_seconds"`
		Totals  totals  `json:"totals"`
	}
	if err := json.Unmarshal(text, &printed); err != nil {
		return s, fmt.Errorf("reading what DuckDB printed: %w", err)
	}
	u.seconds, u.cpu = printed.Seconds, printed.CPU
	return sample{usage: u, totals: printed.Totals}, nil
}
