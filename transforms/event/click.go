package event

import (
	"adtoorder/io/record"

	"github.com/valyala/fastjson"
)

func (c *Click) setLate(late bool) { c.Late = late }

func (c *Click) scan(p *parser, r *record.Record) (result parsed, usual bool) {
	var texts clickTexts
	if c.Time, usual = p.scanClick(r, &texts); !usual {
		return parsed{}, false
	}
	if string(texts[clickEventType]) != "Promotion" {
		return parsed{time: c.Time}, true
	}
	if len(texts[clickEvent]) == 0 {
		return parsed{}, false // it has no event
	}
	c.ID, c.Promotion = identify(texts[clickID], *r), p.name(texts[clickEvent])
	return parsed{time: c.Time, promotion: true}, true
}

// The known fields of a click, all of them texts.
const (
	clickID = iota
	clickUser
	clickDevice
	clickEvent
	clickEventType
	clickTimestamp
	clickFields
)

type clickTexts [clickFields][]byte

var clickNames = [clickFields]fieldName{
	clickID: nameOf("EventId"), clickUser: nameOf("UserId"), clickDevice: nameOf("Device"),
	clickEvent: nameOf("Event"), clickEventType: nameOf("EventType"), clickTimestamp: nameOf("Timestamp"),
}

// scanClick scans a click's texts and event time; usual is false where the parser must
// read it.
func (p *parser) scanClick(r *record.Record, texts *clickTexts) (time int64, usual bool) {
	s := &p.scan
	s.start(r)
	field, seen := -1, seenFields(0)
	for more := s.take('{'); more; more = s.take(',') {
		if field = s.known(clickNames[:], field+1); field < 0 {
			s.unknown()
			continue
		}
		seen.note(s, field)
		texts[field] = s.text()
	}
	if !s.take('}') || !s.ended() {
		return 0, false
	}
	return p.clock.read(texts[clickTimestamp])
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
