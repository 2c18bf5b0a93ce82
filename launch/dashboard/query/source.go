// Package query reads from a warehouse what the dashboard shows, and writes
// nothing there. What it reads are sums of the tables' rows, as the views give
// them; a date is the UTC date of window_start.
package query

import (
	"errors"
	"fmt"
	"time"

	"adtoorder/io/endpoint"
	"adtoorder/io/table"
	"adtoorder/io/warehouse"
	"adtoorder/pipelines/engine"
)

// Warehouse is a warehouse as the dashboard reads it. What is wrong with it, its methods
// tell by a *Problem.
type Warehouse struct {
	warehouse                     warehouse.Warehouse
	reader                        warehouse.Reader
	conversions, ledger, progress table.Table
}

// Open opens a warehouse by its URI, sqlite:FILE or bigquery://PROJECT/DATASET. It
// fails where the URI is none.
func Open(uri string) (*Warehouse, error) {
	of, err := warehouse.Open(uri)
	if err != nil {
		return nil, fmt.Errorf("--warehouse=%s: %w", endpoint.Hide(uri), err)
	}
	w := &Warehouse{warehouse: of, conversions: engine.TableNamed("conversions"),
		ledger: engine.TableNamed("ledger"), progress: engine.TableNamed("progress")}
	w.reader = of.Reader([]table.Table{w.conversions, w.ledger, w.progress})
	return w, nil
}

// Extract is what a warehouse holds of some dates.
type Extract struct {
	Days       []Day // ordered by date and promotion
	Entries    []Entry
	Partitions []Partition
	Window     time.Duration // length of the windows; 0 where no run has said
	Newest     time.Time     // start of the newest window of all; zero without one
	Written    time.Time     // when the warehouse was written last, as far as it tells
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
type Problem = warehouse.Problem

// explain adds what to do about a warehouse that is not there yet.
func (w *Warehouse) explain(err error) error {
	var p *Problem
	if !errors.As(err, &p) || !p.Empty {
		return err
	}
	return &Problem{What: p.What, Empty: true, Do: fmt.Sprintf(
		"Run the engine: go run ./pipelines/conversions --warehouse=%v. This page shows its "+
			"rows as they come.", w.warehouse)}
}
