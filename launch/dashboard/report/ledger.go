package report

import (
	"slices"

	"adtoorder/launch/dashboard/query"
	"adtoorder/transforms/ledger"
)

// Sheet is the balance of a stream's records: what was read, and what became of
// it.
type Sheet struct {
	Stream     string `json:"stream"`
	Read       int64  `json:"read"`
	Lines      []Line `json:"lines"`
	Difference int64  `json:"difference"` // read less all outcomes
	State      string `json:"state"`      // Balanced, Moving or Unbalanced
}

// Line is an outcome, and its share of what was read in percent.
type Line struct {
	Outcome string  `json:"outcome"`
	Reason  string  `json:"reason,omitempty"` // of what is malformed or filtered
	Records int64   `json:"records"`
	Share   float64 `json:"share"`
}

// The states of a sheet. While records come, some are read and not booked yet:
// such a sheet moves.
const (
	Balanced   = "balanced"
	Moving     = "moving"
	Unbalanced = "unbalanced"
)

// Sheets adds up the ledger: all of it, since what was read from files has no
// date. A sheet that differs is Unbalanced.
func Sheets(entries []query.Entry) (all []Sheet) {
	for _, stream := range []string{ledger.Clicks, ledger.Orders} {
		s := Sheet{Stream: stream, State: Balanced}
		sums := map[Line]int64{}
		for _, e := range entries {
			switch {
			case e.Stream != stream:
			case e.Outcome == ledger.Read:
				s.Read += e.Records
			default:
				sums[Line{Outcome: e.Outcome, Reason: e.Reason}] += e.Records
			}
		}
		s.Difference = s.Read
		for line, n := range sums {
			s.Difference -= n
			if line.Records = n; s.Read > 0 {
				line.Share = 100 * float64(n) / float64(s.Read)
			}
			s.Lines = append(s.Lines, line)
		}
		slices.SortFunc(s.Lines, func(a, b Line) int {
			if a.Outcome != b.Outcome {
				return slices.Index(ledger.Outcomes, a.Outcome) - slices.Index(ledger.Outcomes, b.Outcome)
			}
			return int(min(1, max(-1, b.Records-a.Records)))
		})
		if s.Difference != 0 {
			s.State = Unbalanced
		}
		all = append(all, s)
	}
	return all
}

// sheets are Moving while records come.
func sheets(entries []query.Entry, fresh Freshness) []Sheet {
	all := Sheets(entries)
	for i := range all {
		if fresh.Coming && all[i].State == Unbalanced {
			all[i].State = Moving
		}
	}
	return all
}

// Records is how many records have an outcome.
func (s Sheet) Records(outcome string) (n int64) {
	for _, line := range s.Lines {
		if line.Outcome == outcome {
			n += line.Records
		}
	}
	return n
}
