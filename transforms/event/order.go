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
type lineFields struct {
	promotion           []byte
	unitPrice, quantity *fastjson.Value
}

func newOrderParser() *parser {
	p := newParser()
	p.onField = p.orderField
	p.onLine = p.lineField
	return p
}

// order parses an order. The reason is "" for an order of a promotion, and for
// one without any (promotion false); otherwise it says why r is malformed. The
// time is set wherever it is known.
func (p *parser) order(r record.Record) (o Order, promotion bool, reason string) {
	if reason = p.open(r); reason != "" {
		return o, false, reason
	}
	parts, linesReason := p.parts() // before check, which judges what the lines hold, too
	if o.Time, reason = p.check(r); reason != "" {
		return o, false, reason
	}
	if !p.hasLines {
		return o, false, NoOrderLines
	}
	o.ID, o.Parts = NewID(p.id), parts
	return o, len(parts) > 0, linesReason
}

func (p *parser) orderField(name []byte, v *fastjson.Value) {
	switch string(name) {
	case "OrderId":
		p.id = p.text(v)
	case "Timestamp":
		p.timestamp = p.text(v)
	case "UserId":
		p.text(v)
	case "OrderLines":
		p.unchecked = p.unchecked || p.hasLines // the field before it is never looked at
		p.lines, p.hasLines = v.GetArray(), v.Type() == fastjson.TypeArray
		if !p.hasLines && v.Type() != fastjson.TypeNull {
			p.unknown(v)
			p.wrongType = true
		}
	default:
		p.unknown(v)
	}
}

func (p *parser) lineField(name []byte, v *fastjson.Value) {
	switch string(name) {
	case "ItemId":
		p.text(v)
	case "Promotion":
		p.line.promotion = p.text(v)
	case "UnitPrice":
		p.line.unitPrice = p.amount(v)
	case "Quantity":
		p.line.quantity = p.amount(v)
	default:
		p.unknown(v)
	}
}

// parts adds up an order's lines by promotion.
func (p *parser) parts() (parts []Part, reason string) {
	var total, units int64 // of all lines, so that no part of them can overflow
	for _, line := range p.lines {
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
		parts[i].Lines++
		parts[i].RevenueMicros += part.RevenueMicros
		parts[i].Units += part.Units
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
	line.GetObject().Visit(p.onLine)
	if p.line.quantity == nil {
		return part, BadQuantity
	}
	quantity, negative, exact, ok := scaled(p.digits(p.line.quantity), 0)
	if negative || !exact {
		return part, BadQuantity
	}
	if p.line.unitPrice == nil {
		return part, BadUnitPrice
	}
	price, negative, _, priceOK := scaled(p.digits(p.line.unitPrice), 6)
	if negative {
		return part, BadUnitPrice
	}
	high, micros := bits.Mul64(uint64(price), uint64(quantity))
	if !ok || !priceOK || high > 0 || micros > math.MaxInt64 {
		return part, Overflow
	}
	return Part{Promotion: p.name(p.line.promotion), Lines: 1, Units: quantity, RevenueMicros: int64(micros)}, ""
}
