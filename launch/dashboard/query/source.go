// Package query reads from a warehouse what the dashboard shows, and writes
// nothing there. What it reads are sums of the tables' rows, as the views give
// them; a date is the UTC date of window_start.
package query

import (
	"context"
	"fmt"
	"time"

	"adtoorder/io/endpoint"
	"adtoorder/io/warehouse"
)

// Warehouse is a warehouse as the dashboard reads it.
type Warehouse interface {
	// Version changes where a row may have changed, and at times where none has.
	Version(ctx context.Context) (string, error)
	// Extract reads the dates from ≤ date < before; from SQLite all at one moment. Either may be "" for no bound.
	Extract(ctx context.Context, from, before string) (Extract, error)
	// Steps adds up windows in steps of time. It orders by promotion and time.
	Steps(ctx context.Context, q StepQuery) ([]Step, error)
}

// Open opens a warehouse by its URI, sqlite:FILE or bigquery://PROJECT/DATASET. It
// fails where the URI is none; what is wrong with the warehouse, its methods tell
// by a *Problem.
func Open(uri string) (Warehouse, error) {
	w, err := warehouse.Open(uri)
	switch w := w.(type) {
	case warehouse.SQLite:
		return &database{path: w.Path}, nil
	case warehouse.BigQuery:
		return &dataset{BigQuery: w}, nil
	}
	return nil, fmt.Errorf("--warehouse=%s: %w", endpoint.Hide(uri), err)
}

// Extract is what a warehouse holds of some dates.
type Extract struct {
	Days       []Day // ordered by date and promotion
	Entries    []Entry
	Partitions []Partition
	Window     time.Duration // length of the windows; 0 where no run has said
	Newest     time.Time     // start of the newest window of all; zero without one
	Written    time.Time     // when the warehouse was written last, by its file
}

// Counters are the numbers of a promotion in some windows.
type Counters struct {
	Clicks        int64 `json:"clicks"`
	Orders        int64 `json:"orders"`
	Lines         int64 `json:"order_lines"`
	Units         int64 `json:"units"`
	RevenueMicros int64 `json:"revenue_micros"`
	LateClicks    int64 `json:"late_clicks"`
	LateOrders    int64 `json:"late_orders"`
}

// Day is a promotion on a date.
type Day struct {
	Date      string // 2026-11-01
	Promotion string
	Counters
}

// Entry is a line of the ledger, added up over a date.
type Entry struct {
	Date                    string
	Stream, Outcome, Reason string
	Records                 int64
}

// Partition is how far a partition of a live source was read.
type Partition struct {
	Stream, Name         string
	Watermark, UpdatedAt time.Time
}

// StepQuery asks for Steps: of some promotions, from ≤ window_start < before. Step
// is a multiple of Window.
type StepQuery struct {
	Promotions   []string
	From, Before time.Time
	Window, Step time.Duration
}

// Step is a promotion in a step of time.
type Step struct {
	Promotion string
	At        time.Time // its start
	Counters
}

// Problem is why a warehouse can't be shown, and what to do about it.
type Problem struct{ What, Do string }

// Error implements error.
func (p *Problem) Error() string { return p.What + "; " + p.Do }
