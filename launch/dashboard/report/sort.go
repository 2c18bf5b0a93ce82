package report

import "cmp"

// Sorts are what promotions can be sorted by, with what a table calls it. The largest
// comes first, but of names the first.
var Sorts = map[string]string{"name": "Promotion", ByClicks: "Clicks", "orders": "Orders", ByRatio: "Ratio",
	"change": "Change", "revenue": "Revenue", "per_click": "A click", "value": "An order", "advice": "Advice"}

// compare puts promotions in the order of the filter's Sort. What lacks what it sorts by
// comes last, whichever way it goes; what is equal, by clicks, orders and name.
func (f Filter) compare(a, b Promotion) int {
	x, y := f.sortedBy(a), f.sortedBy(b)
	order := 0
	switch {
	case f.Sort == "name":
		order = cmp.Compare(a.Name, b.Name)
	case x != nil && y != nil:
		order = cmp.Compare(*y, *x)
	}
	if f.Up {
		order = -order
	}
	missing := cmp.Compare(f.missing(a), f.missing(b))
	return cmp.Or(missing, order, cmp.Compare(b.Clicks, a.Clicks), cmp.Compare(b.Orders, a.Orders),
		cmp.Compare(a.Name, b.Name))
}

// missing ranks what lacks what is sorted by. Ratios of too few clicks come behind those of
// enough, then those that are no share of clicks, then none.
func (f Filter) missing(p Promotion) int {
	switch {
	case f.Sort != ByRatio && (f.Sort == "name" || f.sortedBy(p) != nil):
		return 0
	case p.Ratio == nil:
		return 3
	case p.Over() || f.Sort != ByRatio:
		return 2
	case p.Few(f.MinClicks):
		return 1
	}
	return 0
}

// sortedBy is the number that the filter sorts by; nil where a promotion has none.
func (f Filter) sortedBy(p Promotion) *float64 {
	number := func(n int64) *float64 { x := float64(n); return &x }
	switch f.Sort {
	case ByClicks:
		return number(p.Clicks)
	case "orders":
		return number(p.Orders)
	case "revenue":
		return number(p.RevenueMicros)
	case "change":
		return p.Change
	case "per_click":
		return p.MicrosPerClick()
	case "value":
		return p.MicrosPerOrder()
	case "advice":
		return number(rank[p.Advice])
	}
	return p.Shrunk
}

// rank orders what the numbers suggest by how much it asks for.
var rank = map[string]int64{Stop: 4, Watch: 3, Scale: 2, Hold: 1, TooFew: 0}

// MicrosPerClick is the revenue of a click, in micros; nil without clicks.
func (n Numbers) MicrosPerClick() *float64 { return each(n.RevenueMicros, n.Clicks) }

// MicrosPerOrder is the revenue of an order, in micros; nil without orders.
func (n Numbers) MicrosPerOrder() *float64 { return each(n.RevenueMicros, n.Orders) }

func each(sum, of int64) *float64 {
	if of == 0 {
		return nil
	}
	x := float64(sum) / float64(of)
	return &x
}
