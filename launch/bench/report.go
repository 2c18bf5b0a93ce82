package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
)

func printMachine(out io.Writer) {
	fmt.Fprintf(out, "%s/%s, %d cores, of which %d are used; %s\n",
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), min(threads, runtime.NumCPU()), runtime.Version())
}

// print prints a data set's table, with ratios to the first of the results.
func (d dataset) print(out io.Writer, results []result) error {
	m, err := d.manifest()
	if err != nil {
		return err
	}
	base := results[0].samples
	fmt.Fprintf(out, "\n%s: %d clicks, %d orders, %.0f MB; equal results of %d rows\n",
		strings.ToUpper(d.title[:1])+d.title[1:],
		d.Clicks, d.Orders, float64(m.ClickBytes+m.OrderBytes)/1e6, base[0].totals.Rows)
	fmt.Fprintf(out, "%-14s %9s %7s %7s %6s %7s %10s %8s  %s\n",
		"", "median s", "min s", "max s", "ratio", "CPU s", "records/s", "peak MB", "goals")
	for _, r := range results {
		f := figuresOf(r.samples, base)
		cpu, peak := "", "" // not known of a cluster's processes
		if f.peak > 0 {
			cpu, peak = fmt.Sprintf("%.2f", f.cpu), fmt.Sprintf("%.0f", float64(f.peak)/1e6)
		}
		line := fmt.Sprintf("%-14s %9.2f %7.2f %7.2f %5.2f× %7s %10.0f %8s  %s",
			r.name, f.median, f.least, f.most, f.ratio, cpu, float64(d.Clicks+d.Orders)/f.median,
			peak, r.goal.verdict(f))
		fmt.Fprintln(out, strings.TrimRight(line, " "))
	}
	return nil
}

// printMethod says what the figures are, without which they mislead.
func printMethod(out io.Writer, runs int) {
	fmt.Fprintf(out, `
Runs: %d each, in turn. Ratio: median of each round's ratio to the first line.
Peak: the most of any run, resident, 1 MB = 10⁶ bytes. DuckDB's seconds are its
query alone, without the start of its process; an engine's are its whole process,
with ledger, Parquet files, SQLite tables and summary. That favours DuckDB. On
Flink the engine's seconds are its job alone, Flink SQL's its planning and its job,
whose rows go to CSV files.
`, runs)
}
