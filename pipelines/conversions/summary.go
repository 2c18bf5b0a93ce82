package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"adtoorder/io/progress"
	"adtoorder/pipelines/engine"
	"adtoorder/transforms/conversion"
	"adtoorder/transforms/ledger"
)

// shown is how many promotions the summary lists.
const shown = 10

// printSummary prints the ledger, what was assumed, what came close, the top promotions, and where the results are.
func printSummary(out io.Writer, s engine.Summary, o engine.Options) {
	printFiles(out, s.Files)
	printLedger(out, s)
	printAssumptions(out, progress.Assumptions())
	printNearMisses(out)
	printPromotions(out, s)
	fmt.Fprintf(out, "\nResults:\n  %s/{click-stream,order-stream,conversions,ledger,rejects}/year=*/month=*/day=*/hour=*/*.%s\n", o.Lake.Dir, o.Lake.Format)
	if o.Warehouse != nil {
		fmt.Fprintf(out, "  %s: tables clicks, orders, conversions, ledger, rejects,\n    views "+
			"view_clicks_aggregate, view_orders_aggregate, view_conversion_ratio\n", o.Warehouse)
	}
}

// printFiles prints what a run has added to what lake and warehouse had, if they had any.
func printFiles(out io.Writer, f engine.Given) {
	switch {
	case f.New == 0 && f.Known > 0 && !f.Forgets:
		fmt.Fprintf(out, "Nothing is new: all rows of the %d files are there, and nothing was written.\n\n", f.Known)
	case f.Known > 0 || f.Again > 0:
		fmt.Fprintf(out, "Files: %d new; %d skipped, unchanged, since all of their rows are there; %d read again for "+
			"windows that they share with new ones.\n\n", f.New, f.Known, f.Again)
	}
}

func printLedger(out io.Writer, s engine.Summary) {
	fmt.Fprintln(out, "Ledger (records):")
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	outcomes := slices.DeleteFunc(slices.Clone(ledger.Outcomes), func(outcome string) bool {
		// of maps and live sources
		return (outcome == ledger.Filtered || outcome == ledger.TooLate || outcome == ledger.BeforeStart) &&
			s.Records(outcome) == 0
	})
	fmt.Fprintf(t, "\t%s\t\n", strings.Join(outcomes, "\t"))
	for _, stream := range []string{ledger.Clicks, ledger.Orders} {
		fmt.Fprintf(t, "%s", stream)
		for _, outcome := range outcomes {
			var n int64
			for e, records := range s.Ledger {
				if e.Stream == stream && e.Outcome == outcome {
					n += records
				}
			}
			fmt.Fprintf(t, "\t%d", n)
		}
		fmt.Fprint(t, "\t\n")
	}
	t.Flush()
	for _, stream := range []string{ledger.Clicks, ledger.Orders} {
		for _, outcome := range []string{ledger.Filtered, ledger.Malformed} {
			var reasons []string
			for _, e := range s.Entries() {
				if e.Stream == stream && e.Outcome == outcome {
					reasons = append(reasons, fmt.Sprintf("%s %d", e.Reason, s.Ledger[e]))
				}
			}
			if len(reasons) > 0 {
				fmt.Fprintf(out, "  %s %s: %s\n", outcome, stream, strings.Join(reasons, ", "))
			}
		}
	}
}

// printAssumptions prints what this process has assumed of records, a line a stream.
func printAssumptions(out io.Writer, records map[progress.Assumption]int64) {
	sorted := slices.SortedFunc(maps.Keys(records), func(a, b progress.Assumption) int {
		return strings.Compare(a.What, b.What)
	})
	for _, stream := range []string{ledger.Clicks, ledger.Orders} {
		var assumed []string
		for _, a := range sorted {
			if a.Stream == stream {
				assumed = append(assumed, fmt.Sprintf("%d %s", records[a], a.What))
			}
		}
		if len(assumed) > 0 {
			fmt.Fprintf(out, "  Timestamps of %s: %s\n", stream, strings.Join(assumed, "; "))
		}
	}
}

func printPromotions(out io.Writer, s engine.Summary) {
	top := s.Top(shown)
	fmt.Fprintf(out, "\nPromotions with the most clicks (%d of %d):\n", len(top), len(s.Promotions))
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "promotion\tclicks\torders\trevenue\tratio\t95 % interval\t\n")
	for _, name := range top {
		p := s.Promotions[name]
		fmt.Fprintf(t, "%q\t%d\t%d\t%d.%02d\t%s\n", name, p.Clicks, p.Orders, p.RevenueMicros/1e6,
			p.RevenueMicros%1e6/1e4, ratio(p))
	}
	t.Flush()
}

// ratio is a promotion's ratio and interval as two cells.
func ratio(p engine.Total) string {
	r := conversion.Ratio(p.Clicks, p.Orders)
	low, high := conversion.Interval(p.Clicks, p.Orders)
	switch {
	case r == nil:
		return "no clicks\t\t"
	case low == nil:
		return fmt.Sprintf("%.2f %%\tmore orders than clicks\t", *r)
	}
	return fmt.Sprintf("%.2f %%\t%.2f to %.2f %%\t", *r, *low, *high)
}
