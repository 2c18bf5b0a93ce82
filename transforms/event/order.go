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
type lineFields struct{ promotion, unitPrice, quantity *fastjson.Value }

func (o *Order) setLate(late bool) { o.Late = late }

func (o *Order) parse(p *parser, r record.Record) parsed {
	if reason := p.open(r, p.orderField); reason != "" {
		return parsed{reason: reason}
	}
	id := p.scalar(p.id, "OrderId", &p.idText)
	parts, linesReason, piece := o.Parts[:0], NoOrderLines, ID{}
	switch {
	case !p.isThere(p.lines) && p.row.promotion != nil:
		parts, linesReason = p.rowParts(parts)
		if len(id) > 0 {
			piece = p.piece(id, nil, r)
		}
	case !p.isThere(p.lines):
	case p.lines.Type() == fastjson.TypeArray:
		parts, linesReason = p.parts(parts, p.lines.GetArray())
	default:
		p.mistyped(p.lines, "OrderLines")
	}
	// Only now, since it judges what the lines hold, too.
	result := p.check(r)
	o.Time = result.time
	if result.reason = cmp.Or(result.reason, linesReason); result.reason != "" {
		return result
	}
	o.ID, o.Piece, o.Parts = identify(id, r), piece, parts
	p.noID = len(id) == 0
	result.promotion = len(parts) > 0
	return result
}

func (p *parser) orderField(name []byte, v *fastjson.Value) {
	switch string(name) {
	case "OrderId":
		p.set(&p.id, v)
	case "Timestamp":
		p.set(&p.timestamp, v)
	case "OrderLines":
		p.set(&p.lines, v)
	default:
		p.unknown(v) // in a row of a table it may be one of its line, too
		p.row.set(p, name, v)
	}
}

func (p *parser) lineField(name []byte, v *fastjson.Value) {
	if !p.fieldsOfLine.set(p, name, v) {
		p.unknown(v)
	}
}

// set notes a known field of a line, and reports whether it is one.
func (f *lineFields) set(p *parser, name []byte, v *fastjson.Value) bool {
	switch string(name) {
	case "Promotion":
		p.set(&f.promotion, v)
	case "UnitPrice":
		p.set(&f.unitPrice, v)
	case "Quantity":
		p.set(&f.quantity, v)
	default:
		return false
	}
	return true
}

// rowParts are those of a row of a table, which has the fields of one line of its order in
// place of OrderLines.
func (p *parser) rowParts(parts []Part) (sums []Part, reason string) {
	p.fieldsOfLine = p.row
	promotion, amounts, reason := p.fieldsRead()
	sum := orderSum{parts: parts}
	if reason == "" && len(promotion) > 0 && !sum.add(p, promotion, amounts) {
		reason = Overflow
	}
	return sum.parts, reason
}

// parts adds up an order's lines by promotion, to no parts before.
func (p *parser) parts(parts []Part, lines []*fastjson.Value) (sums []Part, reason string) {
	sum := orderSum{parts: parts}
	for _, line := range lines {
		promotion, amounts, lineReason := p.line(line)
		if reason == "" {
			reason = lineReason
		}
		if reason != "" || len(promotion) == 0 {
			continue // the other lines are still to be checked for their types
		}
		if !sum.add(p, promotion, amounts) {
			reason = Overflow
		}
	}
	return sum.parts, reason
}

// orderSum adds up an order's lines by promotion.
type orderSum struct {
	parts []Part
	total Amounts // of all these lines, so that no part of them can overflow
}

// add adds a line of a promotion, and reports whether the sum still fits.
func (o *orderSum) add(p *parser, promotion []byte, line Amounts) (fits bool) {
	if o.total.Units > math.MaxInt64-line.Units || o.total.RevenueMicros > math.MaxInt64-line.RevenueMicros {
		return false
	}
	o.total.Add(line)
	part := Part{p.name(promotion), line}
	i, found := slices.BinarySearchFunc(o.parts, part.Promotion, func(a Part, promotion string) int {
		return cmp.Compare(a.Promotion, promotion)
	})
	if found {
		o.parts[i].Add(line)
	} else {
		o.parts = slices.Insert(o.parts, i, part)
	}
	return true
}

// lineAmounts are those of a line; fits is false where 64 bits can't hold them.
func lineAmounts(quantity, priceMicros int64) (a Amounts, fits bool) {
	high, micros := bits.Mul64(uint64(priceMicros), uint64(quantity))
	return Amounts{Lines: 1, Units: quantity, RevenueMicros: int64(micros)}, high == 0 && micros <= math.MaxInt64
}

// line reads one line. The promotion's text is valid until the next payload. The amounts
// of a line without a promotion don't matter: it may be a discount, or a gift.
func (p *parser) line(line *fastjson.Value) (promotion []byte, a Amounts, reason string) {
	if line.Type() != fastjson.TypeObject {
		p.mistyped(line, "OrderLines")
		return nil, a, ""
	}
	p.fieldsOfLine = lineFields{}
	line.GetObject().Visit(p.lineField)
	return p.fieldsRead()
}

// fieldsRead reads the fields of a line that were found.
func (p *parser) fieldsRead() (promotion []byte, a Amounts, reason string) {
	fields := &p.fieldsOfLine
	promotion = p.text(fields.promotion, "Promotion")
	if len(promotion) == 0 {
		p.unknown(fields.unitPrice)
		p.unknown(fields.quantity)
		return nil, a, ""
	}
	quantity, quantityFits, reason := quantityOf(p.amount(fields.quantity, "Quantity"), 0)
	price, priceFits, priceReason := priceOf(p.amount(fields.unitPrice, "UnitPrice"), 6)
	if reason = cmp.Or(reason, priceReason); reason != "" {
		return nil, a, reason
	}
	a, fits := lineAmounts(quantity, price)
	if !fits || !quantityFits || !priceFits {
		return nil, a, Overflow
	}
	return promotion, a, ""
}

// quantityOf reads a Quantity times 10^shift: an integer that is not negative.
func quantityOf(text []byte, shift int) (quantity int64, fits bool, reason string) {
	if text == nil {
		return 0, false, BadQuantity
	}
	quantity, negative, exact, fits := scaled(text, shift)
	if negative || !exact {
		return 0, false, BadQuantity
	}
	return quantity, fits, ""
}

// priceOf reads a UnitPrice times 10^shift in micros, rounded with ties to even.
func priceOf(text []byte, shift int) (micros int64, fits bool, reason string) {
	if text == nil {
		return 0, false, BadUnitPrice
	}
	micros, negative, _, fits := scaled(text, shift)
	if negative {
		return 0, false, BadUnitPrice
	}
	return micros, fits, ""
}
