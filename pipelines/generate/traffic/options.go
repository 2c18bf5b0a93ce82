package traffic

import (
	"fmt"
	"time"

	"adtoorder/pipelines/command"
)

// MaxPromotions bounds Options.Promotions, whose names and weights are held in
// memory.
const MaxPromotions = 1_000_000

// Options say what to generate. Equal options give equal bytes.
type Options struct {
	Clicks int // valid clicks, all of them distinct
	Orders int // valid orders, all of them distinct

	// Event times lie in [Start, Start+Span), both in whole milliseconds.
	Start time.Time
	Span  time.Duration
	// Live is for records that are sent when they arrive. They come at one pace;
	// the first of them may be late already, with event times before Start; and
	// ids count on from Start in microseconds, so that those of two runs differ.
	Live bool

	Promotions  int     // promotions are named P601, P602, ...
	OtherClicks float64 // share of clicks, 0 to 1, that are not on a promotion
	EventIDs    bool    // give every click an EventId; Duplicates above 0 does so too
	Seed        uint64

	// Faults, each a share (0 to 1) of Clicks and of Orders. Late records are
	// among those asked for; duplicates and malformed lines come on top.
	Late       float64
	Duplicates float64
	Malformed  float64
}

// Defaults are an hour of clean traffic on ten promotions.
func Defaults() Options {
	return Options{
		Clicks:      100_000,
		Orders:      10_000,
		Start:       time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC),
		Span:        time.Hour,
		Promotions:  10,
		OtherClicks: 0.1,
		Seed:        1,
	}
}

// Validate returns the first option that is out of range, as "name value: what
// is allowed", with the name that its flag has.
func (o Options) Validate() error {
	switch end := o.Start.Add(o.Span).UTC(); {
	case o.Clicks < 0:
		return command.Refuse("clicks", o.Clicks, "must be 0 or more")
	case o.Orders < 0:
		return command.Refuse("orders", o.Orders, "must be 0 or more")
	case o.Promotions < 1 || o.Promotions > MaxPromotions:
		return command.Refuse("promotions", o.Promotions, fmt.Sprintf("must be 1 to %d", MaxPromotions))
	case o.Span < time.Millisecond || o.Span%time.Millisecond != 0:
		return command.Refuse("span", o.Span, "must be a whole number of milliseconds, at least 1ms")
	case o.Start.Nanosecond()%int(time.Millisecond) != 0:
		return command.Refuse("start", o.Start.Format(time.RFC3339Nano), "must be a whole number of milliseconds")
	case o.earliest().Year() < 1970 || end.Year() > 9999:
		return command.Refuse("start", o.Start.Format(time.RFC3339Nano),
			fmt.Sprintf("start and start + span (%s) must lie in the years 1970 to 9999", o.Span))
	}
	return o.validateShares()
}

// earliest is the earliest event time, in UTC.
func (o Options) earliest() time.Time {
	if o.Live {
		return o.Start.Add(-maxDelay).UTC()
	}
	return o.Start.UTC()
}

// clock is that of a stream of n records.
func (o Options) clock(n int) clock {
	if o.Live {
		return newEvenClock(n, o.Span)
	}
	return newClock(n, o.Span)
}

// firstNumber is that of a stream's first record.
func (o Options) firstNumber() int {
	if o.Live {
		return int(o.Start.UnixMicro()) + 1
	}
	return 1
}

func (o Options) validateShares() error {
	for _, s := range []struct {
		name  string
		share float64
	}{
		{"other_clicks", o.OtherClicks},
		{"late", o.Late},
		{"duplicates", o.Duplicates},
		{"malformed", o.Malformed},
	} {
		if !(s.share >= 0 && s.share <= 1) { // so written, NaN is refused too
			return command.Refuse(s.name, s.share, "must be a share from 0 to 1")
		}
	}
	return nil
}
