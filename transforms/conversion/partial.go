package conversion

import (
	"math"
	"slices"

	"adtoorder/transforms/event"
)

// Partial is a partial sum of either stream, on its way to the join.
type Partial struct {
	Clicks *Clicks
	Orders *Orders
}

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
	Orders, Late                int64
	Booked                      int64 // of the orders, those that are booked on this promotion
	Lines, Units, RevenueMicros int64
}

// Version is what a record of an order with an id holds of a promotion. Where
// the records of one id differ, each number is the largest that was seen, which
// needs no order of arrival and never shrinks.
type Version struct {
	ID                          event.ID
	Late                        bool
	Booked                      bool // this promotion is the smallest of the record
	Lines, Units, RevenueMicros int64
}

// Add adds an order's part of the promotion. An order is booked once, on the
// smallest of its promotions.
func (o *Orders) Add(order event.Order, part event.Part, booked bool) {
	v := Version{order.ID, order.Late, booked, part.Lines, part.Units, part.RevenueMicros}
	if order.ID == (event.ID{}) {
		o.Anonymous.add(v)
	} else {
		o.IDs = append(o.IDs, v)
	}
}

// Merge adds another partial sum.
func (o *Orders) Merge(other Orders) {
	a, b := &o.Anonymous, other.Anonymous
	a.Orders, a.Late, a.Booked = a.Orders+b.Orders, a.Late+b.Late, a.Booked+b.Booked
	a.Lines, a.Units, a.RevenueMicros = AddUp(a.Lines, b.Lines), AddUp(a.Units, b.Units), AddUp(a.RevenueMicros, b.RevenueMicros)
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
	return Version{
		v.ID, v.Late || w.Late, v.Booked || w.Booked,
		max(v.Lines, w.Lines), max(v.Units, w.Units), max(v.RevenueMicros, w.RevenueMicros),
	}
}

// add adds one order.
func (s *Sum) add(v Version) {
	s.Orders++
	s.Late += one(v.Late)
	s.Booked += one(v.Booked)
	s.Lines = AddUp(s.Lines, v.Lines)
	s.Units = AddUp(s.Units, v.Units)
	s.RevenueMicros = AddUp(s.RevenueMicros, v.RevenueMicros)
}

// AddUp adds numbers that are not negative. A sum that 64 bits can't hold is
// math.MaxInt64, which keeps it growing and independent of order.
func AddUp(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

func one(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
