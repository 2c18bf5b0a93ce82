package conversion

import (
	"slices"

	"adtoorder/transforms/event"
)

// Partial is a partial sum of either stream, or of both, of a promotion in a window.
type Partial struct {
	Window    int64 // start, milliseconds since the Unix epoch
	Promotion string
	Clicks    *Clicks
	Orders    *Orders
}

// Partials are partial sums of one group of windows, on their way to the join.
type Partials struct{ Sums []Partial }

// Clicks is a partial sum of the clicks on a promotion in a window. Partial
// sums merge in any order. Ids are kept as they came and made distinct where
// they are joined, since duplicates are few.
type Clicks struct {
	Anonymous     int64 // clicks without an id, late ones included
	LateAnonymous int64
	IDs           []event.ID // of the clicks with one that were in time
	LateIDs       []event.ID // and of those that were not
}

// Add adds a click.
func (c *Clicks) Add(click event.Click) {
	switch none := (event.ID{}); {
	case click.ID == none && click.Late:
		c.LateAnonymous++
		fallthrough
	case click.ID == none:
		c.Anonymous++
	case click.Late:
		c.LateIDs = append(c.LateIDs, click.ID)
	default:
		c.IDs = append(c.IDs, click.ID)
	}
}

// Merge adds another partial sum.
func (c *Clicks) Merge(other Clicks) {
	c.Anonymous += other.Anonymous
	c.LateAnonymous += other.LateAnonymous
	c.IDs = append(c.IDs, other.IDs...)
	c.LateIDs = append(c.LateIDs, other.LateIDs...)
}

// total returns the distinct clicks, those of them of which a record was late,
// and the duplicates among the records.
func (c *Clicks) total() (clicks, late, duplicates int64) {
	lateIDs := distinct(c.LateIDs)
	all := append(c.IDs, c.LateIDs...)
	ids := distinct(all)
	return c.Anonymous + ids, c.LateAnonymous + lateIDs, int64(len(all)) - ids
}

// distinct counts the distinct ids. It sorts their first halves, plain numbers,
// in a third of the time that whole ids take, and looks closer at equal ones.
func distinct(ids []event.ID) (n int64) {
	halves := make([]uint64, len(ids))
	for i, id := range ids {
		halves[i] = id.High
	}
	slices.Sort(halves)
	again := map[uint64]bool{} // halves that several ids have
	for i, half := range halves {
		if i > 0 && half == halves[i-1] {
			again[half] = true
		} else {
			n++
		}
	}
	if len(again) == 0 {
		return n
	}
	closer := map[event.ID]bool{}
	for _, id := range ids {
		if again[id.High] {
			closer[id] = true
		}
	}
	return n - int64(len(again)) + int64(len(closer))
}

// Orders is a partial sum of the orders of a promotion in a window.
type Orders struct {
	Anonymous Sum // orders without an id
	IDs       []Version
}

// Sum adds up what orders hold of a promotion.
type Sum struct {
	OrderCounters
	Booked int64 // of the orders, those that are booked on this promotion
}

// Version is what a record of an order with an id holds of a promotion. Where
// the records of one id differ, each number is the largest that was seen, which
// needs no order of arrival and never shrinks.
type Version struct {
	ID     event.ID
	Late   bool
	Booked bool // this promotion is the smallest of the record
	event.Amounts
}

// Add adds an order's part of the promotion. An order is booked once, on the
// smallest of its promotions.
func (o *Orders) Add(order event.Order, part event.Part, booked bool) {
	v := Version{order.ID, order.Late, booked, part.Amounts}
	if order.ID == (event.ID{}) {
		o.Anonymous.add(v)
	} else {
		o.IDs = append(o.IDs, v)
	}
}

// Merge adds another partial sum.
func (o *Orders) Merge(other Orders) {
	sum := other.Anonymous
	o.Anonymous.Orders += sum.Orders
	o.Anonymous.LateOrders += sum.LateOrders
	o.Anonymous.Booked += sum.Booked
	o.Anonymous.Amounts.Add(sum.Amounts)
	o.IDs = append(o.IDs, other.IDs...)
}

// total returns the sum over the distinct orders, and the duplicates among the
// records that are booked on this promotion.
func (o *Orders) total() (sum Sum, duplicates int64) {
	slices.SortFunc(o.IDs, func(a, b Version) int { return a.ID.Compare(b.ID) })
	sum = o.Anonymous
	for i := 0; i < len(o.IDs); {
		v := o.IDs[i]
		for i++; i < len(o.IDs) && o.IDs[i].ID == v.ID; i++ {
			if o.IDs[i].Booked && v.Booked {
				duplicates++
			}
			v = v.max(o.IDs[i])
		}
		sum.add(v)
	}
	return sum, duplicates
}

// max returns the pointwise max of two versions of one id.
func (v Version) max(w Version) Version {
	v.Late, v.Booked = v.Late || w.Late, v.Booked || w.Booked
	v.Amounts.Max(w.Amounts)
	return v
}

// add adds one order.
func (s *Sum) add(v Version) {
	s.Orders++
	s.LateOrders += one(v.Late)
	s.Booked += one(v.Booked)
	s.Amounts.Add(v.Amounts)
}

func one(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
