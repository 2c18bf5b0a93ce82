package event

import (
	"adtoorder/io/record"

	"github.com/valyala/fastjson"
)

func (c *Click) setLate(late bool) { c.Late = late }

func (c *Click) scan(p *parser, r *record.Record) (result parsed, usual bool) {
	var texts clickTexts
	if c.Time, result.assumed, usual = p.scanClick(r, &texts); !usual {
		return parsed{}, false
	}
	result.time = c.Time
	if string(texts[clickEventType]) != "Promotion" {
		return result, true
	}
	if len(texts[clickEvent]) == 0 {
		return parsed{}, false // it has no event
	}
	c.ID, c.Promotion = identify(texts[clickID], *r), p.name(texts[clickEvent])
	p.noID = len(texts[clickID]) == 0
	result.promotion = true
	return result, true
}

// The known fields of a click, and others that most have. Event and EventType are texts.
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
func (p *parser) scanClick(r *record.Record, texts *clickTexts) (time int64, assumed Assumption, usual bool) {
	s := &p.scan
	s.start(r)
	field, seen := -1, seenFields(0)
	for more := s.take('{'); more; more = s.take(',') {
		if field = s.known(clickNames[:], field+1); field < 0 {
			s.unknown()
			continue
		}
		seen.note(s, field)
		texts[field] = s.text(field != clickEvent && field != clickEventType)
	}
	if !s.take('}') || !s.ended() {
		return 0, NothingAssumed, false
	}
	if time, usual = p.clock.read(texts[clickTimestamp]); usual {
		return time, NothingAssumed, true
	}
	return p.otherTime(texts[clickTimestamp])
}

func (c *Click) parse(p *parser, r record.Record) parsed {
	if reason := p.open(r, p.clickField); reason != "" {
		return parsed{reason: reason}
	}
	id := p.scalar(p.id, "EventId", &p.idText)
	event, eventType := p.text(p.event, "Event"), p.text(p.eventType, "EventType")
	result := p.check(r)
	c.Time = result.time
	switch {
	case result.reason != "" || string(eventType) != "Promotion":
		return result
	case len(event) == 0:
		result.reason = NoEvent
		return result
	}
	c.ID, c.Promotion = identify(id, r), p.name(event)
	p.noID = len(id) == 0
	result.promotion = true
	return result
}

func (p *parser) clickField(name []byte, v *fastjson.Value) {
	switch string(name) {
	case "EventId":
		p.set(&p.id, v)
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
