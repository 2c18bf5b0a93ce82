package event

import (
	"fmt"
	"time"

	"adtoorder/transforms/mapping"
)

// Reading is how a stream's records are read. Its zero value is for our own, in UTC.
type Reading struct {
	Map  string // as mapping.Read returns it; "" for our own records
	Zone string // of times that have none, where the map doesn't say: a name; "" for UTC
}

// readBy has payloads read as they should be.
func (p *parser) readBy(by Reading) (err error) {
	if by.Zone != "" && by.Zone != "UTC" {
		if p.zone, err = mapping.Zone(by.Zone); err != nil {
			return fmt.Errorf("reading times of the zone %q: %w", by.Zone, err)
		}
	}
	if by.Map == "" {
		return nil
	}
	m, err := mapping.Compile(by.Map)
	if err != nil {
		return err
	}
	p.mapped = mapping.NewReader(m)
	return nil
}

// eventTime is eventTime in the parser's zone.
func (p *parser) eventTime(text []byte) (ms int64, assumed Assumption, reason string) {
	ms, assumed, reason = eventTime(text)
	if assumed != NoZone || p.zone == nil {
		return ms, assumed, reason
	}
	return within(inZone(ms, p.zone), assumed)
}

// inZone returns the time that a clock in a zone shows as one in UTC does the given one,
// in milliseconds since the Unix epoch.
func inZone(ms int64, zone *time.Location) int64 {
	t := time.UnixMilli(ms).UTC()
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone).UnixMilli()
}

// within refuses a time of no year from 1970 to 9999.
func within(ms int64, assumed Assumption) (int64, Assumption, string) {
	if ms < 0 || ms >= year10000 {
		return 0, NothingAssumed, BadYear
	}
	return ms, assumed, ""
}
