package event

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"adtoorder/io/record"

	"github.com/valyala/fastjson"
)

// lineFields are the known fields of an order line; nil where absent.
type lineFields struct{ itemID, promotion, unitPrice, quantity *fastjson.Value }

func (o *Order) setLate(late bool) { o.Late = late }

func (o *Order) own() Order {
	order := *o
	order.Parts = slices.Clone(o.Parts)
	return order
}

func (o *Order) parse(p *parser, r record.Record) parsed {
	if reason := p.open(r, p.orderField); reason != "" {
		return parsed{reason: reason}
	}
	id := p.text(p.id)
	p.text(p.userID) // for its type alone
	parts, linesReason := o.Parts[:0], NoOrderLines
	if p.ofType(p.lines, fastjson.TypeArray) {
		parts, linesReason = p.parts(parts, p.lines.GetArray())
	}
	// Only now, since it judges what the lines hold, too.
	time, reason := p.check(r)
	o.Time = time
	if reason != "" {
		return parsed{time: time, reason: reason}
	}
	o.ID, o.Parts = identify(id, r), parts
	return parsed{time: time, promotion: len(parts) > 0, reason: linesReason}
}

func (p *parser) orderField(name []byte, v *fastjson.Value) {
	switch string(name) {
	case "OrderId":
		p.set(&p.id, v)
	case "UserId":
		p.set(&p.userID, v)
	case "Timestamp":
		p.set(&p.timestamp, v)
	case "OrderLines":
		p.set(&p.lines, v)
	default:
		p.unknown(v)
	}
}

func (p *parser) lineField(name []byte, v *fastjson.Value) {
	switch string(name) {
	case "ItemId":
		p.set(&p.line.itemID, v)
	case "Promotion":
		p.set(&p.line.promotion, v)
	case "UnitPrice":
		p.set(&p.line.unitPrice, v)
	case "Quantity":
		p.set(&p.line.quantity, v)
	default:
		p.unknown(v)
	}
}

// parts adds up an order's lines by promotion, to no parts before.
func (p *parser) parts(parts []Part, lines []*fastjson.Value) (_ []Part, reason string) {
	var total, units int64 // of all lines, so that no part of them can overflow
	for _, line := range lines {
		part, lineReason := p.part(line)
		if reason == "" {
			reason = lineReason
		}
		if reason != "" {
			continue // the other lines are still to be checked for their types
		}
		total += part.RevenueMicros
		units += part.Units
		if total < 0 || units < 0 {
			reason = Overflow
		}
		if part.Promotion == "" {
			continue
		}
		i, found := slices.BinarySearchFunc(parts, part.Promotion, func(a Part, promotion string) int {
			return cmp.Compare(a.Promotion, promotion)
		})
		if !found {
			parts = slices.Insert(parts, i, part)
			continue
		}
		parts[i].Add(part.Amounts)
	}
	return parts, reason
}

// part reads one line.
func (p *parser) part(line *fastjson.Value) (part Part, reason string) {
	if line.Type() != fastjson.TypeObject {
		p.unknown(line)
		p.wrongType = true
		return part, WrongType
	}
	p.line = lineFields{}
	line.GetObject().Visit(p.lineField)
	p.text(p.line.itemID) // for its type alone
	promotion := p.text(p.line.promotion)
	quantity, quantityFits, reason := quantityOf(p.amount(p.line.quantity))
	price, priceFits, priceReason := priceOf(p.amount(p.line.unitPrice))
	if reason = cmp.Or(reason, priceReason); reason != "" {
		return part, reason
	}
	high, micros := bits.Mul64(uint64(price), uint64(quantity))
	if !quantityFits || !priceFits || high > 0 || micros > math.MaxInt64 {
		return part, Overflow
	}
	return Part{p.name(promotion), Amounts{Lines: 1, Units: quantity, RevenueMicros: int64(micros)}}, ""
}

// quantityOf reads a Quantity: an integer that is not negative.
func quantityOf(text []byte) (quantity int64, fits bool, reason string) {
	if text == nil {
		return 0, false, BadQuantity
	}
	quantity, negative, exact, fits := scaled(text, 0)
	if negative || !exact {
		return 0, false, BadQuantity
	}
	return quantity, fits, ""
}

// priceOf reads a UnitPrice in micros, rounded with ties to even.
func priceOf(text []byte) (micros int64, fits bool, reason string) {
	if text == nil {
		return 0, false, BadUnitPrice
	}
	micros, negative, _, fits := scaled(text, 6)
	if negative {
		return 0, false, BadUnitPrice
	}
	return micros, fits, ""
}
