package event

import (
	"adtoorder/io/record"

	"github.com/valyala/fastjson"
)

func (c *Click) own() Click        { return *c }
func (c *Click) setLate(late bool) { c.Late = late }

func (c *Click) scan(p *parser, r *record.Record) (result parsed, usual bool) {
	f, usual := p.scanClick(r)
	if !usual {
		return parsed{}, false
	}
	c.Time = f.time
	if string(f.eventType) != "Promotion" {
		return parsed{time: f.time}, true
	}
	if len(f.event) == 0 {
		return parsed{}, false
	}
	c.ID, c.Promotion = identify(f.id, *r), p.name(f.event)
	return parsed{time: f.time, promotion: true}, true
}

// clickFields are what matters of a click, as the scanner has found it.
type clickFields struct {
	id, event, eventType []byte
	time                 int64
}

// scanClick scans a click; usual is false where the parser must read it.
func (p *parser) scanClick(r *record.Record) (f clickFields, usual bool) {
	s := &p.scan
	s.start(r)
	var timestamp []byte
	for more := s.take('{'); more; more = s.take(',') {
		switch string(s.name()) {
		case "EventId":
			f.id = s.text(idField)
		case "UserId":
			s.text(userIDField)
		case "Device":
			s.text(deviceField)
		case "Event":
			f.event = s.text(eventField)
		case "EventType":
			f.eventType = s.text(eventTypeField)
		case "Timestamp":
			timestamp = s.text(timestampField)
		default:
			s.unknown()
		}
	}
	if !s.take('}') || !s.usual() {
		return f, false
	}
	f.time, usual = p.clock.read(timestamp)
	return f, usual
}

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
