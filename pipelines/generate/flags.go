package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"time"

	"adtoorder/pipelines/command"
	"adtoorder/pipelines/generate/traffic"
)

// settings are what the program is told. The numbers of records of its traffic
// follow from clicks and orders, or from what is to be published.
type settings struct {
	traffic        traffic.Options
	clicks, orders string // each a number, or a destination
	out            string // directory

	// For destinations alone.
	rate            string // clicks a second, or asFastAsPossible
	density         float64
	duration, every time.Duration
}

// groups are the flags in the order of help.
var groups = []command.Group{
	{Title: "Flags", Flags: []string{"clicks", "orders", "start", "promotions", "other_clicks", "event_ids", "seed"}},
	{Title: "Faults", Flags: []string{"late", "duplicates", "malformed"}},
	{Title: "Flags for files", Flags: []string{"out", "span"}},
	{Title: "Flags for destinations", Flags: []string{"rate", "duration", "density", "every"}},
}

// declare declares the flags, whose values go into the settings.
func declare(s *settings) *flag.FlagSet {
	s.traffic = traffic.Defaults()
	d := &s.traffic
	flags := flag.NewFlagSet("generate", flag.ContinueOnError)
	flags.StringVar(&s.clicks, "clicks", strconv.Itoa(d.Clicks),
		"`number` of distinct, valid clicks; or a destination, see below")
	flags.StringVar(&s.orders, "orders", strconv.Itoa(d.Orders), "`number` of distinct, valid orders; or a destination")
	command.Var(flags, &d.Start, "start", d.Start.Format(time.DateOnly),
		"earliest event `time`: RFC 3339, or a date (UTC)", command.Time)
	command.Var(flags, &d.Span, "span", "1h", "`length` of time: event times lie in [start, start + span)",
		command.Milliseconds)
	command.Var(flags, &d.Promotions, "promotions", strconv.Itoa(d.Promotions),
		"`number` of promotions, named P601, P602, ...", whole(1))
	flags.Uint64Var(&d.Seed, "seed", d.Seed, "equal flags and `seed` give equal files")
	flags.BoolVar(&d.EventIDs, "event_ids", d.EventIDs, "give every click an EventId; --duplicates above 0 does so too")
	share := func(value *float64, name, usage string) {
		command.Var(flags, value, name, strconv.FormatFloat(*value, 'g', -1, 64), usage, parseShare)
	}
	share(&d.OtherClicks, "other_clicks", "`share` of clicks that are not on a promotion")
	share(&d.Late, "late", "`share` of records that come 1 to 20 minutes late")
	share(&d.Duplicates, "duplicates", "`share` of records that come a second time, on top")
	share(&d.Malformed, "malformed", "malformed lines on top, as a `share` of the records")
	flags.StringVar(&s.out, "out", "out/generated", "`directory` for "+traffic.ClicksFile+" and "+traffic.OrdersFile)

	flags.StringVar(&s.rate, "rate", "100",
		"`clicks` a second, and a tenth as many orders; or max, for simulated times "+
			"as fast as possible")
	command.Var(flags, &s.duration, "duration", "", "how `long` to publish (until interrupted, if not given), or how "+
		"long a simulated time with --rate max", command.Milliseconds)
	command.Var(flags, &s.density, "density", "1000", "`clicks` a simulated second, with --rate max", perSecond)
	command.Var(flags, &s.every, "every", "10s", "a folder gets a file each so `often`", command.Milliseconds)
	return flags
}

// files completes the settings of traffic that is written to files.
func (s *settings) files() (err error) {
	if s.traffic.Clicks, err = whole(0)(s.clicks); err != nil {
		return command.Refuse("clicks", s.clicks, err.Error())
	}
	if s.traffic.Orders, err = whole(0)(s.orders); err != nil {
		return command.Refuse("orders", s.orders, err.Error())
	}
	if s.out == "" {
		return command.Refuse("out", s.out, "must name a directory")
	}
	if info, err := os.Stat(s.out); err == nil && !info.IsDir() {
		return command.Refuse("out", s.out, "must be a directory, but is a file")
	}
	return s.traffic.Validate()
}

// whole parses whole numbers. That they are not too small the generator checks.
func whole(least int) func(string) (int, error) {
	return func(text string) (int, error) {
		n, err := strconv.Atoi(text)
		if err != nil {
			err = fmt.Errorf("must be a whole number, %d or more", least)
		}
		return n, err
	}
}

// parseShare parses numbers. That they are shares the generator checks.
func parseShare(text string) (float64, error) {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		err = errors.New("must be a share from 0 to 1")
	}
	return x, err
}

func perSecond(text string) (float64, error) {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || !(x > 0 && x <= fastest) { // so written, NaN is refused too
		err = fmt.Errorf("must be a number above 0, at most %d", fastest)
	}
	return x, err
}
