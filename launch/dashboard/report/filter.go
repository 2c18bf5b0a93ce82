// Package report computes what the dashboard says from what the warehouse holds: totals
// by promotion and period, insights, the ledger's balance and how fresh all of it is.
// It reads nothing itself: query gives it an Extract, and web shows its Report.
package report

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Filter is what a link to the page asks for.
type Filter struct {
	From, To   string   // dates, both included; where both are "", Range says which
	Range      string   // one of Ranges
	Compare    string   // what the range is compared with: "" for the days before, or Year
	Promotions []string // none for all
	Search     string   // part of a promotion's name, in any case
	Sort       string   // one of Sorts
	Up         bool     // the smallest first
	Page       int      // of the promotions, from 1 on
	Dates      string   // whether bars are of dates or of the whole range: "1", "0", or "" for what fits
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

	Year = "year"

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
	f = Filter{From: q.Get("from"), To: q.Get("to"), Range: q.Get("range"), Compare: q.Get("compare"),
		Search: q.Get("search"), Sort: cmp.Or(q.Get("sort"), ByRatio), Up: q.Get("up") == "1", Page: 1,
		MinClicks: defaultMinClicks, Dates: q.Get("dates"), Log: q.Get("log") == "1", Over: q.Get("over")}
	for name, date := range map[string]string{"from": f.From, "to": f.To} {
		if _, err := time.Parse(time.DateOnly, date); date != "" && err != nil {
			return f, fmt.Errorf("%s=%q: must be a date such as 2026-11-01", name, short(date))
		}
	}
	if f.From != "" && f.To != "" && f.From > f.To {
		return f, fmt.Errorf("from=%s is after to=%s", f.From, f.To)
	}
	if f.Range == "7" {
		f.Range = "" // the usual one
	}
	var ranges []string
	for _, r := range Ranges {
		ranges = append(ranges, r.Name)
	}
	for _, given := range []struct {
		name, value string
		among       []string
	}{
		{"sort", f.Sort, slices.Sorted(maps.Keys(Sorts))}, {"over", f.Over, []string{"", Hour, Day, Range}},
		{"range", f.Range, ranges}, {"compare", f.Compare, []string{"", Year}},
		{"dates", f.Dates, []string{"", "0", "1"}},
	} {
		if !slices.Contains(given.among, given.value) {
			return f, fmt.Errorf("%s=%q: want %s", given.name, short(given.value), either(given.among))
		}
	}
	if text := q.Get("page"); text != "" {
		if f.Page, err = strconv.Atoi(text); err != nil || f.Page < 1 {
			return f, fmt.Errorf("page=%q: must be a whole number, 1 or more", short(text))
		}
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

// either lists words that are not empty: "a, b or c".
func either(words []string) string {
	words = slices.DeleteFunc(slices.Clone(words), func(word string) bool { return word == "" })
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
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
	set("range", f.Range, "")
	set("compare", f.Compare, "")
	set("dates", f.Dates, "")
	set("search", f.Search, "")
	set("sort", f.Sort, ByRatio)
	set("min_clicks", strconv.FormatInt(f.MinClicks, 10), strconv.Itoa(defaultMinClicks))
	set("over", f.Over, "")
	if f.Log {
		q.Set("log", "1")
	}
	if f.Up {
		q.Set("up", "1")
	}
	if f.Page > 1 {
		q.Set("page", strconv.Itoa(f.Page))
	}
	if len(f.Promotions) > 0 {
		q["promotion"] = f.Promotions
	}
	return q
}
