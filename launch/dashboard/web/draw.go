package web

import (
	"fmt"
	"time"

	"adtoorder/launch/dashboard/chart"
	"adtoorder/launch/dashboard/report"
)

// The charts, by the names of their files.
var charts = map[string]func(view, int) (chart.Drawing, error){"ratios": drawRatios, "counts": drawCounts,
	"timeline": drawTimeline}

func drawRatios(v view, width int) (chart.Drawing, error) {
	r := chart.Ratios{Title: "Conversion ratio in percent by promotion and date, with 95 % intervals"}
	if !v.byDate() {
		return drawWhole(v, width)
	}
	for _, p := range v.Periods {
		r.Periods = append(r.Periods, p.Label)
	}
	for _, p := range v.top() {
		group := chart.RatioGroup{Name: p.Name}
		for i, n := range p.Periods {
			var bar *chart.RatioBar
			if n != nil {
				bar = &chart.RatioBar{Ratio: n.Ratio, Low: n.Low, High: n.High, Orders: n.Orders,
					Few:  n.Few(v.Filter.MinClicks),
					Hint: report.Hint(p.Name, v.Periods[i].Label, *n)}
			}
			group.Bars = append(group.Bars, bar)
		}
		r.Promotions = append(r.Promotions, group)
	}
	return chart.DrawRatios(r, width)
}

// What fits a bar per date, and is readable.
const manyPeriods, manyPromotions = 3, 8

// byDate reports whether the bars of ratios are of dates, rather than of the whole range.
func (v view) byDate() bool {
	if v.Filter.Dates != "" {
		return v.Filter.Dates == "1"
	}
	return len(v.Periods) <= manyPeriods && len(v.top()) <= manyPromotions
}

// drawWhole draws a bar a promotion.
func drawWhole(v view, width int) (chart.Drawing, error) {
	r := chart.Ratios{Title: "Conversion ratio in percent by promotion, with 95 % intervals",
		Periods: []string{v.From + " to " + v.To}}
	for _, p := range v.top() {
		r.Promotions = append(r.Promotions, chart.RatioGroup{Name: p.Name, Bars: []*chart.RatioBar{{Ratio: p.Ratio,
			Low: p.Low, High: p.High, Orders: p.Orders, Few: p.Few(v.Filter.MinClicks),
			Hint: report.Hint(p.Name, v.From+" to "+v.To, p.Numbers)}}})
	}
	return chart.DrawRatios(r, width)
}

func drawCounts(v view, width int) (chart.Drawing, error) {
	c := chart.Counts{Title: "Clicks and orders by promotion", Log: v.Filter.Log}
	for _, p := range v.top() {
		c.Promotions = append(c.Promotions, chart.Count{Name: p.Name, Clicks: p.Clicks, Orders: p.Orders,
			Hint: report.Hint(p.Name, v.From+" to "+v.To, p.Numbers)})
	}
	return chart.DrawCounts(c, width)
}

func drawTimeline(v view, width int) (chart.Drawing, error) {
	t := chart.Timeline{Title: "Clicks, orders and conversion ratio over time (UTC)", From: v.Timeline.From,
		To: v.Timeline.To, Step: time.Duration(v.Timeline.Step)}
	for _, course := range v.Timeline.Lines {
		line := chart.Line{Name: course.Name}
		for _, s := range course.Steps {
			line.Points = append(line.Points, chart.Point{At: s.At, Clicks: s.Clicks, Orders: s.Orders, Ratio: s.Ratio,
				Provisional: s.Provisional, Restated: s.Restated,
				Hint: report.Hint(course.Name, stepLabel(s.At, t.Step),
					s.Numbers) + stateOf(s)})
		}
		t.Lines = append(t.Lines, line)
	}
	return chart.DrawTimeline(t, width)
}

// stepLabel is a step's start, with what is needed of date and time.
func stepLabel(at time.Time, step time.Duration) string {
	if step >= 24*time.Hour {
		return at.Format(time.DateOnly)
	}
	return at.Format("2006-01-02 15:04:05Z")
}

func stateOf(s report.Step) (text string) {
	if s.Provisional {
		text = "\nprovisional: more may come"
	}
	if s.Restated {
		text += fmt.Sprintf("\nrestated: %d clicks and %d orders came late", s.LateClicks, s.LateOrders)
	}
	return text
}
