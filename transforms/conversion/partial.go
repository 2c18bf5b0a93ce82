package conversion

import (
	"cmp"
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
// sums add up in any order. Ids are kept as they came and made distinct where
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

// totalClicks returns the distinct clicks of partial sums, those of them of which a
// record was late, and the duplicates among the records.
func totalClicks(parts []*Clicks, ids *idCounter) (clicks, late, duplicates int64) {
	for _, c := range parts {
		clicks += c.Anonymous
		late += c.LateAnonymous
	}
	lateIDs, _ := ids.count(func(yield func([]event.ID) bool) {
		for _, c := range parts {
			yield(c.LateIDs)
		}
	})
	all, records := ids.count(func(yield func([]event.ID) bool) {
		for _, c := range parts {
			yield(c.IDs)
			yield(c.LateIDs)
		}
	})
	return clicks + all, late + lateIDs, records - all
}

// Orders is a partial sum of the orders of a promotion in a window.
type Orders struct {
	Anonymous Sum // orders without an id
	IDs       []Version
	Pieces    []Piece // of orders that are told in pieces
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

// Piece is what a record of a piece of an order, with some of its lines, holds of a
// promotion. Where the records of one piece differ, each number is the largest that was
// seen; distinct pieces of an order add up.
type Piece struct {
	ID event.ID // of the piece; that of the version is the order's
	Version
}

// Add adds an order's part of the promotion. An order is booked once, on the
// smallest of its promotions.
func (o *Orders) Add(order event.Order, part event.Part, booked bool) {
	v := Version{order.ID, order.Late, booked, part.Amounts}
	switch none := (event.ID{}); {
	case order.ID == none:
		o.Anonymous.add(v)
	case order.Piece != none:
		o.Pieces = append(o.Pieces, Piece{order.Piece, v})
	default:
		o.IDs = append(o.IDs, v)
	}
}

// totalOrders returns the sum over the distinct orders of partial sums, and the
// duplicates among the records that are booked on this promotion.
func totalOrders(parts []*Orders) (sum Sum, duplicates int64) {
	n := 0
	for _, o := range parts {
		n += len(o.IDs)
	}
	versions := make([]Version, 0, n)
	for _, o := range parts {
		versions = append(versions, o.IDs...)
		sum.merge(o.Anonymous)
	}
	pieces, repeated := totalPieces(parts)
	sum.merge(pieces)
	duplicates += repeated
	slices.SortFunc(versions, func(a, b Version) int { return a.ID.Compare(b.ID) })
	for i := 0; i < len(versions); {
		v := versions[i]
		for i++; i < len(versions) && versions[i].ID == v.ID; i++ {
			if versions[i].Booked && v.Booked {
				duplicates++
			}
			v = v.max(versions[i])
		}
		sum.add(v)
	}
	return sum, duplicates
}

// totalPieces returns the sum over the distinct orders of pieces, and the duplicates among
// the records that are booked on this promotion. The ledger books pieces.
func totalPieces(parts []*Orders) (sum Sum, duplicates int64) {
	var pieces []Piece
	for _, o := range parts {
		pieces = append(pieces, o.Pieces...)
	}
	slices.SortFunc(pieces, func(a, b Piece) int {
		return cmp.Or(a.Version.ID.Compare(b.Version.ID), a.ID.Compare(b.ID))
	})
	var order Sum
	for i := 0; i < len(pieces); {
		p := pieces[i]
		for i++; i < len(pieces) && pieces[i].ID == p.ID; i++ {
			if pieces[i].Booked && p.Booked {
				duplicates++
			}
			p.Version = p.max(pieces[i].Version)
		}
		order.add(p.Version)
		if i == len(pieces) || pieces[i].Version.ID != p.Version.ID {
			order.Orders, order.LateOrders = 1, min(1, order.LateOrders)
			sum.merge(order)
			order = Sum{}
		}
	}
	return sum, duplicates
}

// max returns the pointwise max of two versions of one id.
func (v Version) max(w Version) Version {
	v.Late, v.Booked = v.Late || w.Late, v.Booked || w.Booked
	v.Amounts.Max(w.Amounts)
	return v
}

// merge adds another sum.
func (s *Sum) merge(other Sum) {
	s.Orders += other.Orders
	s.LateOrders += other.LateOrders
	s.Booked += other.Booked
	s.Amounts.Add(other.Amounts)
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
