package warehouse

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"

	"adtoorder/io/dofn"
	"adtoorder/io/progress"
	"adtoorder/io/table"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"golang.org/x/sync/errgroup"
)

func init() {
	beam.RegisterType(reflect.TypeFor[Refused]())
	register.Emitter2[beam.EventTime, Refused]()
}

// Register registers a type of rows to be upserted. It is called in an init.
func Register[T any]() {
	table.RegisterBatch[T]()
	dofn.Batchwise(&upsertFn[T]{})
}

// Rows are written at once when they are as many, or have payloads of as many bytes.
// As many again may wait, while these are written.
const (
	batch      = 20_000
	batchBytes = 16 << 20
)

// Refused is a row that a warehouse does not take, for what is in it.
type Refused struct {
	Table  string
	Key    string // the row's key columns as text, with slashes between them
	Row    []byte // JSON
	Reason string // the warehouse's
}

// Upsert writes rows to a table, by key, merged with the row that is there, and
// returns those that the warehouse refuses, at their times, or those of their batches
// where rows have none, in the global window.
//
//	PCollection<table.Batch[T]> -> PCollection<Refused>
func Upsert[T any](s beam.Scope, w Warehouse, to table.Table, rows beam.PCollection) beam.PCollection {
	s = s.Scope("warehouse.Upsert." + to.Name)
	// What FinishBundle emits is in the global window, so the rows have to be, too.
	rows = beam.WindowInto(s, window.NewGlobalWindows(), rows)
	return beam.ParDo(s, &upsertFn[T]{Warehouse: w.String(), Table: to.Name, Time: to.Time}, rows)
}

type upsertFn[T any] struct {
	Warehouse string // its URI
	Table     string
	Time      string // the column by which the table is partitioned; "" for none

	warehouse Warehouse
	table     table.Table
	rows      []T
	bytes     int             // of the rows' payloads
	elements  []element       // that the rows came in
	pending   *errgroup.Group // one batch, while the next one fills
	refused   []refusal
	failed    atomic.Bool // a batch of the bundle was not written
}

// element is one of the input.
type element struct {
	end int // how many rows came in it and in those before it
	at  beam.EventTime
}

// refusal is a row that is refused, and its time.
type refusal struct {
	Refused
	at beam.EventTime
}

// Setup finds the warehouse.
func (fn *upsertFn[T]) Setup() (err error) {
	fn.table = table.Of[T](fn.Table, fn.Time)
	fn.warehouse, err = Open(fn.Warehouse)
	return err
}

// StartBundle starts with no rows.
func (fn *upsertFn[T]) StartBundle(context.Context, func(beam.EventTime, Refused)) {
	fn.rows, fn.elements, fn.bytes, fn.refused, fn.pending = nil, nil, 0, nil, new(errgroup.Group)
	fn.failed.Store(false)
	fn.pending.SetLimit(1)
}

// ProcessElement keeps rows, and starts to write where there are enough.
func (fn *upsertFn[T]) ProcessElement(
	ctx context.Context, at beam.EventTime, rows table.Batch[T], _ func(beam.EventTime, Refused),
) error {
	if fn.failed.Load() {
		return fn.pending.Wait()
	}
	fn.rows = append(fn.rows, rows.Rows...)
	fn.elements = append(fn.elements, element{len(fn.rows), at})
	fn.bytes += table.PayloadSize(fn.table.Columns, rows.Rows)
	if len(fn.rows) >= batch || fn.bytes >= batchBytes {
		fn.flush(ctx)
	}
	return nil
}

// FinishBundle writes the rows that are left, waits until all are, and emits those
// that were refused.
func (fn *upsertFn[T]) FinishBundle(ctx context.Context, emit func(beam.EventTime, Refused)) error {
	fn.flush(ctx)
	if err := fn.pending.Wait(); err != nil {
		return err
	}
	for _, r := range fn.refused {
		progress.Problem(ctx, fmt.Sprintf("table %s of %s refuses row %s: %s",
			fn.Table, fn.Warehouse, r.Key, r.Reason))
		emit(r.at, r.Refused)
	}
	return nil
}

func (fn *upsertFn[T]) flush(ctx context.Context) {
	rows, elements := fn.rows, fn.elements
	if len(rows) == 0 {
		return
	}
	fn.rows, fn.elements, fn.bytes = nil, nil, 0
	fn.pending.Go(func() error {
		if fn.failed.Load() {
			return nil // the first failure fails the bundle; each more would take its time
		}
		reasons, err := fn.warehouse.Write(ctx, fn.table, table.Rows(rows))
		for _, i := range slices.Sorted(maps.Keys(reasons)) {
			refused, err := fn.refuse(rows[i], reasons[i])
			if err != nil {
				return err
			}
			fn.refused = append(fn.refused, refusal{refused, fn.timeOf(rows, elements, i)})
		}
		fn.failed.Store(err != nil)
		return err
	})
}

// timeOf returns the time of a row, given by its index: its own, or that of its element.
func (fn *upsertFn[T]) timeOf(rows []T, elements []element, i int) beam.EventTime {
	if c, found := table.Named(fn.table.Columns, fn.Time); found {
		return mtime.FromMilliseconds(int64(c.Value(&rows[i]).(table.Time)))
	}
	of, _ := slices.BinarySearchFunc(elements, i+1, func(e element, n int) int { return e.end - n })
	return elements[of].at
}

// refuse returns a row as one that is refused.
func (fn *upsertFn[T]) refuse(row T, reason string) (Refused, error) {
	text, err := json.Marshal(row)
	if err != nil {
		return Refused{}, fmt.Errorf("table %s: a row that was refused (%s): %w", fn.Table, reason, err)
	}
	var key []string
	for _, value := range table.Values(table.Keys(fn.table.Columns), &row) {
		key = append(key, fmt.Sprint(value))
	}
	return Refused{Table: fn.Table, Key: strings.Join(key, "/"), Row: text, Reason: reason}, nil
}
