package web

import (
	"fmt"
	"html/template"

	"adtoorder/launch/dashboard/report"
)

// perPage is how many promotions stand in the table, and in the charts, at a time.
const perPage = 25

// Column is a column of the table of promotions.
type Column struct {
	Name  string
	Link  string // sorts by it, or turns the order round; "" for none
	Order string // as aria-sort has it; "" where another column sorts
	Text  bool   // the cells are words
}

// Columns are those of the table of promotions.
func (r rendering) Columns() (all []Column) {
	for _, sort := range []string{"name", report.ByClicks, report.ByRatio, "", "orders", "revenue", "per_click",
		"value", "change", "advice"} {
		c := Column{Name: report.Sorts[sort], Text: sort == "name" || sort == "advice"}
		f := r.Filter
		f.Page = 1
		f.Sort, f.Up = sort, false
		switch {
		case sort == "":
			c.Name = "95 % interval, drawn to all"
		case sort == r.Filter.Sort:
			f.Up = !r.Filter.Up
			c.Order = "descending"
			if r.Filter.Up != (sort == "name") { // names begin with the first
				c.Order = "ascending"
			}
			fallthrough
		default:
			c.Link = link(f)
		}
		all = append(all, c)
	}
	return all
}

// page returns which page is shown, from 1 on, of how many.
func (v view) page() (at, pages int) {
	pages = max(1, (len(v.Promotions)+perPage-1)/perPage)
	return min(max(v.Filter.Page, 1), pages), pages
}

// top returns the promotions of the page, which are listed, and drawn.
func (v view) top() []report.Promotion {
	at, _ := v.page()
	return v.Promotions[(at-1)*perPage : min(at*perPage, len(v.Promotions))]
}

// Step is a link to another page of the table.
type Step struct{ Name, Link string }

// Pages says which page of how many is shown; "" where there is one.
func (r rendering) Pages() string {
	if at, pages := r.page(); pages > 1 {
		return fmt.Sprintf("Page %d of %d", at, pages)
	}
	return ""
}

// Steps are links to the pages around.
func (r rendering) Steps() (all []Step) {
	at, pages := r.page()
	f := r.Filter
	for _, step := range []struct {
		name string
		to   int
	}{{"first", 1}, {"before", at - 1}, {"next", at + 1}, {"last", pages}} {
		if step.to >= 1 && step.to <= pages && step.to != at {
			f.Page = step.to
			all = append(all, Step{step.name, link(f)})
		}
	}
	return all
}

// Only is this page with one promotion.
func (r rendering) Only(promotion string) string {
	f := r.Filter
	f.Promotions, f.Search, f.Page = []string{promotion}, "", 1
	return link(f)
}

// The size of an interval's drawing, in CSS pixels.
const intervalWidth, intervalHeight = 140, 16

// Interval draws a ratio drawn to all with its interval, beside the line of all together.
func (r rendering) Interval(p report.Promotion) template.HTML {
	if p.Shrunk == nil {
		return ""
	}
	top := 0.0
	for _, other := range r.top() {
		if other.Shrunk != nil {
			top = max(top, *other.ShrunkHigh)
		}
	}
	x := func(ratio float64) float64 { return 4 + min(1, ratio/top)*(intervalWidth-8) }
	all := ""
	if r.Total.Ratio != nil && *r.Total.Ratio <= top {
		all = fmt.Sprintf(`<line class="stroke grid" x1="%.1f" x2="%.1[1]f" y1="0" y2="%d"/>`, x(*r.Total.Ratio),
			intervalHeight)
	}
	hue := map[string]string{report.Better: "better", report.Worse: "worse"}[p.Verdict]
	return template.HTML(fmt.Sprintf(`<svg class="interval %s" width="%d" height="%d" role="img" aria-label="%s, 95 %%: %s to %s">`+
		`%s<line class="stroke mark" x1="%.1f" x2="%.1f" y1="8" y2="8"/><circle class="fill mark" cx="%.1f" cy="8" r="4"/></svg>`,
		hue, intervalWidth, intervalHeight, report.Percent(p.Shrunk), report.Percent(p.ShrunkLow),
		report.Percent(p.ShrunkHigh), all, x(*p.ShrunkLow), x(*p.ShrunkHigh), x(*p.Shrunk)))
}

// Changed writes how a ratio has changed.
func (r rendering) Changed(p report.Promotion) string {
	if p.Change == nil {
		return ""
	}
	return signed(*p.Change)
}

// Moved says in words what a change is worth.
func (r rendering) Moved(p report.Promotion) string {
	switch {
	case p.Broke:
		return "lower on the last full day, beyond chance"
	case p.Change == nil:
		return ""
	case p.Beyond:
		return "beyond chance"
	}
	return "may be chance"
}
