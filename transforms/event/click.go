package event

import (
	"adtoorder/io/record"

	"github.com/valyala/fastjson"
)

func (c *Click) time() int64       { return c.Time }
func (c *Click) setLate(late bool) { c.Late = late }

func (c *Click) parse(p *parser, r record.Record) (promotion bool, reason string) {
	if reason = p.open(r, p.clickField); reason != "" {
		return false, reason
	}
	id, event, eventType := p.text(p.id), p.text(p.event), p.text(p.eventType)
	p.text(p.userID) // for its type alone
	p.text(p.device)
	if c.Time, reason = p.check(r); reason != "" {
		return false, reason
	}
	if string(eventType) != "Promotion" {
		return false, ""
	}
	if len(event) == 0 {
		return false, NoEvent
	}
	c.ID, c.Promotion = identify(id, r), p.name(event)
	return true, ""
}

func (p *parser) clickField(name []byte, v *fastjson.Value) {
	switch string(name) {
	case "EventId":
		p.set(&p.id, v)
	case "UserId":
		p.set(&p.userID, v)
	case "Device":
		p.set(&p.device, v)
	case "Event":
		p.set(&p.event, v)
	case "EventType":
		p.set(&p.eventType, v)
	case "Timestamp":
		p.set(&p.timestamp, v)
	default:
		p.unknown(v)
	}
}
