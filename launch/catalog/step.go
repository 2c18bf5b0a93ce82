package main

import (
	"context"
	"fmt"
	"io"
)

// catalog is where tables are registered.
type catalog interface {
	// plan finds out what is to be done, in the order in which it is to be done,
	// and changes nothing. It fails where a name is taken by something else.
	plan(ctx context.Context) ([]step, error)
	// report is how a step is told of.
	report(s step) string
	// queries is SQL for the user, "" for none.
	queries() string
}

// What becomes of a table.
const (
	created   = "created"
	updated   = "updated"
	unchanged = "unchanged"
	noFiles   = "left out, since it has no files yet; run this again when it has"
)

// step is what is to be done about a table, a view, or what holds them.
type step struct {
	name   string
	change string
	do     func(context.Context) error // nil where it is unchanged
}

// carryOut does what is planned, and tells of each step.
func carryOut(ctx context.Context, c catalog, steps []step, out io.Writer) error {
	for _, s := range steps {
		if s.do != nil {
			if err := s.do(ctx); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintln(out, c.report(s)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprint(out, c.queries())
	return err
}
