package event

import "adtoorder/io/record"

func (o *Order) scan(p *parser, r *record.Record) (result parsed, usual bool) {
	sum := orderSum{parts: o.Parts[:0]}
	id, time, assumed, usual := p.scanOrder(r, &sum)
	o.Parts = sum.parts
	if !usual {
		return parsed{}, false
	}
	o.ID, o.Piece, o.Time = identify(id, *r), ID{}, time
	p.noID = len(id) == 0
	return parsed{time: time, assumed: assumed, promotion: len(o.Parts) > 0}, true
}

// The known fields of an order, and its user, which most have: texts, and its lines.
const (
	orderID = iota
	orderUser
	orderTimestamp
	orderLines
	orderFields
)

var orderNames = [orderFields]fieldName{
	orderID: nameOf("OrderId"), orderUser: nameOf("UserId"),
	orderTimestamp: nameOf("Timestamp"), orderLines: nameOf("OrderLines"),
}

// scanOrder scans an order's id and event time, and adds up its lines unless sum is nil;
// usual is false where the parser must read it.
func (p *parser) scanOrder(r *record.Record, sum *orderSum) (id []byte, time int64, assumed Assumption, usual bool) {
	s := &p.scan
	s.start(r)
	var texts [orderFields][]byte
	field, seen := -1, seenFields(0)
	for more := s.take('{'); more; more = s.take(',') {
		field = s.known(orderNames[:], field+1)
		if field < 0 {
			s.unknown()
			continue
		}
		seen.note(s, field)
		if field == orderLines {
			p.scanLines(sum)
		} else {
			texts[field] = s.text(true)
		}
	}
	if !s.take('}') || !s.ended() || !seen.has(orderLines) {
		return nil, 0, NothingAssumed, false
	}
	if time, usual = p.clock.read(texts[orderTimestamp]); !usual {
		time, assumed, usual = p.otherTime(texts[orderTimestamp])
	}
	return texts[orderID], time, assumed, usual
}

// scanLines scans the value of OrderLines.
func (p *parser) scanLines(sum *orderSum) {
	s := &p.scan
	if !s.take('[') {
		s.at = unusual
	}
	if s.take(']') {
		return
	}
	for more := true; more; more = s.take(',') {
		p.scanLine(sum)
	}
	if !s.take(']') {
		s.at = unusual
	}
}

// The known fields of an order line, and its item, which most have.
const (
	lineItem = iota
	linePromotion
	linePrice
	lineQuantity
	allLineFields
)

var lineNames = [allLineFields]fieldName{
	lineItem: nameOf("ItemId"), linePromotion: nameOf("Promotion"),
	linePrice: nameOf("UnitPrice"), lineQuantity: nameOf("Quantity"),
}

// scanLine scans one order line.
func (p *parser) scanLine(sum *orderSum) {
	s := &p.scan
	var promotion []byte
	var price, quantity int64
	field, seen := -1, seenFields(0)
	begins := s.take('{')
	for more := begins; more; more = s.take(',') {
		field = s.known(lineNames[:], field+1)
		if field < 0 {
			s.unknown()
			continue
		}
		seen.note(s, field)
		switch field {
		case lineItem:
			s.text(true)
		case linePromotion:
			promotion = s.text(false)
		case linePrice:
			price = s.scaled(6)
		case lineQuantity:
			quantity = s.scaled(0)
		}
	}
	if !begins || !s.take('}') {
		s.at = unusual
	}
	if len(promotion) == 0 {
		return
	}
	amounts, fits := lineAmounts(quantity, price)
	if !seen.has(linePrice) || !seen.has(lineQuantity) || !fits || sum != nil && !sum.add(p, promotion, amounts) {
		s.at = unusual
	}
}
