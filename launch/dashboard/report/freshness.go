package report

import (
	"time"

	"adtoorder/launch/dashboard/query"
)

// Freshness is how new the numbers are.
type Freshness struct {
	NewestStart *time.Time `json:"newest_window_start"` // nil where there is no window
	NewestEnd   *time.Time `json:"newest_window_end"`
	Watermark   *time.Time `json:"watermark"` // nil for finished input: no more is to come
	Updated     time.Time  `json:"updated_at"`
	Coming      bool       `json:"coming"` // a live run has reported lately
}

// Live reports whether the numbers come from live sources.
func (f Freshness) Live() bool { return f.Watermark != nil }

// Past reports whether a window that ends at a time is complete, but for what comes
// late.
func (f Freshness) Past(end time.Time) bool { return f.Watermark == nil || !f.Watermark.Before(end) }

const (
	// abandoned is how long before the newest report of all a partition's last one
	// is, if it is no longer read.
	abandoned = time.Minute
	// silent is how long ago a run's last report is, if the run has ended.
	silent = time.Minute
)

// fresh looks at the oldest watermark of the partitions that are read. The newest window
// is that of the newest date that is no outlier.
func fresh(e query.Extract, newest string, now time.Time) (f Freshness) {
	if !e.Newest.IsZero() {
		start, end := e.Newest, e.Newest.Add(e.Window)
		if at, err := time.Parse(time.DateOnly, newest); err == nil && end.After(at.AddDate(0, 0, 1)) &&
			e.Newest.Format(time.DateOnly) > newest {
			end = at.AddDate(0, 0, 1)
			start = end.Add(-e.Window)
		}
		f.NewestStart, f.NewestEnd = &start, &end
	}
	f.Updated = e.Written
	var latest time.Time
	for _, p := range e.Partitions {
		if p.UpdatedAt.After(latest) {
			latest = p.UpdatedAt
		}
	}
	for _, p := range e.Partitions {
		if p.UpdatedAt.Before(latest.Add(-abandoned)) {
			continue
		}
		if f.Watermark == nil || p.Watermark.Before(*f.Watermark) {
			w := p.Watermark
			f.Watermark = &w
		}
	}
	if f.Watermark != nil {
		f.Coming = now.Sub(latest) < silent
	}
	return f
}
