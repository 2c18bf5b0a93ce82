package conversion

import (
	"encoding/binary"
	"reflect"

	"adtoorder/transforms/event"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

func init() {
	beam.RegisterType(reflect.TypeFor[Partials]())
	beam.RegisterType(reflect.TypeFor[Row]())
	beam.RegisterCoder(reflect.TypeFor[Partials](), encodePartials, decodePartials)
}

// The coder writes varints, and ids as 16 bytes: a partial sum of records without ids
// takes about 10 bytes, where the default row coder takes 60 or more.
//
// Ids take most of the memory of a live run, and are whole all the same. Of n ids of b
// bits, n²/2^(b+1) pairs are equal by chance, of each promotion and window. At 100,000
// clicks a second on one promotion, n is 6,000,000 in a minute, and a year has 525,600
// minutes: with 64 bits a click is lost every two years (on 40 promotions, every 80),
// with 96 one in 8,000,000,000, with 128 none. But 96 bits of a hash without a key are
// made equal with 2^48 tries, some hours of work, and a key that is drawn for a graph is
// another after a job's update, which keeps the windows that it finds: what comes again
// would count twice. Sorted ids, coded by their differences, save one or two bytes of 16.

// The first byte of a Partial says what it has. The promotion follows it where it is
// not that of the one before.
const (
	hasClicks = 1 << iota
	hasOrders
	hasPromotion
	hasPieces
)

func encodePartials(p Partials) []byte {
	size := 8
	for _, sum := range p.Sums {
		size += sum.size()
	}
	b := appendInts(make([]byte, 0, size), int64(len(p.Sums)))
	var before Partial
	for _, sum := range p.Sums {
		var has byte
		if sum.Clicks != nil {
			has |= hasClicks
		}
		if sum.Orders != nil {
			has |= hasOrders
		}
		if sum.Orders != nil && len(sum.Orders.Pieces) > 0 {
			has |= hasPieces
		}
		if sum.Promotion != before.Promotion {
			has |= hasPromotion
		}
		b = appendInts(append(b, has), sum.Window-before.Window)
		if has&hasPromotion > 0 {
			b = append(appendInts(b, int64(len(sum.Promotion))), sum.Promotion...)
		}
		if sum.Clicks != nil {
			b = appendClicks(b, *sum.Clicks)
		}
		if sum.Orders != nil {
			b = appendOrders(b, *sum.Orders)
		}
		if has&hasPieces > 0 {
			b = appendPieces(b, sum.Orders.Pieces)
		}
		before = sum
	}
	return b
}

// size is about how many bytes a partial sum takes.
func (p Partial) size() int {
	size := 24 + len(p.Promotion)
	if p.Clicks != nil {
		size += 16 * (len(p.Clicks.IDs) + len(p.Clicks.LateIDs))
	}
	if p.Orders != nil {
		size += 16 + 32*len(p.Orders.IDs) + 48*len(p.Orders.Pieces)
	}
	return size
}

func decodePartials(b []byte) (p Partials, err error) {
	r := reader{rest: b}
	p.Sums = make([]Partial, r.length(minPartial))
	names := map[string]string{}
	var before Partial
	for i := range p.Sums {
		sum := &p.Sums[i]
		has := r.byte()
		sum.Window, sum.Promotion = before.Window+r.int(), before.Promotion
		if has&hasPromotion > 0 {
			sum.Promotion = r.name(names)
		}
		if has&hasClicks > 0 {
			sum.Clicks = r.clicks()
		}
		if has&hasOrders > 0 {
			sum.Orders = r.orders()
			if has&hasPieces > 0 {
				sum.Orders.Pieces = r.pieces()
			}
		}
		before = *sum
	}
	return p, r.err
}

func appendClicks(b []byte, c Clicks) []byte {
	b = appendInts(b, c.Anonymous, c.LateAnonymous, int64(len(c.IDs)), int64(len(c.LateIDs)))
	for _, id := range c.IDs {
		b = appendID(b, id)
	}
	for _, id := range c.LateIDs {
		b = appendID(b, id)
	}
	return b
}

func (r *reader) clicks() *Clicks {
	c := &Clicks{Anonymous: r.int(), LateAnonymous: r.int()}
	ids, late := r.length(idSize), r.length(idSize)
	c.IDs, c.LateIDs = r.ids(ids), r.ids(late)
	return c
}

func appendOrders(b []byte, o Orders) []byte {
	b = appendInts(b, o.Anonymous.Orders, o.Anonymous.LateOrders, o.Anonymous.Booked)
	b = appendAmounts(b, o.Anonymous.Amounts)
	b = appendInts(b, int64(len(o.IDs)))
	for _, v := range o.IDs {
		b = appendVersion(b, v)
	}
	return b
}

func appendVersion(b []byte, v Version) []byte {
	return appendAmounts(appendInts(appendID(b, v.ID), one(v.Late), one(v.Booked)), v.Amounts)
}

func appendPieces(b []byte, pieces []Piece) []byte {
	b = appendInts(b, int64(len(pieces)))
	for _, p := range pieces {
		b = appendVersion(appendID(b, p.ID), p.Version)
	}
	return b
}

func (r *reader) orders() *Orders {
	o := &Orders{}
	o.Anonymous.Orders, o.Anonymous.LateOrders, o.Anonymous.Booked = r.int(), r.int(), r.int()
	o.Anonymous.Amounts = r.amounts()
	if n := r.length(idSize); n > 0 {
		o.IDs = make([]Version, n)
	}
	for i := range o.IDs {
		o.IDs[i] = r.version()
	}
	return o
}

func (r *reader) version() Version {
	return Version{r.id(), r.int() == 1, r.int() == 1, r.amounts()}
}

func (r *reader) pieces() []Piece {
	pieces := make([]Piece, r.length(2*idSize))
	for i := range pieces {
		pieces[i] = Piece{r.id(), r.version()}
	}
	return pieces
}

func appendInts(b []byte, ints ...int64) []byte {
	for _, n := range ints {
		b = binary.AppendVarint(b, n)
	}
	return b
}

func appendAmounts(b []byte, amounts event.Amounts) []byte {
	for _, n := range amounts.Fields() {
		b = binary.AppendVarint(b, *n)
	}
	return b
}

func appendID(b []byte, id event.ID) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, id.High), id.Low)
}
