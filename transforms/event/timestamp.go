package event

import "time"

// eventTime reads a Timestamp, milliseconds since the Unix epoch, rounded down, and
// says what had to be assumed. A Timestamp is
//
//   - a time of RFC 3339, where a blank may stand for the T and before the zone, the
//     seconds and the zone may be missing, and the zone may be UTC, +00 or +0000, too;
//   - or a number: see sinceEpoch.
func eventTime(text []byte) (ms int64, assumed Assumption, reason string) {
	if len(text) == 0 {
		return 0, NothingAssumed, NoTimestamp
	}
	if isDecimal(text) {
		ms, assumed = sinceEpoch(text)
		if assumed == NothingAssumed {
			return 0, NothingAssumed, BadTimestamp
		}
		return ms, assumed, ""
	}
	local, leap, rest, isTime := localTime(text)
	offset, assumed, isZone := zone(rest)
	ms = local - offset
	switch {
	case !isTime || !isZone:
		return 0, NothingAssumed, BadTimestamp
	case ms < 0 || ms >= year10000:
		return 0, NothingAssumed, BadYear
	case leap && !endsMonth(ms):
		return 0, NothingAssumed, BadTimestamp
	}
	return ms, assumed, ""
}

// year10000 is when that year begins, in milliseconds since the Unix epoch.
const year10000 = 253_402_300_800_000

// localTime reads a date and a time of day, up to the zone that the rest is, as if it
// were UTC. A leap second is the one before it once more, so that it is of its own
// minute and date.
func localTime(text []byte) (ms int64, leap bool, rest []byte, ok bool) {
	const minutes = len("2006-01-02T15:04")
	if len(text) < minutes || text[4] != '-' || text[7] != '-' || text[13] != ':' ||
		text[10] != 'T' && text[10] != 't' && text[10] != ' ' {
		return 0, false, nil, false
	}
	year := int(digits2(text)*100 + digits2(text[2:]))
	month, day := digits2(text[5:]), digits2(text[8:])
	hour, minute, second := digits2(text[11:]), digits2(text[14:]), uint(0)
	fraction, rest := int64(0), text[minutes:]
	if len(rest) >= len(":05") && rest[0] == ':' {
		second, rest = digits2(rest[1:]), rest[len(":05"):]
		if len(rest) > 0 && rest[0] == '.' {
			end := 1 + digits(rest[1:])
			if fraction, ok = thousandths(rest[:end]); !ok {
				return 0, false, nil, false
			}
			rest = rest[end:]
		}
	}
	if leap = second == 60; leap {
		second = 59
	}
	t := time.Date(year, time.Month(month), int(day), int(hour), int(minute), int(second), 0, time.UTC)
	ok = digits(text[:4]) == 4 && month >= 1 && month <= 12 && t.Day() == int(day) &&
		hour <= 23 && minute <= 59 && second <= 59
	return t.UnixMilli() + fraction, leap, rest, ok
}

// endsMonth reports whether a time is in the last second of a month in UTC: only there
// are leap seconds.
func endsMonth(ms int64) bool {
	next := time.UnixMilli(ms - ms%1000 + 1000).UTC()
	return next.Day() == 1 && next.Truncate(24*time.Hour).Equal(next)
}

// zone reads a zone as its offset in milliseconds. Where there is none, it is UTC.
func zone(text []byte) (offset int64, assumed Assumption, ok bool) {
	if len(text) == 0 {
		return 0, NoZone, true
	}
	if text[0] == ' ' {
		text = text[1:]
	}
	switch string(text) {
	case "Z", "z", "UTC":
		return 0, NothingAssumed, true
	}
	if len(text) < len("+07") || text[0] != '+' && text[0] != '-' {
		return 0, NothingAssumed, false
	}
	hour, minute := digits2(text[1:]), uint(0)
	switch minutes := text[len("+07"):]; {
	case len(minutes) == len("00"):
		minute = digits2(minutes)
	case len(minutes) == len(":00") && minutes[0] == ':':
		minute = digits2(minutes[1:])
	case len(minutes) > 0:
		return 0, NothingAssumed, false
	}
	offset = int64(hour*60+minute) * 60_000
	if text[0] == '-' {
		offset = -offset
	}
	return offset, NothingAssumed, hour <= 23 && minute <= 59
}
