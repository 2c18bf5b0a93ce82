package event

import (
	"adtoorder/io/record"

	"github.com/valyala/fastjson"
)

func (c *Click) own() Click        { return *c }
func (c *Click) setLate(late bool) { c.Late = late }

func (c *Click) parse(p *parser, r record.Record) parsed {
	if reason := p.open(r, p.clickField); reason != "" {
		return parsed{reason: reason}
	}
	id, event, eventType := p.text(p.id), p.text(p.event), p.text(p.eventType)
	p.text(p.userID) // for its type alone
	p.text(p.device)
	time, reason := p.check(r)
	c.Time = time
	switch {
	case reason != "":
		return parsed{time: time, reason: reason}
	case string(eventType) != "Promotion":
		return parsed{time: time}
	case len(event) == 0:
		return parsed{time: time, reason: NoEvent}
	}
	c.ID, c.Promotion = identify(id, r), p.name(event)
	return parsed{time: time, promotion: true}
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
