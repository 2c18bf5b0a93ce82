// Package warehouse keeps rows in the tables of a warehouse, with views on
// them: in a SQLite file, or in BigQuery. A row that comes again, or comes more
// complete, merges with what is there: keys and counters are told by the row
// struct's tags (package table).
//
// SQLite merges where it writes. BigQuery's tables are appended to, and hold every
// version of a row: who reads them merges (see Merged), as the views do. Compact
// folds the versions of closed days.
package warehouse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"adtoorder/io/table"
)

// Warehouse is a SQLite or a BigQuery.
type Warehouse interface {
	// String returns the URI, which Open takes.
	String() string
	// Create makes tables and views that are not there yet, and brings those up to
	// date that lack columns. It refuses a table whose columns are of other types.
	Create(ctx context.Context, tables []Table, views func(Dialect) []View) error
	// Origin returns what the tables' rows were made from; the zero Origin where
	// there are none.
	Origin(ctx context.Context) (table.Origin, error)
	// SetOrigin remembers what the tables' rows are made from.
	SetOrigin(ctx context.Context, origin table.Origin) error
	// Windows returns the starts of the windows that have rows, in order, in
	// milliseconds since the Unix epoch. The windows' size is the origin's.
	Windows(ctx context.Context, tables []Table) ([]int64, error)
	// RemoveWindows removes all rows of windows, which are given by their starts. What is
	// left after a failure is removed when it is done again.
	RemoveWindows(ctx context.Context, tables []Table, starts []int64) error
	// Lag is for how long a write is tried again that fails for a while.
	Lag() time.Duration
	// Close ends what this process has open of the warehouse.
	Close() error
}

// Open returns the warehouse of a URI: sqlite:FILE, or
// bigquery://PROJECT/DATASET?location=LOCATION. Nothing is opened yet.
func Open(uri string) (Warehouse, error) {
	if path, ok := strings.CutPrefix(uri, "sqlite:"); ok && path != "" {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			return nil, fmt.Errorf("is a directory; want sqlite:FILE, which need not exist yet")
		}
		return SQLite{path}, nil
	}
	if strings.HasPrefix(uri, bigQueryScheme) {
		b, err := ParseBigQuery(uri)
		if err == nil && (b.Endpoint == "") != (b.GRPCEndpoint == "") {
			err = errors.New("endpoint and grpc_endpoint, of a stand-in, are given together or not at all")
		}
		if err != nil {
			return nil, err
		}
		return b, nil
	}
	return nil, fmt.Errorf("want sqlite:FILE or bigquery://PROJECT/DATASET")
}

// Table is a table to be made.
type Table struct {
	Name    string
	Columns []table.Column
	// Time is the column whose time says in which window a row is; "" for rows that
	// belong to none. BigQuery keeps a partition for each of its UTC dates.
	Time string
	// Derived are the derived columns in BigQuery's SQL, by their names: expressions
	// of counters. A version that is folded from others has them computed anew.
	Derived map[string]string
}

// TableOf returns the table of a row struct.
func TableOf[T any](name, time string) Table {
	return Table{Name: name, Time: time, Columns: table.Columns[T]()}
}

// View is a view to be made.
type View struct{ Name, Query string }

// Dialect is how a warehouse's SQL says what views need.
type Dialect interface {
	// Rows is a table's rows, merged, as an item of FROM.
	Rows(name string) string
	// View is a view's name, as an item of FROM.
	View(name string) string
	// Date is the UTC date of a time.
	Date(time string) string
	// Sum adds up integers without an overflow.
	Sum(integers string) string
}
