package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// duckdbVersion is pinned so that ratios of different days differ by our engine
// alone.
const duckdbVersion = "1.5.5"

//go:embed duckdb.py
var duckdbScript string

// duckdb is a Python that has DuckDB.
type duckdb struct {
	python string
	limit  time.Duration
}

// installDuckDB makes a Python environment with DuckDB in the user's cache
// directory, unless it is there.
func installDuckDB(ctx context.Context, limit time.Duration, say sayer) (duckdb, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return duckdb{}, fmt.Errorf("finding a place for DuckDB: %w", err)
	}
	dir := filepath.Join(cache, "adtoorder", "duckdb-"+duckdbVersion)
	db := duckdb{filepath.Join(dir, "bin", "python"), limit}
	if db.check(ctx) == nil {
		return db, nil
	}
	say("installing DuckDB %s in %s", duckdbVersion, dir)
	for _, c := range []child{
		{what: "making a Python environment in " + dir, name: "python3", args: []string{"-m", "venv", "--clear", dir}},
		{what: "installing DuckDB from PyPI", name: db.python, args: []string{"-m", "pip", "install",
			"--quiet", "--disable-pip-version-check", "--only-binary=:all:", "duckdb==" + duckdbVersion}},
	} {
		c.limit = limit
		if _, _, err := c.run(ctx); err != nil {
			return db, err
		}
	}
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

// run runs the query. Seconds are those of the query alone, without Python's
// start, which favours DuckDB; the peak is that of the process.
func (db duckdb) run(ctx context.Context, d dataset) (sample, error) {
	text, u, err := child{what: "running DuckDB", name: db.python, stdin: duckdbScript,
		args:  []string{"-I", "-", d.clicks(), d.orders(), strconv.Itoa(threads), strconv.FormatBool(d.EventIDs)},
		limit: db.limit}.run(ctx)
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
	return sample{u, printed.Totals}, nil
}
