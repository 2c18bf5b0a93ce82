package event

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strconv"

	"adtoorder/io/record"
	"adtoorder/transforms/mapping"

	"github.com/valyala/fastjson"
)

// inMap is memory of the parser for records that a map reads.
type inMap struct {
	promotions []*fastjson.Value // of an order's lines
	pieceText  []byte
	bytes      []byte // of a number in base64
}

// openMapped reads what a record of either stream has by the map: more is false where its
// outcome is known. Of what the map does not name nothing is checked but its syntax.
func (p *parser) openMapped(r record.Record) (result parsed, more bool) {
	v, reason := p.value(r)
	if reason == "" && p.unchecked && !json.Valid(r.Payload) {
		reason = NotJSONObject
	}
	if reason != "" {
		return parsed{reason: reason}, false
	}
	p.unchecked = false
	m, isNull := p.mapped, v.Type() == fastjson.TypeNull
	if isNull {
		v = nil
	} else if v.Type() != fastjson.TypeObject {
		return parsed{reason: NotJSONObject}, false
	}
	m.Begin(v)
	result.time, result.assumed, result.reason = p.mappedTime()
	if !isNull && !m.IsMeant() {
		result.reason = ""
		return result, false
	}
	if excluded := m.Excluded(); excluded != "" {
		result.promotion, result.reason = true, excluded
		return result, false
	}
	if isNull {
		result.reason = NotJSONObject
	}
	return result, !isNull
}

// judge adds what reading the fields has noted.
func (p *parser) judge(r record.Record, result *parsed) {
	switch {
	case p.unchecked && !json.Valid(r.Payload):
		result.reason = NotJSONObject
	case p.wrongType != "":
		result.reason = WrongType + ": " + p.wrongType
	}
}

func (c *Click) parseMapped(p *parser, r record.Record) parsed {
	result, more := p.openMapped(r)
	c.Time = result.time
	if !more {
		return result
	}
	m := p.mapped
	c.ID = identify(p.scalar(m.Find(m.ID, nil), "id", &p.idText), r)
	promotion := p.scalar(m.Find(m.Promotion, nil), "promotion", &p.idText)
	if p.judge(r, &result); result.reason != "" {
		return result
	}
	if len(promotion) == 0 {
		result.reason = NoEvent
		return result
	}
	c.Promotion, result.promotion = p.name(promotion), true
	return result
}

func (o *Order) parseMapped(p *parser, r record.Record) parsed {
	result, more := p.openMapped(r)
	o.Time = result.time
	if !more {
		return result
	}
	m := p.mapped
	id := p.scalar(m.Find(m.ID, nil), "id", &p.idText)
	lines, ok := m.Lines()
	o.ID, o.Piece = identify(id, r), ID{}
	if m.RowsAreLines && len(id) > 0 {
		o.Piece = p.piece(id, lines, r)
	}
	parts, linesReason := o.Parts[:0], NoOrderLines
	if ok {
		parts, linesReason = p.mappedParts(parts, lines)
	}
	p.judge(r, &result)
	if result.reason = cmp.Or(result.reason, linesReason); result.reason != "" {
		return result
	}
	o.Parts = parts
	result.promotion = len(parts) > 0
	return result
}

// piece identifies the piece of an order that a record is: by what a map names, otherwise
// by where the record stands.
func (p *parser) piece(id []byte, lines []*fastjson.Value, r record.Record) ID {
	text := append(append(p.pieceText[:0], id...), '\xff') // no id has that byte
	var line *fastjson.Value
	if len(lines) > 0 {
		line = lines[0]
	}
	var of []byte
	if p.mapped != nil {
		of = p.scalar(p.mapped.Find(p.mapped.LineID, line), "line_id", &p.number)
	}
	if len(of) > 0 {
		text = append(text, of...)
	} else {
		text = append(append(append(text, '\xff'), r.Source...), '\xff')
		if r.Sequence != "" {
			text = append(text, r.Sequence...)
		} else {
			text = strconv.AppendInt(text, r.Offset, 10)
		}
	}
	p.pieceText = text
	return NewID(text)
}

// mappedParts adds up an order's lines by promotion, to no parts before.
func (p *parser) mappedParts(parts []Part, lines []*fastjson.Value) (sums []Part, reason string) {
	sum := orderSum{parts: parts}
	p.promotions = p.mapped.Promotions(p.promotions[:0], lines)
	for i, line := range lines {
		promotion := p.scalar(p.promotions[i], "promotion", &p.idText)
		if len(promotion) == 0 {
			continue
		}
		amounts, lineReason := p.mappedAmounts(line)
		if lineReason == "" && !sum.add(p, promotion, amounts) {
			lineReason = Overflow
		}
		if lineReason != "" {
			return sum.parts, lineReason
		}
	}
	return sum.parts, ""
}

// mappedAmounts reads those of a line.
func (p *parser) mappedAmounts(line *fastjson.Value) (a Amounts, reason string) {
	m := p.mapped
	text, scale := p.mappedAmount(m.Quantity, line, "quantity")
	quantity, quantityFits, reason := quantityOf(text, -scale)
	text, scale = p.mappedAmount(m.Price, line, "price")
	price, priceFits, priceReason := priceOf(text, 6-scale)
	if reason = cmp.Or(reason, priceReason); reason != "" {
		return a, reason
	}
	a, fits := lineAmounts(quantity, price)
	if !fits || !quantityFits || !priceFits {
		return a, Overflow
	}
	return a, ""
}

// mappedAmount returns the text of a line's number, of which 10^scale is one; nil where it
// is absent or none.
func (p *parser) mappedAmount(f mapping.Field, line *fastjson.Value, name string) (text []byte, scale int) {
	v := p.mapped.Find(f, line)
	switch {
	case v == nil:
		return f.Constant, 0
	case v.Type() == fastjson.TypeObject:
		return p.ownScale(v)
	case f.Base64 && v.Type() == fastjson.TypeString:
		return p.integerText(v.GetStringBytes()), f.Scale
	}
	return p.amount(v, name), f.Scale
}

// ownScale reads a number that tells its scale, as Debezium's VariableScaleDecimal does.
func (p *parser) ownScale(v *fastjson.Value) (text []byte, scale int) {
	told := v.Get("scale")
	if told == nil || told.Type() != fastjson.TypeNumber {
		return nil, 0
	}
	scale, err := told.Int()
	if err != nil || scale < -maxScale || scale > maxScale {
		return nil, 0
	}
	return p.integerText(v.GetStringBytes("value")), scale
}

// maxInteger bounds the bytes of an integer in base64.
const maxInteger = 64

// integerText returns the decimal text of an integer that is told as base64 of its bytes,
// the highest first, in two's complement; nil where it is none.
func (p *parser) integerText(text []byte) []byte {
	if len(text) == 0 || len(text) > 2*maxInteger {
		return nil
	}
	var err error
	if p.bytes, err = base64.StdEncoding.AppendDecode(p.bytes[:0], text); err != nil || len(p.bytes) == 0 {
		return nil
	}
	n := new(big.Int).SetBytes(p.bytes)
	if p.bytes[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(p.bytes))))
	}
	return n.Append(p.number[:0], 10)
}
