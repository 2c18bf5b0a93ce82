package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"adtoorder/launch/dashboard/query"
	"adtoorder/transforms/conversion"
	"adtoorder/transforms/event"
)

// Report is what the page shows, but for the charts' drawings. It is what /api
// answers, too. Ratios and their bounds are percent.
type Report struct {
	From       string      `json:"from"` // dates, both included
	To         string      `json:"to"`
	First      string      `json:"first"`      // dates of the oldest and newest data, but for outliers; "" without any
	Newest     string      `json:"newest"`     //
	Outliers   []Outliers  `json:"outliers"`   // before and behind them
	Comparison *Comparison `json:"comparison"` // nil where there is nothing to compare the range with
	Periods    []Period    `json:"periods"`    // oldest first
	Promotions []Promotion `json:"promotions"` // all that the filter lets through, sorted
	Compared   int         `json:"compared"`   // how many promotions of the range each is compared with others among
	Total      Numbers     `json:"total"`
	Days       []DayTotal  `json:"days"` // of the promotions that the filter lets through
	Insights   []Insight   `json:"insights"`
	Ledger     []Sheet     `json:"ledger"`
	Freshness  Freshness   `json:"freshness"`

	lastDay dayChanges // of all promotions of the range
}

// Period is a date, or some dates in a row where there are many.
type Period struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Label string `json:"label"`
	Open  bool   `json:"open"` // more is to come: the watermark is not past it
}

// Numbers are counters with their ratio.
type Numbers struct {
	query.Counters
	Ratio *float64 `json:"conversion_ratio"`
	Low   *float64 `json:"ratio_low"`
	High  *float64 `json:"ratio_high"`
}

// Few reports whether there are too few clicks to compare the ratio.
func (n Numbers) Few(minClicks int64) bool { return n.Clicks < minClicks }

// NoClicks reports whether there are orders without clicks, which have no ratio.
func (n Numbers) NoClicks() bool { return n.Clicks == 0 && n.Orders > 0 }

// Over reports whether there are more orders than clicks.
func (n Numbers) Over() bool { return n.Clicks > 0 && n.Orders > n.Clicks }

func numbers(c query.Counters) Numbers {
	n := Numbers{Counters: c, Ratio: conversion.Ratio(c.Clicks, c.Orders)}
	n.Low, n.High = conversion.Interval(c.Clicks, c.Orders)
	return n
}

// Promotion is a promotion in the range.
type Promotion struct {
	Name string `json:"promotion"`
	Numbers
	Standing
	Movement
	Periods []*Numbers `json:"periods"` // nil where it has neither clicks nor orders
}

// DayTotal adds up a date.
type DayTotal struct {
	Date string `json:"date"`
	Numbers
}

// byDay adds up the days of the promotions that the filter lets through.
func (f Filter) byDay(days []query.Day) (all []DayTotal) {
	var sum query.Counters
	for i, d := range days {
		if f.lets(d.Promotion) {
			sum = add(sum, d.Counters)
		}
		if i == len(days)-1 || days[i+1].Date != d.Date {
			all = append(all, DayTotal{d.Date, numbers(sum)})
			sum = query.Counters{}
		}
	}
	return all
}

// maxPeriods is how many bars a promotion has at most; there are seven colours
// that are told apart well.
const maxPeriods = 7

// New makes the report of a filter at a time.
func New(e query.Extract, f Filter, now time.Time) Report {
	var r Report
	r.First, r.Newest, r.Outliers = span(e.Days, now)
	r.Freshness = fresh(e, r.Newest, now)
	r.From, r.To = f.dates(r.First, r.Newest)
	days := between(e.Days, r.From, r.To)
	r.Periods = periods(days, r.Freshness)
	totals := byPromotion(days)
	r.Promotions = f.promotions(days, totals, r.Periods)
	r.Compared = stand(r.Promotions, totals, f.MinClicks)
	r.lastDay = r.onLastDay(days, f.MinClicks)
	r.move(f, e.Days)
	slices.SortFunc(r.Promotions, f.compare)
	r.Total, r.Days = r.sum(totals), f.byDay(days)
	r.Ledger = sheets(e.Entries, r.Freshness)
	r.Insights = insights(days, r, f.MinClicks)
	return r
}

// between returns the days of a range; all are ordered by date.
func between(days []query.Day, from, to string) []query.Day {
	first, _ := slices.BinarySearchFunc(days, from, func(d query.Day,
		date string) int {
		return cmp.Compare(d.Date, date)
	})
	days = days[first:]
	end, _ := slices.BinarySearchFunc(days, to, func(d query.Day, date string) int {
		return cmp.Or(cmp.Compare(d.Date, date), -1) // behind the last of the date
	})
	return days[:end]
}

// periods divides the dates that have data.
func periods(days []query.Day, fresh Freshness) (all []Period) {
	if len(days) == 0 {
		return nil
	}
	first, _ := time.Parse(time.DateOnly, days[0].Date)
	last, _ := time.Parse(time.DateOnly, days[len(days)-1].Date)
	long := (int(last.Sub(first).Hours()/24) + maxPeriods) / maxPeriods // days in a period
	for at := first; !at.After(last); at = at.AddDate(0, 0, long) {
		end := at.AddDate(0, 0, long-1)
		if end.After(last) {
			end = last
		}
		p := Period{From: at.Format(time.DateOnly), To: end.Format(time.DateOnly), Label: at.Format("2 Jan")}
		switch {
		case long > 1 && end.After(at) && end.Month() == at.Month():
			p.Label = at.Format("2") + "–" + end.Format("2 Jan")
		case end.After(at):
			p.Label = at.Format("2 Jan") + " – " + end.Format("2 Jan")
		}
		if p.Open = fresh.Live() && fresh.Watermark.Before(end.AddDate(0, 0, 1)); p.Open {
			p.Label += " so far"
		}
		all = append(all, p)
	}
	if long == 1 { // a date without data needs no colour
		dates := map[string]bool{}
		for _, d := range days {
			dates[d.Date] = true
		}
		all = slices.DeleteFunc(all, func(p Period) bool { return !dates[p.From] })
	}
	return all
}

// lets reports whether a promotion passes the filter.
func (f Filter) lets(name string) bool {
	if _, ok := slices.BinarySearch(f.Promotions, name); len(f.Promotions) > 0 && !ok {
		return false
	}
	return f.Search == "" || strings.Contains(strings.ToLower(name), strings.ToLower(f.Search))
}

// byPromotion adds up the days of all promotions.
func byPromotion(days []query.Day) map[string]query.Counters {
	totals := map[string]query.Counters{}
	for _, d := range days {
		totals[d.Promotion] = add(totals[d.Promotion], d.Counters)
	}
	return totals
}

// promotions are those that the filter lets through, by period.
func (f Filter) promotions(days []query.Day, totals map[string]query.Counters, periods []Period) (all []Promotion) {
	byPeriod, at := map[string][]query.Counters{}, 0
	for name := range totals {
		if f.lets(name) {
			byPeriod[name] = make([]query.Counters, len(periods))
		}
	}
	for _, d := range days {
		for at < len(periods)-1 && d.Date > periods[at].To {
			at++
		}
		if of := byPeriod[d.Promotion]; of != nil {
			of[at] = add(of[at], d.Counters)
		}
	}
	for name, of := range byPeriod {
		p := Promotion{Name: name, Numbers: numbers(totals[name])}
		for _, c := range of {
			var n *Numbers
			if c.Clicks > 0 || c.Orders > 0 {
				of := numbers(c)
				n = &of
			}
			p.Periods = append(p.Periods, n)
		}
		all = append(all, p)
	}
	return all
}

func add(a, b query.Counters) query.Counters {
	a.Clicks += b.Clicks
	a.Orders += b.Orders
	a.Lines = event.AddUp(a.Lines, b.Lines)
	a.Units = event.AddUp(a.Units, b.Units)
	a.RevenueMicros = event.AddUp(a.RevenueMicros, b.RevenueMicros)
	a.LateClicks += b.LateClicks
	a.LateOrders += b.LateOrders
	return a
}
