package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"adtoorder/io/lake"
	"adtoorder/io/table"
	"adtoorder/io/warehouse"
	"adtoorder/pipelines/engine"
)

// rejects is the name of the lake's dataset and of the warehouse's table.
const rejects = "rejects"

// erasure says which payloads are to be erased: those of rejects that are older than a
// time, or those that hold a person's id.
type erasure struct {
	before time.Time // zero for no time
	user   string

	hashed atomic.Int64 // payloads of which it can't be told whose they are
}

// erase takes a payload out of a row, if it is one of those, and reports whether it has.
func (e *erasure) erase(r *engine.RejectRow) bool {
	switch {
	case r.Withheld >= engine.NotKept:
		return false
	case !e.before.IsZero():
		if !r.Time.UTC().Before(e.before) {
			return false
		}
	case r.Withheld == engine.Hashed:
		e.hashed.Add(1)
		return false
	case !holds(r.Payload, e.user):
		return false
	}
	r.Withheld = engine.Erased
	r.Derive()
	return true
}

// inLake erases payloads in files of a lake.
func (e *erasure) inLake(ctx context.Context, in lake.Lake, out io.Writer) error {
	n, err := lake.Edit(ctx, in, rejects, e.erase)
	if err != nil {
		return fmt.Errorf("erasing payloads in %s: %w", in.Dir, err)
	}
	e.tell(out, in.Dir, int(n))
	return nil
}

// writtenAtOnce is how many rows are written to a warehouse at once.
const writtenAtOnce = 10_000

// inWarehouse erases payloads in a table, and what the warehouse has of former versions
// of its rows.
func (e *erasure) inWarehouse(ctx context.Context, in warehouse.Warehouse, out io.Writer) error {
	n, err := e.inTable(ctx, in, engine.TableNamed(rejects))
	if err := errors.Join(err, in.Close()); err != nil {
		return fmt.Errorf("erasing payloads in %s: %w", in, err)
	}
	e.tell(out, in.String(), n)
	return nil
}

func (e *erasure) inTable(ctx context.Context, in warehouse.Warehouse, t table.Table) (n int, err error) {
	noViews := func(table.Dialect) []table.View { return nil }
	if err := in.Create(ctx, []table.Table{t}, noViews); err != nil { // one of an older engine lacks a column
		return 0, err
	}
	var erased []any
	there := fmt.Sprintf("s.withheld IS NULL OR s.withheld < %d", engine.NotKept)
	err = warehouse.Each(ctx, in, rejects, there, nil, func(r engine.RejectRow) {
		if e.erase(&r) {
			erased = append(erased, &r)
		}
	})
	if err != nil {
		return 0, err
	}
	n = len(erased)
	for rows := range slices.Chunk(erased, writtenAtOnce) {
		refused, err := in.Write(ctx, t, rows)
		for _, reason := range refused {
			err = errors.Join(err, errors.New(reason))
		}
		if err != nil {
			return n, err
		}
	}
	if s, ok := in.(warehouse.Scrubber); ok {
		return n, s.Scrub(ctx, t)
	}
	return n, nil
}

// tell says how many payloads were erased somewhere.
func (e *erasure) tell(out io.Writer, in string, erased int) {
	fmt.Fprintf(out, "%s: payloads erased: %d\n", in, erased)
	if n := e.hashed.Swap(0); n > 0 {
		fmt.Fprintf(out, "%s: hashed payloads, of which it can't be told whose they are: %d; --before erases them\n",
			in, n)
	}
}
