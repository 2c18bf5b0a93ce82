package event

// Assumption is what had to be assumed of a Timestamp to read it.
type Assumption uint8

// What may be assumed of a Timestamp: nothing, or that it is
const (
	NothingAssumed Assumption = iota
	NoZone                    // in UTC, since no zone is given
	Seconds                   // in seconds since the Unix epoch
	Milliseconds              //
	Microseconds              //
	Nanoseconds               //

	NumAssumptions = iota
)

// String says what was assumed of so many Timestamps, behind their number.
func (a Assumption) String() string {
	return [NumAssumptions]string{
		NoZone:       "without a zone, taken as UTC",
		Seconds:      "as numbers, taken as seconds since 1970",
		Milliseconds: "as numbers, taken as milliseconds since 1970",
		Microseconds: "as numbers, taken as microseconds since 1970",
		Nanoseconds:  "as numbers, taken as nanoseconds since 1970",
	}[a]
}

// The years that a number may stand for, 2000 to 2100, as milliseconds since the Unix
// epoch. The ranges of the four units, a factor of 1,000 apart, are far from each other:
// 946,684,800 (9 digits) to 4,133,980,799 (10 digits) are seconds, with three digits more
// milliseconds, and so on. Dates that are written as 8, 12, 14 or 17 digits are in none.
const (
	year2000 = 946_684_800_000
	year2101 = 4_133_980_800_000
)

// sinceEpoch reads a JSON number of seconds, milliseconds, microseconds or nanoseconds
// since the Unix epoch, rounded down to milliseconds; its unit is the one that makes it a
// time of the years 2000 to 2100. NothingAssumed says that none does.
func sinceEpoch(number []byte) (ms int64, unit Assumption) {
	significant, exponent, negative := number, 0, false
	if digits(number) < len(number) {
		significant, exponent, negative = mantissa(number)
	}
	whole := len(significant) + exponent // digits before the point
	if negative || whole < 9 || whole > 19 || whole%3 == 2 {
		return 0, NothingAssumed
	}
	for i := range 12 + whole%3 { // those down to milliseconds
		ms *= 10
		if i < len(significant) {
			ms += int64(significant[i] - '0')
		}
	}
	if ms < year2000 || ms >= year2101 {
		return 0, NothingAssumed
	}
	return ms, Seconds + Assumption((whole-9)/3)
}
