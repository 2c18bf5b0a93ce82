package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"adtoorder/io/progress"
	"adtoorder/pipelines/engine"
	"adtoorder/transforms/ledger"
	"adtoorder/transforms/nearmiss"
)

// shownMisses is how many near misses of a stream the summary lists, those of the most
// records.
const shownMisses = 10

// printNearMisses prints what this process has found to come close to what is looked for.
func printNearMisses(out io.Writer) {
	looked, all := progress.Misses()
	if len(all) == 0 {
		return
	}
	fmt.Fprintln(out, "\nNear misses, among records that did not count or have no id (--preview shows some):")
	for _, stream := range []string{ledger.Clicks, ledger.Orders} {
		for _, m := range missesOf(all, stream)[:min(shownMisses, len(missesOf(all, stream)))] {
			fmt.Fprintf(out, "  %s\n", describeMiss(m, all[m], looked[stream]))
		}
	}
}

// describeMiss says of how many records a miss is, and what mends it.
func describeMiss(m progress.Miss, records, looked int64) string {
	return fmt.Sprintf("%s: %s, in %d of %d looked at%s", m.Stream, m.What, records, looked, mends(m))
}

// missesEvery is how often a live run looks whether there are near misses to tell of.
const missesEvery = 5 * time.Second

// tellMisses prints near misses of a live run soon after they were found, a line each. The
// returned function ends that.
func tellMisses() (stop func()) {
	tick, done := time.NewTicker(missesEvery), make(chan struct{})
	told := map[progress.Miss]bool{}
	go func() {
		for {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			for _, text := range newMisses(told) {
				progress.Problem(context.Background(), text)
			}
		}
	}()
	return func() {
		tick.Stop()
		close(done)
	}
}

// newMisses returns those that many records have, and that were not told of yet.
func newMisses(told map[progress.Miss]bool) (texts []string) {
	looked, all := progress.Misses()
	for m, records := range all {
		if !told[m] && 10*records >= looked[m.Stream] {
			told[m] = true
			texts = append(texts, describeMiss(m, records, looked[m.Stream]))
		}
	}
	slices.Sort(texts)
	return texts
}

// missesOf returns the misses of a stream, those of the most records first.
func missesOf(all map[progress.Miss]int64, stream string) []progress.Miss {
	sorted := slices.SortedFunc(maps.Keys(all), func(a, b progress.Miss) int {
		return cmp.Or(cmp.Compare(all[b], all[a]), strings.Compare(a.What, b.What))
	})
	return slices.DeleteFunc(sorted, func(m progress.Miss) bool { return m.Stream != stream })
}

// mends says what mends a miss.
func mends(m progress.Miss) string {
	switch {
	case m.Mend == "":
		return ""
	case strings.HasPrefix(m.Mend, "--"):
		return "; give " + m.Mend
	}
	return fmt.Sprintf("; in a map (--%s_map): %s", m.Stream, m.Mend)
}

// doubtsOf returns why a run's numbers are most likely not what was meant: nothing was
// counted of a stream, or too much of it is malformed. It is nil where nothing says so.
func doubtsOf(s engine.Summary, maxMalformed float64) error {
	if areSwapped(s) {
		return errors.New("clicks and orders look swapped, and nothing was counted: give --clicks what --orders " +
			"has, and --orders what --clicks has")
	}
	var doubts []string
	for _, stream := range []string{ledger.Clicks, ledger.Orders} {
		b := balanceOf(s, stream)
		switch {
		case b.countedNothing():
			doubts = append(doubts, fmt.Sprintf(
				"nothing was counted of %d %s: look at some with --preview", b.read, stream))
		case b.malformedShare() > maxMalformed:
			doubts = append(doubts, fmt.Sprintf("%.2f %% of %d %s are malformed, more than --max_malformed=%v",
				100*b.malformedShare(), b.read, stream, maxMalformed))
		}
	}
	if len(doubts) == 0 {
		return nil
	}
	return errors.New(strings.Join(doubts, "; "))
}

// balance is what became of a stream's records.
type balance struct{ read, counted, malformed, others int64 }

// balanceOf adds up a stream's ledger. A duplicate is one of something that counted.
func balanceOf(s engine.Summary, stream string) (b balance) {
	for e, records := range s.Ledger {
		if e.Stream == stream {
			b.add(e.Outcome, records)
		}
	}
	return b
}

func (b *balance) add(outcome string, records int64) {
	switch outcome {
	case ledger.Read:
		b.read += records
	case ledger.Counted, ledger.Duplicate:
		b.counted += records
	case ledger.Malformed:
		b.malformed += records
	default:
		b.others += records
	}
}

// countedNothing reports whether all records that have an outcome ended without counting. A
// run that was cancelled has some on their way.
func (b balance) countedNothing() bool { return b.counted == 0 && b.malformed+b.others > 0 }

func (b balance) malformedShare() float64 { return float64(b.malformed) / float64(max(1, b.read)) }

// areSwapped reports whether nothing was counted, and most records of either stream are
// those of the other.
func areSwapped(s engine.Summary) bool {
	looked, all := progress.Misses()
	for _, stream := range []string{ledger.Clicks, ledger.Orders} {
		of := nearmiss.OfOther(stream)
		if !balanceOf(s, stream).countedNothing() || 2*all[of] <= looked[stream] {
			return false
		}
	}
	return true
}

// warnings are what the status line says where a run's numbers are in doubt, by what this
// process has seen so far.
func warnings(maxMalformed float64) (text string) {
	all := map[string]balance{}
	progress.Outcomes(func(stream, outcome string, records int64) {
		b := all[stream]
		b.add(outcome, records)
		b.read += records // of all outcomes
		all[stream] = b
	})
	looked, misses := progress.Misses()
	for _, stream := range []string{ledger.Clicks, ledger.Orders} {
		b := all[stream]
		switch {
		case b.countedNothing():
			text += fmt.Sprintf(", nothing counted of %d %s", b.read, stream)
		case b.malformedShare() > maxMalformed:
			text += fmt.Sprintf(", %.1f %% of %s malformed", 100*b.malformedShare(), stream)
		}
		if near := missesOf(misses, stream); len(near) > 0 && 10*misses[near[0]] >= looked[stream] {
			text += ", near misses in " + stream // which were told of above the line
		}
	}
	return text
}
