package event

import (
	"adtoorder/io/record"

	"github.com/valyala/fastjson"
)

func newClickParser() *parser {
	p := newParser()
	p.onField = p.clickField
	return p
}

// click parses a click. The reason is "" for a click on a promotion, and for
// one that isn't (promotion false); otherwise it says why r is malformed. The
// time is set wherever it is known.
func (p *parser) click(r record.Record) (c Click, promotion bool, reason string) {
	if reason = p.open(r); reason != "" {
		return c, false, reason
	}
	if c.Time, reason = p.check(r); reason != "" {
		return c, false, reason
	}
	if string(p.eventType) != "Promotion" {
		return c, false, ""
	}
	if len(p.event) == 0 {
		return c, false, NoEvent
	}
	c.ID, c.Promotion = NewID(p.id), p.name(p.event)
	return c, true, ""
}

func (p *parser) clickField(name []byte, v *fastjson.Value) {
	switch string(name) {
	case "EventId":
		p.id = p.text(v)
	case "Event":
		p.event = p.text(v)
	case "EventType":
		p.eventType = p.text(v)
	case "Timestamp":
		p.timestamp = p.text(v)
	case "UserId", "Device":
		p.text(v)
	default:
		p.unknown(v)
	}
}
