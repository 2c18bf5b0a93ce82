package event

// clock reads times as they usually are written, in UTC with at most nine digits
// behind the second, faster than eventTime does, and finds what that finds. It remembers
// the last date.
type clock struct {
	date  [len("2006-01-02")]byte
	start int64 // of that date, milliseconds since the Unix epoch
}

func newClock() clock { return clock{[10]byte([]byte("1970-01-01")), 0} }

// otherTime reads what a clock doesn't; usual is false where eventTime must say why there is
// no time.
func (p *parser) otherTime(text []byte) (ms int64, assumed Assumption, usual bool) {
	ms, assumed, reason := p.eventTime(text)
	return ms, assumed, reason == ""
}

// read returns a time in milliseconds since the Unix epoch, rounded down; usual is
// false where eventTime must judge.
func (c *clock) read(text []byte) (ms int64, usual bool) {
	const whole, longest = len("2006-01-02T15:04:05"), len("2006-01-02T15:04:05.999999999Z")
	last := len(text) - 1
	if last < whole || last >= longest || text[last] != 'Z' || text[10] != 'T' || text[13] != ':' || text[16] != ':' {
		return 0, false
	}
	hour, minute, second := digits2(text[11:]), digits2(text[14:]), digits2(text[17:])
	if hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	if [10]byte(text) != c.date && !c.turn(text[:10]) {
		return 0, false
	}
	ms = c.start + int64(hour*3_600_000+minute*60_000+second*1_000)
	if last == whole {
		return ms, true
	}
	fraction, usual := thousandths(text[whole:last])
	return ms + fraction, usual
}

// thousandths reads a point and at least one digit.
func thousandths(text []byte) (n int64, usual bool) {
	if text[0] != '.' || len(text) == 1 {
		return 0, false
	}
	weight := int64(100)
	for _, c := range text[1:] {
		if c-'0' > 9 {
			return 0, false
		}
		n += int64(c-'0') * weight
		weight /= 10
	}
	return n, true
}

// daysBefore are the days of a year before each month, in a year without a leap day.
var daysBefore = [...]int{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365}

// turn turns to another date, and reports whether it is one of 1970 or later.
func (c *clock) turn(date []byte) bool {
	century, inCentury, month, day := digits2(date), digits2(date[2:]), digits2(date[5:]), digits2(date[8:])
	year := int(century*100 + inCentury)
	if century > 99 || inCentury > 99 || year < 1970 || date[4] != '-' || date[7] != '-' || month < 1 || month > 12 {
		return false
	}
	leap := 0
	if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		leap = 1
	}
	before, length := daysBefore[month-1], daysBefore[month]-daysBefore[month-1]
	switch {
	case month == 2:
		length += leap
	case month > 2:
		before += leap
	}
	if day < 1 || int(day) > length {
		return false
	}
	leapDays := func(years int) int { return years/4 - years/100 + years/400 } // of the years up to one
	days := 365*(year-1970) + leapDays(year-1) - leapDays(1969) + before + int(day) - 1
	c.date, c.start = [10]byte(date), int64(days)*86_400_000
	return true
}

// digits2 reads two digits; more than 99 where they are none.
func digits2(text []byte) uint {
	tens, ones := text[0]-'0', text[1]-'0'
	if tens > 9 || ones > 9 {
		return 100
	}
	return uint(tens)*10 + uint(ones)
}
