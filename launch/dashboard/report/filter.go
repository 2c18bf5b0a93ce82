// Package report computes what the dashboard says from what the warehouse holds: totals
// by promotion and period, insights, the ledger's balance and how fresh all of it is.
// It reads nothing itself: query gives it an Extract, and web shows its Report.
package report

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// Filter is what a link to the page asks for.
type Filter struct {
	From, To   string   // dates, both included; "" for the newest week
	Promotions []string // none for all
	Search     string   // part of a promotion's name, in any case
	Sort       string   // ByRatio or ByClicks
	MinClicks  int64    // a promotion with fewer is too small to compare
	Log        bool     // logarithmic axis of clicks and orders
	// stretch of time of the third chart: Hour, Day or Range; "" for the newest windows while data
	// comes, otherwise Range
	Over string
}

// What a filter can be.
const (
	ByRatio  = "ratio"
	ByClicks = "clicks"

	Hour  = "hour"
	Day   = "day"
	Range = "range"
)

// defaultMinClicks is how many clicks a ratio needs to be compared with others.
const defaultMinClicks = 30

// The most that a link may name.
const (
	maxPromotions = 100
	maxName       = 1000 // bytes
)

// ParseFilter reads a filter from a link's query. Its errors are for people.
func ParseFilter(q url.Values) (f Filter, err error) {
	f = Filter{From: q.Get("from"), To: q.Get("to"), Search: q.Get("search"), Sort: q.Get("sort"),
		MinClicks: defaultMinClicks, Log: q.Get("log") == "1", Over: q.Get("over")}
	for name, date := range map[string]string{"from": f.From, "to": f.To} {
		if _, err := time.Parse(time.DateOnly, date); date != "" && err != nil {
			return f, fmt.Errorf("%s=%q: must be a date such as 2026-11-01", name, short(date))
		}
	}
	if f.From != "" && f.To != "" && f.From > f.To {
		return f, fmt.Errorf("from=%s is after to=%s", f.From, f.To)
	}
	if f.Sort == "" {
		f.Sort = ByRatio
	}
	if f.Sort != ByRatio && f.Sort != ByClicks {
		return f, fmt.Errorf("sort=%q: want %s or %s", short(f.Sort), ByRatio, ByClicks)
	}
	if !slices.Contains([]string{"", Hour, Day, Range}, f.Over) {
		return f, fmt.Errorf("over=%q: want %s, %s or %s", short(f.Over), Hour, Day, Range)
	}
	if text := q.Get("min_clicks"); text != "" {
		if f.MinClicks, err = strconv.ParseInt(text, 10, 64); err != nil || f.MinClicks < 0 {
			return f, fmt.Errorf("min_clicks=%q: must be a whole number, 0 or more", short(text))
		}
	}
	for _, p := range append(q["promotion"], f.Search) {
		if len(p) > maxName {
			return f, fmt.Errorf("a promotion's name of %d bytes is too long to ask for", len(p))
		}
	}
	f.Promotions = slices.Compact(slices.Sorted(slices.Values(q["promotion"])))
	if len(f.Promotions) > maxPromotions {
		return f, fmt.Errorf("%d promotions are too many to ask for; want %d at most, or "+
			"search for part of their names",
			len(f.Promotions), maxPromotions)
	}
	return f, nil
}

func short(text string) string { return text[:min(len(text), 40)] }

// Query is the filter as a link's query, without what is as it would be anyway.
func (f Filter) Query() url.Values {
	q := url.Values{}
	set := func(name, value, usual string) {
		if value != usual {
			q.Set(name, value)
		}
	}
	set("from", f.From, "")
	set("to", f.To, "")
	set("search", f.Search, "")
	set("sort", f.Sort, ByRatio)
	set("min_clicks", strconv.FormatInt(f.MinClicks, 10), strconv.Itoa(defaultMinClicks))
	set("over", f.Over, "")
	if f.Log {
		q.Set("log", "1")
	}
	if len(f.Promotions) > 0 {
		q["promotion"] = f.Promotions
	}
	return q
}

// usualDays is how many dates are shown unless told otherwise.
const usualDays = 7

// dates resolves the filter's range against the newest date that has data.
func (f Filter) dates(newest string) (from, to string) {
	if from, to = f.From, f.To; to == "" {
		to = max(newest, from)
	}
	if end, err := time.Parse(time.DateOnly, to); from == "" && err == nil {
		from = end.AddDate(0, 0, 1-usualDays).Format(time.DateOnly)
	}
	return from, to
}
