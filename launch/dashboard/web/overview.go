package web

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"adtoorder/launch/dashboard/report"
)

// Tile is a number of the whole range.
type Tile struct {
	Name, Value string
	Change      string        // against the days before, such as "+3.1 %"; "" where there is none to tell
	Note        string        // what is to be known of it
	Course      template.HTML // by date, as a small drawing
}

// Tiles are the numbers that stand on top.
func (r rendering) Tiles() []Tile {
	counted := func(of func(report.Numbers) int64) func(report.Numbers) *float64 {
		return func(n report.Numbers) *float64 { x := float64(of(n)); return &x }
	}
	clicks := counted(func(n report.Numbers) int64 { return n.Clicks })
	orders := counted(func(n report.Numbers) int64 { return n.Orders })
	revenue := counted(func(n report.Numbers) int64 { return n.RevenueMicros })
	ratio := func(n report.Numbers) *float64 { return n.Ratio }
	t := r.Total
	tiles := []Tile{
		r.tile("Clicks", report.Thousands(t.Clicks), clicks),
		r.tile("Orders", report.Thousands(t.Orders), orders),
		r.tile("Conversion ratio", report.Percent(t.Ratio), ratio),
		r.tile("Revenue", report.Money(t.RevenueMicros), revenue),
	}
	tiles[1].Note = "an order counts once for each of its promotions"
	if t.Low != nil {
		tiles[2].Note = "95 %: " + report.Percent(t.Low) + " to " + report.Percent(t.High)
	}
	if t.Ratio == nil {
		tiles[2].Value = "–"
	}
	if n := r.ordersWithoutClicks(); n > 0 {
		tiles = append(tiles, Tile{Name: "Orders without clicks", Value: report.Thousands(n),
			Note: "of promotions that nobody clicked"})
	}
	return tiles
}

// tile is that of a number that is compared with the days before.
func (r rendering) tile(name, value string, of func(report.Numbers) *float64) Tile {
	t := Tile{Name: name, Value: value, Course: course(r.Days, of)}
	if r.Comparison == nil {
		return t
	}
	now, then := of(r.Comparison.Now), of(r.Comparison.Then)
	if now != nil && then != nil && *then > 0 {
		t.Change = signed(100 * (*now / *then - 1))
	}
	return t
}

// signed writes a change in percent.
func signed(change float64) string {
	text := fmt.Sprintf("%+.1f %%", change)
	return strings.Replace(text, "-", "−", 1)
}

func (r rendering) ordersWithoutClicks() (n int64) {
	for _, p := range r.Promotions {
		if p.NoClicks() {
			n += p.Orders
		}
	}
	return n
}

// The size of a tile's course, in CSS pixels.
const courseWidth, courseHeight = 120, 28

// course draws a number by date as a line; nothing for fewer than two dates.
func course(days []report.DayTotal, of func(report.Numbers) *float64) template.HTML {
	var values []float64
	for _, d := range days {
		if x := of(d.Numbers); x != nil {
			values = append(values, *x)
		}
	}
	if len(values) < 2 {
		return ""
	}
	top := max(slices.Max(values), 1e-9)
	var points []string
	for i, x := range values {
		points = append(points, fmt.Sprintf("%.1f,%.1f", float64(i)*courseWidth/float64(len(values)-1),
			courseHeight-1-x/top*(courseHeight-2)))
	}
	return template.HTML(fmt.Sprintf(`<svg class="course" width="%d" height="%d" aria-hidden="true">`+
		`<polyline class="stroke c0" fill="none" points="%s"/></svg>`, courseWidth, courseHeight,
		strings.Join(points, " ")))
}

// Against says what the changes on the page compare.
func (r rendering) Against() string {
	c := r.Comparison
	if c == nil {
		return ""
	}
	return fmt.Sprintf("Changes compare the full days %s to %s with %s to %s.", c.From, c.To, c.First, c.Last)
}

// Alerts are what is wrong, in a line each.
func (r rendering) Alerts() (all []string) {
	for _, s := range r.Ledger {
		if s.State == report.Unbalanced {
			all = append(all, "The ledger of "+s.Stream+" does not balance.")
		}
	}
	return all
}

// Title is what the page is called, with what it shows.
func (r rendering) Title() string {
	var parts []string
	if len(r.Filter.Promotions) > 0 {
		parts = append(parts, strings.Join(r.Filter.Promotions, ", "))
	}
	if r.Filter.Search != "" {
		parts = append(parts, "“"+r.Filter.Search+"”")
	}
	if r.First != "" {
		parts = append(parts, r.From+" to "+r.To)
	}
	return strings.Join(append(parts, "Ad-to-order conversion"), " · ")
}
