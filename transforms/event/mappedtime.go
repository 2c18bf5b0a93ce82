package event

import "time"

// mappedTime reads the event time of a record that a map reads.
func (p *parser) mappedTime() (ms int64, assumed Assumption, reason string) {
	m := p.mapped
	text := p.scalar(m.Find(m.Time, nil), "time", &p.number)
	switch f := &m.TimeFormat; {
	case len(text) == 0:
		return 0, NothingAssumed, NoTimestamp
	case f.IsNumber:
		return unitsOf(text, f.Unit)
	case f.Layout != "":
		return p.laidOut(text)
	case f.IsText && isDecimal(text):
		return 0, NothingAssumed, BadTimestamp
	}
	if ms, usual := p.clock.read(text); usual {
		return ms, NothingAssumed, ""
	}
	ms, assumed, reason = eventTime(text)
	if assumed != NoZone {
		return ms, assumed, reason
	}
	return p.local(ms)
}

// local takes a time without a zone as one of the map's zone, otherwise of the parser's,
// which has to be assumed.
func (p *parser) local(ms int64) (int64, Assumption, string) {
	switch {
	case p.mapped.Zone != nil:
		return within(inZone(ms, p.mapped.Zone), NothingAssumed)
	case p.zone != nil:
		return within(inZone(ms, p.zone), NoZone)
	}
	return within(ms, NoZone)
}

// laidOut reads a time by the map's layout.
func (p *parser) laidOut(text []byte) (ms int64, assumed Assumption, reason string) {
	t, err := time.Parse(p.mapped.TimeFormat.Layout, string(text))
	switch {
	case err != nil:
		return 0, NothingAssumed, BadTimestamp
	case p.mapped.TimeFormat.HasZone:
		return within(t.UnixMilli(), NothingAssumed)
	}
	return p.local(t.UnixMilli())
}

// unitsOf reads a number of units of 10^unit seconds since the Unix epoch, rounded down to
// milliseconds.
func unitsOf(number []byte, unit int) (ms int64, assumed Assumption, reason string) {
	if !isDecimal(number) {
		return 0, NothingAssumed, BadTimestamp
	}
	significant, exponent, negative := number, 0, false
	if digits(number) < len(number) {
		significant, exponent, negative = mantissa(number)
	}
	whole := len(significant) + exponent + unit + 3 // digits of milliseconds
	switch {
	case len(significant) == 0: // zero
		whole = 0
	case negative || whole > 15:
		return 0, NothingAssumed, BadYear
	}
	for i := range whole {
		ms *= 10
		if i < len(significant) {
			ms += int64(significant[i] - '0')
		}
	}
	return within(ms, NothingAssumed)
}
