package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"adtoorder/io/lake"
	"adtoorder/io/warehouse"
	"adtoorder/pipelines/engine"
	"adtoorder/transforms/ledger"
)

// rejects is the name of the lake's dataset and of the warehouse's table.
const rejects = "rejects"

// input is what holds the rejects: a lake, or a warehouse if there is one.
type input struct {
	lake      lake.Lake
	warehouse warehouse.Warehouse
}

// String names the input.
func (in input) String() string {
	if in.warehouse != nil {
		return in.warehouse.String()
	}
	return in.lake.Dir
}

// each calls a function with all rejects of a stream, and maybe with others.
func (in input) each(ctx context.Context, stream string, do func([]engine.RejectRow)) error {
	if in.warehouse == nil {
		for rows, err := range lake.Scan[engine.RejectRow](ctx, in.lake, rejects) {
			if err != nil {
				return err
			}
			do(rows)
		}
		return nil
	}
	rows, err := warehouse.Select[engine.RejectRow](ctx, in.warehouse, rejects, "stream = ?", stream)
	if err := errors.Join(err, in.warehouse.Close()); err != nil {
		return err
	}
	do(rows)
	return nil
}

// selection says which rejects to replay.
type selection struct {
	stream  string
	reasons []string // or outcomes, or reasons up to a colon; none for all
	// from is inclusive, to is exclusive; a zero time is no limit.
	from, to time.Time
}

func (s selection) matches(r engine.RejectRow) bool {
	at := time.UnixMilli(int64(r.Time))
	kind, _, _ := strings.Cut(r.Reason, ":") // such as wrong_type, of any field
	named := func(one string) bool { return one == r.Reason || one == kind || one == r.Outcome }
	return (len(s.reasons) == 0 || slices.ContainsFunc(s.reasons, named)) &&
		!at.Before(s.from) && (s.to.IsZero() || at.Before(s.to))
}

// choice is what was found of a stream's rejects.
type choice struct {
	rows    []engine.RejectRow // selected and whole, in order
	skipped map[lack]int       // selected, but without a whole payload
	all     counts
}

// lack is why a reject has no whole payload; "" where it has one.
type lack string

// lacks are in the order in which they are told.
var lacks = []lack{"cut", "hashed", "unkept", "erased"}

func lackOf(r engine.RejectRow) lack {
	switch {
	case r.Withheld == engine.Hashed:
		return "hashed"
	case r.Withheld == engine.NotKept:
		return "unkept"
	case r.Withheld == engine.Erased:
		return "erased"
	case r.Cut:
		return "cut"
	}
	return ""
}

// choose reads the rejects and selects some of them.
func choose(ctx context.Context, in input, s selection) (c choice, err error) {
	c.all, c.skipped = counts{}, map[lack]int{}
	err = in.each(ctx, s.stream, func(rows []engine.RejectRow) {
		for _, r := range rows {
			if r.Stream != s.stream || r.Outcome == ledger.NotPromotion { // a sample of many
				continue
			}
			c.all.add(r)
			if s.matches(r) {
				c.rows = append(c.rows, r)
			}
		}
	})
	if err != nil {
		return c, fmt.Errorf("reading the rejects of %v: %w", in, err)
	}
	slices.SortFunc(c.rows, compare)
	c.rows = once(c.rows)
	c.rows = slices.DeleteFunc(c.rows, func(r engine.RejectRow) bool {
		if l := lackOf(r); l != "" {
			c.skipped[l]++
			return true
		}
		return false
	})
	return c, nil
}

// once leaves a record's first reject. A live run that resumes may book a record
// again, at another time: then the lake has it in two windows.
func once(rows []engine.RejectRow) []engine.RejectRow {
	type place struct{ source, position string }
	seen := map[place]bool{}
	return slices.DeleteFunc(rows, func(r engine.RejectRow) bool {
		at := place{r.Source, r.Position}
		again := seen[at]
		seen[at] = true
		return again
	})
}

// compare orders rejects by time, then by their place in the source.
func compare(a, b engine.RejectRow) int {
	return cmp.Or(cmp.Compare(a.Time, b.Time), strings.Compare(a.Source, b.Source),
		comparePositions(a.Position, b.Position))
}

// comparePositions orders numbers, of any length, before other texts; then the records
// of one message, which are counted behind a slash.
func comparePositions(a, b string) int {
	a, x, _ := strings.Cut(a, "/")
	b, y, _ := strings.Cut(b, "/")
	return cmp.Or(compareNumbers(a, b), compareNumbers(cmp.Or(x, "1"), cmp.Or(y, "1")))
}

// compareNumbers orders numbers, of any length, before other texts.
func compareNumbers(a, b string) int {
	switch x, y := isNumber(a), isNumber(b); {
	case x && y:
		m, n := strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		return cmp.Or(cmp.Compare(len(m), len(n)), strings.Compare(m, n), strings.Compare(a, b))
	case x:
		return -1
	case y:
		return 1
	}
	return strings.Compare(a, b)
}

func isNumber(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }
