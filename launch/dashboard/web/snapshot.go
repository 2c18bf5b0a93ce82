package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"adtoorder/launch/dashboard/query"
	"adtoorder/launch/dashboard/report"
)

// snapshot is what the warehouse held when it was read last. All viewers share
// it, so that the warehouse is read as often for twenty as for one.
type snapshot struct {
	warehouse *query.Warehouse

	mutex   sync.Mutex
	current state
}

// state is a snapshot's content. It is replaced, never changed.
type state struct {
	number  int // counts the changes
	extract query.Extract
	problem *query.Problem       // why extract is not as the warehouse is; nil if it is
	ready   bool                 // a first look was taken
	since   map[string]time.Time // by stream and difference: when its ledger began to differ by that
}

// patience is how long a ledger may differ by the same number of records while
// more come: longer than any record is on its way.
const patience = 2 * time.Minute

// stuck tells whether a stream's ledger has differed by the same number for long.
func (s state) stuck(sheet report.Sheet, now time.Time) bool {
	began, ok := s.since[differs(sheet)]
	return ok && now.Sub(began) > patience
}

func differs(sheet report.Sheet) string { return fmt.Sprint(sheet.Stream, " ", sheet.Difference) }

const (
	// look is how often the warehouse is asked for changes.
	look = 500 * time.Millisecond
	// rest is how many times as long as a read took no other follows. It bounds what
	// reading takes from an engine on the same machine: to 2.5 % of a core for all
	// rows, and as much for the recent ones.
	rest = 40
	// least is how long no other read follows at least.
	least = time.Second
	// recent is how many dates are read anew at each change. All are, as often as
	// rest allows.
	recent = 2
)

// follow keeps the snapshot up to date until ctx ends.
func (s *snapshot) follow(ctx context.Context) {
	var r reader
	for ctx.Err() == nil {
		wait := s.step(ctx, &r)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// reader remembers what was read, and when the next read is due.
type reader struct {
	version   string    // that all dates are read of
	newest    string    // version that the recent dates are read of
	allDue    time.Time // the next read of all dates
	recentDue time.Time
}

// step looks for changes, reads them, and returns how long to wait.
func (s *snapshot) step(ctx context.Context, r *reader) time.Duration {
	version, err := s.warehouse.Version(ctx)
	now := time.Now()
	switch {
	case err != nil:
		*r = reader{}
	case version != r.version && !now.Before(r.allDue):
		if err = s.readAll(ctx); err == nil {
			r.version, r.newest = version, version
			r.allDue = pause(now)
		}
	case version != r.newest && !now.Before(r.recentDue):
		if err = s.readRecent(ctx); err == nil {
			r.newest = version
			r.recentDue = pause(now)
		}
	}
	if err != nil && ctx.Err() == nil {
		s.fail(err)
	}
	return look
}

func pause(began time.Time) time.Time {
	return time.Now().Add(max(least, rest*time.Since(began)))
}

// readAll reads every date.
func (s *snapshot) readAll(ctx context.Context) error {
	e, err := s.warehouse.Extract(ctx, "", "")
	if err == nil {
		s.set(state{extract: e, ready: true})
	}
	return err
}

// readRecent reads the recent dates and the one that holds what has no date.
func (s *snapshot) readRecent(ctx context.Context) error {
	old := s.get().extract
	if len(old.Days) == 0 {
		return s.readAll(ctx)
	}
	dates := old.Days[len(old.Days)-1].Date
	if last, err := time.Parse(time.DateOnly, dates); err == nil {
		dates = last.AddDate(0, 0, 1-recent).Format(time.DateOnly)
	}
	e, err := s.warehouse.Extract(ctx, dates, "")
	if err != nil {
		return err
	}
	undated, err := s.warehouse.Extract(ctx, "1970-01-01", "1970-01-02")
	if err != nil {
		return err
	}
	s.set(state{extract: merge(old, undated, e, dates), ready: true})
	return nil
}

// merge puts new dates in the place of old ones: 1970-01-01, and all from one on.
func merge(old, undated, recent query.Extract, from string) query.Extract {
	kept := func(date string) bool { return date > "1970-01-01" && date < from }
	keep := func(d query.Day) bool { return kept(d.Date) }
	first := slices.IndexFunc(old.Days, keep)
	end, _ := slices.BinarySearchFunc(old.Days, from, func(d query.Day,
		date string) int {
		return cmp.Compare(d.Date, date)
	})
	if first < 0 {
		first = end
	}
	merged := recent
	merged.Days = slices.Concat(undated.Days, old.Days[first:end], recent.Days)
	merged.Entries = slices.Clone(undated.Entries)
	for _, e := range old.Entries {
		if kept(e.Date) {
			merged.Entries = append(merged.Entries, e)
		}
	}
	merged.Entries = append(merged.Entries, recent.Entries...)
	return merged
}

func (s *snapshot) get() state {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.current
}

func (s *snapshot) set(next state) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	next.number = s.current.number + 1
	next.since = map[string]time.Time{}
	for _, sheet := range report.Sheets(next.extract.Entries) {
		began, ok := s.current.since[differs(sheet)]
		if !ok {
			began = time.Now()
		}
		next.since[differs(sheet)] = began
	}
	s.current = next
}

// fail keeps what was read before, with the reason why it is not renewed.
func (s *snapshot) fail(err error) {
	var problem *query.Problem
	if !errors.As(err, &problem) {
		problem = &query.Problem{What: "Reading the warehouse failed: " + err.Error() + ".",
			Do: "This page goes on trying."}
	}
	old := s.get()
	if old.ready && old.problem != nil && *old.problem == *problem {
		return
	}
	s.set(state{extract: old.extract, problem: problem, ready: true})
}
