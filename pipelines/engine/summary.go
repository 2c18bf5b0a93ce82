package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"adtoorder/io/lake"
	"adtoorder/transforms/event"
	"adtoorder/transforms/ledger"
)

// Summary is what a run has found, added up over its windows.
type Summary struct {
	Ledger     map[ledger.Entry]int64 // records
	Promotions map[string]Total
	Files      Given
}

// Given says how many finished files a run was given, where it adds to what lake and
// warehouse have of others.
type Given struct {
	New   int // that were read; those of a run that was killed among them
	Known int // that were not, since all of their rows are there
	Again int // and how many files of earlier runs were read again, since they share windows with new ones
	// Forgets says that windows were removed for good.
	Forgets bool
}

// Total adds up a promotion's windows.
type Total struct{ Clicks, Orders, RevenueMicros int64 }

// Imbalance says that records of a stream have more or fewer outcomes than
// they are. That is a fault of the engine or the runner, never of the input.
type Imbalance struct {
	Stream         string
	Read, Outcomes int64
}

// Error implements error.
func (e *Imbalance) Error() string {
	return fmt.Sprintf("the ledger of %s does not balance: %d records read, %d outcomes; "+
		"do not use these results, and report the fault", e.Stream, e.Read, e.Outcomes)
}

// bookedRecords and promotionTotal are the columns of LedgerRow and ConversionRow that
// a summary adds up.
type (
	bookedRecords struct {
		Stream  string `json:"stream" parquet:"stream"`
		Outcome string `json:"outcome" parquet:"outcome"`
		Reason  string `json:"reason" parquet:"reason"`
		Records int64  `json:"records" parquet:"records"`
	}
	promotionTotal struct {
		Promotion     string `json:"promotion" parquet:"promotion"`
		Clicks        int64  `json:"clicks" parquet:"clicks"`
		Orders        int64  `json:"orders" parquet:"orders"`
		RevenueMicros int64  `json:"revenue_micros" parquet:"revenue_micros"`
	}
)

// summarize adds up the rows of a lake, a file after another.
func summarize(ctx context.Context, in lake.Lake) (Summary, error) {
	s := Summary{Ledger: map[ledger.Entry]int64{}, Promotions: map[string]Total{}}
	for rows, err := range lake.Scan[bookedRecords](ctx, in, ledgerDataset) {
		if err != nil {
			return s, err
		}
		for _, r := range rows {
			s.Ledger[ledger.Entry{Stream: r.Stream, Outcome: r.Outcome, Reason: r.Reason}] += r.Records
		}
	}
	for rows, err := range lake.Scan[promotionTotal](ctx, in, conversionsDataset) {
		if err != nil {
			return s, err
		}
		for _, r := range rows {
			t := s.Promotions[r.Promotion]
			s.Promotions[r.Promotion] = Total{t.Clicks + r.Clicks, t.Orders + r.Orders,
				event.AddUp(t.RevenueMicros, r.RevenueMicros)}
		}
	}
	return s, nil
}

// minus leaves out what was there before.
func (s Summary) minus(before Summary) Summary {
	for e, n := range before.Ledger {
		s.Ledger[e] -= n
	}
	maps.DeleteFunc(s.Ledger, func(_ ledger.Entry, n int64) bool { return n == 0 })
	for p, b := range before.Promotions {
		t := s.Promotions[p]
		s.Promotions[p] = Total{t.Clicks - b.Clicks, t.Orders - b.Orders, t.RevenueMicros - b.RevenueMicros}
	}
	maps.DeleteFunc(s.Promotions, func(_ string, t Total) bool { return t.Clicks == 0 && t.Orders == 0 })
	return s
}

// balance checks that every record of either stream has one outcome.
func (s Summary) balance() error {
	for _, stream := range []string{ledger.Clicks, ledger.Orders} {
		var read, outcomes int64
		for e, n := range s.Ledger {
			switch {
			case e.Stream != stream:
			case e.Outcome == ledger.Read:
				read += n
			default:
				outcomes += n
			}
		}
		if read != outcomes {
			return &Imbalance{stream, read, outcomes}
		}
	}
	return nil
}

// Records returns how many records of both streams have an outcome.
func (s Summary) Records(outcome string) (n int64) {
	for e, records := range s.Ledger {
		if e.Outcome == outcome {
			n += records
		}
	}
	return n
}

// Entries returns the ledger's entries by stream, what was read first, then by
// outcome and reason.
func (s Summary) Entries() []ledger.Entry {
	return slices.SortedFunc(maps.Keys(s.Ledger), func(a, b ledger.Entry) int {
		return cmp.Or(cmp.Compare(a.Stream, b.Stream),
			cmp.Compare(slices.Index(ledger.Outcomes, a.Outcome), slices.Index(ledger.Outcomes, b.Outcome)),
			cmp.Compare(a.Reason, b.Reason))
	})
}

// Top returns the promotions with the most clicks, at most n.
func (s Summary) Top(n int) []string {
	names := slices.SortedFunc(maps.Keys(s.Promotions), func(a, b string) int {
		return cmp.Or(cmp.Compare(s.Promotions[b].Clicks, s.Promotions[a].Clicks), cmp.Compare(a, b))
	})
	return names[:min(n, len(names))]
}
