package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
)

func printMachine(out io.Writer) {
	cores := runtime.NumCPU()
	fmt.Fprintf(out, "%s/%s, %d cores, of which %d are used; %s; DuckDB %s\n",
		runtime.GOOS, runtime.GOARCH, cores, min(threads, cores), runtime.Version(), duckdbVersion)
}

// printHead says what a data set is.
func (d dataset) printHead(out io.Writer, results []result, r rounds) error {
	m, err := d.manifest()
	if err != nil {
		return err
	}
	title := strings.ToUpper(d.title[:1]) + d.title[1:]
	fmt.Fprintf(out, "\n%s: %d clicks, %d orders, promotions: %d, time: %s, %.0f MB; equal "+
		"results of %d rows; runs: %s\n",
		title, d.Clicks, d.Orders, d.Promotions, strings.TrimSuffix(d.Span.String(), "0m0s"),
		float64(m.ClickBytes+m.OrderBytes)/1e6, results[0].samples[0].totals.Rows, r)
	return nil
}

// printTable prints a data set's results, with ratios to the peers, and the goals.
func (d dataset) printTable(out io.Writer, results []result) {
	var peers [][]sample
	var names []string
	head := fmt.Sprintf("%-19s %8s %7s %7s", "", "median s", "min s", "max s")
	for _, r := range results {
		if r.peer != "" {
			peers, names = append(peers, r.samples), append(names, r.peer)
			head += fmt.Sprintf(" %8s", "÷ "+r.peer)
		}
	}
	fmt.Fprintf(out, "%s %7s %9s %7s %6s %7s %9s\n",
		head, "CPU s", "records/s", "peak MB", "files", "lake MB", "tables MB")
	var verdicts []string
	for _, r := range results {
		f := figuresOf(r.samples, peers...)
		fmt.Fprintln(out, f.line(r.name, d.records()))
		if verdict := d.goals[r.name].verdict(f, names); verdict != "" {
			verdicts = append(verdicts, fmt.Sprintf("%-19s %s", r.name, verdict))
		}
	}
	if verdicts != nil {
		fmt.Fprintln(out, "goals\n"+strings.Join(verdicts, "\n"))
	}
}

// line is a line of the table.
func (f figures) line(name string, records int) string {
	text := fmt.Sprintf("%-19s %8.2f %7.2f %7.2f", name, f.median, f.least, f.most)
	for _, ratio := range f.ratios {
		text += fmt.Sprintf(" %7.2f×", ratio)
	}
	cpu, peak := "", "" // not known of a cluster's processes, and of a bare insert's
	if f.peak > 0 {
		cpu, peak = fmt.Sprintf("%.2f", f.cpu), megabytes(f.peak)
	}
	files := ""
	if f.files > 0 {
		files = fmt.Sprint(f.files)
	}
	text += fmt.Sprintf(" %7s %9.0f %7s %6s %7s %9s", cpu, float64(records)/f.median, peak,
		files, megabytes(f.lake), megabytes(f.tables))
	return strings.TrimRight(text, " ")
}

// megabytes is "" for none.
func megabytes(bytes int64) string {
	switch {
	case bytes == 0:
		return ""
	case bytes < 9.95e6:
		return fmt.Sprintf("%.1f", float64(bytes)/1e6)
	}
	return fmt.Sprintf("%.0f", float64(bytes)/1e6)
}

// printMethod says what the figures are, without which they mislead.
func printMethod(out io.Writer) {
	fmt.Fprint(out, `
Contenders run in turn. ÷: median of each round's ratio of seconds. Peak: the most of
any run, resident; 1 MB = 10⁶ bytes. DuckDB's seconds are without the start of its
process: "query" leaves the joined rows in its memory, "files" writes the datasets
click-stream, order-stream and conversions as Parquet. An engine's are its whole
process, with ledger, Parquet files, SQLite tables and summary. "No tables" is the
engine on direct with --warehouse none; the bare insert puts the rows that it writes
with tables, from memory, into an empty SQLite file. On Flink the engine's seconds are
its job alone, Flink SQL's its planning and its job, whose rows go to CSV files.
`)
}
