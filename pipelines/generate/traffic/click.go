package traffic

import (
	"math/rand/v2"
	"strconv"
)

// users is how many different users click and order: U1 to U10000.
const users = 10_000

// devices by tenths of the clicks.
var devices = [10]string{
	"mobile", "mobile", "mobile", "mobile", "mobile", "mobile",
	"desktop", "desktop", "desktop", "tablet",
}

// otherEvents are the clicks that are not on a promotion.
var otherEvents = [...]struct{ event, kind string }{
	{"C301", "Checkout"},
	{"N101", "Navigation"},
	{"N102", "Navigation"},
	{"S201", "Search"},
}

// clickSource makes clicks, one at a time.
type clickSource struct {
	rng        *rand.Rand
	opts       *Options
	promotions *promotions
	stamper    stamper

	number      int
	user        int
	device      string
	event, kind string
}

func (c *clickSource) draw(number int) {
	c.number = number
	c.user = 1 + c.rng.IntN(users)
	c.device = devices[c.rng.IntN(len(devices))]
	if c.opts.OtherClicks > 0 && c.rng.Float64() < c.opts.OtherClicks {
		other := otherEvents[c.rng.IntN(len(otherEvents))]
		c.event, c.kind = other.event, other.kind
		return
	}
	c.event, c.kind = c.promotions.names[c.promotions.clicked.pick(c.rng)], "Promotion"
}

func (c *clickSource) drawn() int { return c.user }

func (c *clickSource) appendTo(buf []byte, unixMilli int64) []byte {
	buf = append(buf, '{')
	if c.opts.EventIDs {
		buf = append(buf, `"EventId":"E`...)
		buf = appendPadded(buf, c.number, 6)
		buf = append(buf, `",`...)
	}
	buf = append(buf, `"UserId":"U`...)
	buf = strconv.AppendInt(buf, int64(c.user), 10)
	buf = append(buf, `","Device":"`...)
	buf = append(buf, c.device...)
	buf = append(buf, `","Event":"`...)
	buf = append(buf, c.event...)
	buf = append(buf, `","EventType":"`...)
	buf = append(buf, c.kind...)
	buf = append(buf, `","Timestamp":"`...)
	buf = c.stamper.appendTo(buf, unixMilli)
	return append(buf, `"}`...)
}

// appendAgain writes the click as it was: a click is never corrected.
func (c *clickSource) appendAgain(buf []byte, unixMilli int64, _ *rand.Rand) []byte {
	return c.appendTo(buf, unixMilli)
}
