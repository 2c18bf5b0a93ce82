package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"adtoorder/pipelines/engine"
)

// counts are numbers of rejects by reason, or by outcome where there is none.
type counts map[string]int

func (c counts) add(r engine.RejectRow) { c[cmp.Or(r.Reason, r.Outcome)]++ }

// String lists the counts, the largest first.
func (c counts) String() string {
	names := slices.SortedFunc(maps.Keys(c), func(a, b string) int {
		return cmp.Or(cmp.Compare(c[b], c[a]), strings.Compare(a, b))
	})
	var texts []string
	for _, name := range names {
		texts = append(texts, fmt.Sprintf("%d %s", c[name], name))
	}
	return strings.Join(texts, ", ")
}

// describe says what was written, in a line.
func (c choice) describe(o options) string {
	skipped := c.describeSkipped()
	if n := len(c.rows); n > 0 {
		written := counts{}
		for _, r := range c.rows {
			written.add(r)
		}
		return fmt.Sprintf("%s written to %v (%v)%s", number(n, "payload"), o.out, written, skipped)
	}
	switch {
	case skipped != "":
		return "nothing written" + skipped
	case len(c.all) == 0:
		return fmt.Sprintf("nothing written, %v has no rejects of %s", o.in, o.selection.stream)
	}
	return fmt.Sprintf("nothing written, none selected of %v's rejects of %s (%v)", o.in, o.selection.stream, c.all)
}

// describeSkipped says why some of what was selected was not written; "" where all was.
func (c choice) describeSkipped() (text string) {
	for _, l := range lacks {
		if n := c.skipped[l]; n > 0 {
			text += ", " + number(n, string(l)+" one")
		}
	}
	switch n := len(c.skipped); {
	case n == 0:
		return ""
	case n == 1 && c.skipped["cut"] > 0:
		return text + " skipped"
	}
	return text + " skipped: only payloads that a run has kept (--reject_payloads=full), and that were not erased, " +
		"can be replayed"
}

func number(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
