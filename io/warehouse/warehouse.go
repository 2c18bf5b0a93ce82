// Package warehouse keeps rows in the tables of a warehouse, with views on them. A
// row that comes again, or comes more complete, merges with what is there: keys and
// counters are told by the row struct's tags (package table).
//
// A kind of warehouse is a package below, which registers the scheme of its URIs:
// sqlite merges where it writes; tables of bigquery are appended to, and hold every
// version of a row, and who reads them merges (see Dialect).
package warehouse

import (
	"context"
	"fmt"
	"time"

	"adtoorder/io/table"

	"cloud.google.com/go/civil"
)

// Warehouse holds tables and views.
type Warehouse interface {
	// String returns the URI, which Open takes.
	String() string
	// ID names the warehouse in messages.
	ID() string
	// File is the file of this machine that the warehouse is; "" for a service.
	File() string
	// Create makes tables and views that are not there yet, and brings those up to
	// date that lack columns. It refuses a table whose columns are of other types.
	Create(ctx context.Context, tables []table.Table, views func(table.Dialect) []table.View) error
	// Write upserts rows, given as pointers (see table.Rows), which it may change. It
	// returns by their places why some are refused, for what is in them.
	Write(ctx context.Context, to table.Table, rows []any) (refused map[int]string, err error)
	Queryer
	// Dialect is the warehouse's SQL.
	Dialect() Dialect
	// Origin returns what the tables' rows were made from; the zero Origin where
	// there are none.
	Origin(ctx context.Context) (table.Origin, error)
	// SetOrigin remembers what the tables' rows are made from.
	SetOrigin(ctx context.Context, origin table.Origin) error
	// RemoveWindows removes all rows of windows, which are given by their starts, in
	// milliseconds since the Unix epoch. Their size is the origin's. What is left after
	// a failure is removed when it is done again.
	RemoveWindows(ctx context.Context, tables []table.Table, starts []int64) error
	// Reader returns a reader of tables, which another program writes.
	Reader(tables []table.Table) Reader
	// Lag is for how long a write is tried again that fails for a while.
	Lag() time.Duration
	// Close closes what this process has open of the warehouse.
	Close() error
}

// Queryer is what answers queries.
type Queryer interface {
	// Query runs a query and calls a function for each row. A question mark in it
	// stands for an argument. What is being done is told in errors.
	Query(ctx context.Context, doing, query string, args []any, each func(Row) error) error
}

// Row is a row that a query has found.
type Row interface {
	// Scan reads the columns into what the pointers point to. A null is read into a
	// pointer.
	Scan(pointers ...any) error
}

// Dialect is a warehouse's SQL.
type Dialect interface {
	table.Dialect
	// Start is the start of the window that a time is in, in seconds since the Unix
	// epoch.
	Start(time string, size time.Duration) string
	// WindowRows is what Rows is, of the windows from ≤ window_start < before alone.
	WindowRows(t table.Table, from, before time.Time, size time.Duration, condition string) string
}

// Reader reads a warehouse that another program writes. It changes nothing, and keeps
// nothing open that would be in the other's way. Its errors are Problems, where
// somebody can do something about them.
type Reader interface {
	// Version changes where a row may have changed, and at times where none has.
	Version(ctx context.Context) (string, error)
	// Read calls a function with what the warehouse holds; in SQLite at one moment.
	Read(ctx context.Context, do func(Snapshot) error) error
}

// Snapshot is a warehouse as a Reader sees it.
type Snapshot interface {
	Queryer
	Origin(ctx context.Context) (table.Origin, error)
	// Written is when the warehouse was written last, as far as it tells without its
	// rows.
	Written(ctx context.Context) (time.Time, error)
}

// Problem is why a warehouse can't be read, and what to do about it.
type Problem struct {
	What, Do string
	Empty    bool // no program has written to the warehouse yet: then Do is ""
}

// Error implements error.
func (p *Problem) Error() string { return p.What + "; " + p.Do }

// Scrubber is a warehouse that may still hold rows that were merged with others since.
type Scrubber interface {
	// Scrub removes from a table, or from all, what its rows were before.
	Scrub(ctx context.Context, t table.Table) error
}

// Compactor is a warehouse whose tables hold every version of a row.
type Compactor interface {
	// Compact folds the versions of rows of the UTC dates before a date into one row
	// each, and tells of each date that is done.
	Compact(ctx context.Context, tables []table.Table, before civil.Date, done func(Folded)) error
}

// Folded says how many versions of rows were removed from a table's date; the zero
// date is a table without partitions.
type Folded struct {
	Table    string
	Date     civil.Date
	Versions int64
}

// Select reads the rows of a table that meet a condition in SQL, merged and with
// derived columns. Its parameters are question marks; a time is a table.Time.
func Select[T any](ctx context.Context, w Warehouse, name, condition string, args ...any) (all []T, err error) {
	err = Each(ctx, w, name, condition, args, func(row T) { all = append(all, row) })
	return all, err
}

// Each calls a function with the rows that Select returns, one after another.
func Each[T any](ctx context.Context, w Warehouse, name, condition string, args []any, do func(T)) error {
	t := table.Of[T](name, "")
	stored := table.Stored(t.Columns)
	columns := ""
	for i, c := range stored {
		columns += []string{"s.", ", s."}[min(i, 1)] + c.Name
	}
	query := fmt.Sprintf("SELECT %s FROM %s AS s WHERE %s", columns, w.Dialect().Rows(t, ""), condition)
	return w.Query(ctx, "reading "+name, query, args, func(found Row) error {
		var row T
		if err := found.Scan(table.Pointers(stored, &row)...); err != nil {
			return err
		}
		table.Derive(&row)
		do(row)
		return nil
	})
}

// Windows returns the starts of the windows that have rows, in order, in milliseconds
// since the Unix epoch. The windows' size is the origin's.
func Windows(ctx context.Context, w Warehouse, tables []table.Table) (starts []int64, err error) {
	origin, err := w.Origin(ctx)
	if err != nil || origin.Window == 0 {
		return nil, err
	}
	d, all := w.Dialect(), ""
	for i, t := range table.Windowed(tables) {
		if i > 0 {
			all += " UNION ALL "
		}
		all += fmt.Sprintf("SELECT %s AS start FROM %s AS r", d.Start("r."+t.Time, origin.Window), d.Name(t.Name))
	}
	query := "SELECT DISTINCT w.start FROM (" + all + ") AS w ORDER BY 1"
	err = w.Query(ctx, "reading which windows there are", query, nil, func(found Row) error {
		var seconds int64
		err := found.Scan(&seconds)
		starts = append(starts, seconds*1000)
		return err
	})
	return starts, err
}
