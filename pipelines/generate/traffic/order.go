package traffic

import (
	"math/rand/v2"
	"strconv"
)

const (
	items       = 500 // I1 to I500, each with one price
	maxLines    = 3
	maxQuantity = 3
	noPromotion = -1

	// Shares in percent.
	oneLine       = 55 // of orders; with the next, 1.6 lines on average
	twoLines      = 30 // of orders
	unpromoted    = 5  // of orders: no line has a promotion
	samePromotion = 30 // of an order's further lines: the promotion that the order has
	nextPromotion = 15 // of an order's further lines: a promotion drawn anew

	correctedOneIn = 5 // duplicates of orders that differ from the original
)

// orderSource makes orders, one at a time.
type orderSource struct {
	rng        *rand.Rand
	promotions *promotions
	stamper    stamper

	number int
	user   int
	lines  []orderLine
}

type orderLine struct {
	item      int
	promotion int // index, or noPromotion
	quantity  int
}

func (o *orderSource) draw(number int) {
	o.number = number
	o.user = 1 + o.rng.IntN(users)
	o.lines = o.lines[:0]
	promotion, carrier := noPromotion, 0
	count := o.lineCount()
	if o.rng.IntN(100) >= unpromoted {
		promotion, carrier = o.promotions.ordered.pick(o.rng), o.rng.IntN(count)
	}
	for i := range count {
		line := orderLine{item: 1 + o.rng.IntN(items), promotion: promotion, quantity: 1 + o.rng.IntN(maxQuantity)}
		if i != carrier && promotion != noPromotion {
			line.promotion = o.further(promotion)
		}
		o.lines = append(o.lines, line)
	}
}

func (o *orderSource) drawn() int { return o.user }

func (o *orderSource) lineCount() int {
	switch p := o.rng.IntN(100); {
	case p < oneLine:
		return 1
	case p < oneLine+twoLines:
		return 2
	default:
		return maxLines
	}
}

// further is the promotion of a line beside the one that carries the order's.
func (o *orderSource) further(promotion int) int {
	switch p := o.rng.IntN(100); {
	case p < samePromotion:
		return promotion
	case p < samePromotion+nextPromotion:
		return o.promotions.ordered.pick(o.rng)
	default:
		return noPromotion
	}
}

func (o *orderSource) appendTo(buf []byte, unixMilli int64) []byte {
	buf = append(buf, `{"OrderId":"O`...)
	buf = appendPadded(buf, o.number, 6)
	buf = append(buf, `","UserId":"U`...)
	buf = strconv.AppendInt(buf, int64(o.user), 10)
	buf = append(buf, `","Timestamp":"`...)
	buf = o.stamper.appendTo(buf, unixMilli)
	buf = append(buf, `","OrderLines":[`...)
	for i, line := range o.lines {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = o.appendLine(buf, line)
	}
	return append(buf, `]}`...)
}

func (o *orderSource) appendLine(buf []byte, line orderLine) []byte {
	buf = append(buf, `{"ItemId":"I`...)
	buf = strconv.AppendInt(buf, int64(line.item), 10)
	buf = append(buf, `","Promotion":"`...)
	if line.promotion != noPromotion {
		buf = append(buf, o.promotions.names[line.promotion]...)
	}
	buf = append(buf, `","UnitPrice":`...)
	cents := unitPrice(line.item)
	buf = strconv.AppendInt(buf, int64(cents/100), 10)
	buf = append(buf, '.')
	buf = appendPadded(buf, cents%100, 2)
	buf = append(buf, `,"Quantity":`...)
	buf = strconv.AppendInt(buf, int64(line.quantity), 10)
	return append(buf, '}')
}

// unitPrice in cents, from 1.99 to 99.99, scattered by a prime.
func unitPrice(item int) int {
	return 199 + item*7919%9801
}

// appendAgain writes the order as it was or, one time in five, as a corrected
// order would come: the same id with another Quantity in its first line.
func (o *orderSource) appendAgain(buf []byte, unixMilli int64, rng *rand.Rand) []byte {
	if rng.IntN(correctedOneIn) == 0 {
		o.lines[0].quantity = o.lines[0].quantity%maxQuantity + 1
	}
	return o.appendTo(buf, unixMilli)
}
