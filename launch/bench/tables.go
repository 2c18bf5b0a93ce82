package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// mostOfBare is how many times a bare insert's time the engine's tables may take.
const mostOfBare = 2

// withTables returns the engine with tables, and what tells how long these take:
// the engine without, and a bare insert of the rows that the former has written in
// the same round.
func withTables(e engine) (with, without, insert contender) {
	var last sample // of the engine with tables
	tableless := e
	tableless.noTables = true
	with = contender{name: direct, run: func(ctx context.Context, d dataset) (s sample, err error) {
		last, err = e.run(ctx, d)
		return last, err
	}}
	without = contender{name: noTables, run: tableless.run, unchecked: true}
	insert = contender{name: bareInsertion, run: func(ctx context.Context, _ dataset) (sample, error) {
		return runBareInsert(ctx, e.work, last.warehouse, e.limit)
	}}
	return with, without, insert
}

// runBareInsert inserts a warehouse's rows into a new one, and reads its totals.
func runBareInsert(ctx context.Context, work, warehouse string, limit time.Duration) (s sample, err error) {
	dir, err := os.MkdirTemp(work, "bare-")
	if err != nil {
		return s, err
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	file := filepath.Join(dir, "warehouse.db")
	spent, err := bareInsert(limited, warehouse, file)
	if err != nil {
		return s, err
	}
	s.seconds = spent.Seconds()
	if _, s.tables, err = count(dir); err != nil {
		return s, err
	}
	s.totals, err = readTotals(ctx, file)
	return s, err
}

// printTables tells what a bare insert takes of the engine's run, and how many
// times as long the engine's tables take: its time with them less that without.
func printTables(out io.Writer, results []result) {
	by := map[string][]sample{}
	for _, r := range results {
		by[r.name] = r.samples
	}
	if by[bareInsertion] == nil {
		return
	}
	own := make([]sample, len(by[direct]))
	for i, s := range by[direct] {
		own[i].seconds = s.seconds - by[noTables][i].seconds
	}
	times := ratio(own, by[bareInsertion])
	fmt.Fprintf(out, "%s: %.2f × the time of %s, whose tables take %.2f × the insert, ≤ %d ×: %s\n", bareInsertion,
		ratio(by[bareInsertion], by[direct]), direct, times, mostOfBare, metOrMissed(times, mostOfBare))
}
