package main

import (
	"cmp"
	"flag"
	"math"
	"strings"
	"time"

	"adtoorder/io/endpoint"
	"adtoorder/pipelines/command"
	"adtoorder/pipelines/generate/publish"
)

const (
	// asFastAsPossible is the --rate of simulated times.
	asFastAsPossible = "max"
	// fastest is the highest rate, in clicks a second: ids of Live traffic count up
	// to a million a second.
	fastest = 1_000_000
	// clicksPerOrder is how many clicks come for an order.
	clicksPerOrder = 10
	// endless is long enough that nobody meets the end.
	endless = 10 * 365 * 24 * time.Hour
)

// plan completes the settings, and returns what to publish; nil where --clicks and
// --orders are numbers, for files.
func (s *settings) plan(flags *flag.FlagSet) (*publish.Plan, error) {
	clicks, orders := publish.IsDestination(s.clicks), publish.IsDestination(s.orders)
	switch {
	case !clicks && !orders:
		if err := refuse(flags, "is for publishing: --clicks and --orders must be destinations", "rate", "duration",
			"density", "every"); err != nil {
			return nil, err
		}
		return nil, s.files()
	case !clicks:
		return nil, command.Refuse("clicks", s.clicks, "must be a destination, as --orders is one: "+publish.Usage)
	case !orders:
		return nil, command.Refuse("orders", s.orders, "must be a destination, as --clicks is one: "+publish.Usage)
	}
	return s.publishing(flags)
}

// publishing completes the settings of traffic that is sent to destinations.
func (s *settings) publishing(flags *flag.FlagSet) (p *publish.Plan, err error) {
	if err := refuse(flags, "is for files, not for publishing", "span", "out"); err != nil {
		return nil, err
	}
	p = new(publish.Plan)
	if p.Clicks, err = s.destination("clicks", s.clicks); err != nil {
		return nil, err
	}
	if p.Orders, err = s.destination("orders", s.orders); err != nil {
		return nil, err
	}
	if s.rate == asFastAsPossible {
		err = s.simulated(flags)
	} else {
		err = s.live(flags)
	}
	if err == nil && !isFolder(p.Clicks) && !isFolder(p.Orders) {
		err = refuse(flags, "is for folders", "every")
	}
	p.Traffic = s.traffic
	return p, cmp.Or(err, p.Traffic.Validate())
}

func isFolder(d publish.Destination) bool {
	_, ok := d.(publish.Folder)
	return ok
}

// simulated completes the options of traffic that is sent as fast as possible.
func (s *settings) simulated(flags *flag.FlagSet) error {
	given := command.Given(flags)
	if !given["duration"] {
		return command.Refuse("duration", "", "must be given with --rate max")
	}
	s.traffic.Span = s.duration
	if !given["start"] {
		s.traffic.Start = time.Now().UTC().Add(-s.duration).Truncate(time.Second)
	}
	s.setNumbers(s.density)
	return nil
}

// live completes the options of traffic that is sent in real time.
func (s *settings) live(flags *flag.FlagSet) error {
	rate, err := perSecond(s.rate)
	if err != nil {
		return command.Refuse("rate", s.rate, "must be max, or "+strings.TrimPrefix(err.Error(), "must be "))
	}
	s.traffic.Live, s.traffic.Span = true, endless
	if command.Given(flags)["duration"] {
		s.traffic.Span = s.duration
	}
	s.setNumbers(rate)
	return cmp.Or(refuse(flags, "is for --rate max; otherwise the start is now", "start"),
		refuse(flags, "is for --rate max", "density"))
}

// setNumbers sets the numbers of records in the traffic's span.
func (s *settings) setNumbers(clicksPerSecond float64) {
	clicks := clicksPerSecond * s.traffic.Span.Seconds()
	s.traffic.Clicks = int(math.Round(clicks))
	s.traffic.Orders = int(math.Round(clicks / clicksPerOrder))
}

// refuse returns an error if one of these flags is given, although it means nothing.
func refuse(flags *flag.FlagSet, why string, names ...string) error {
	given := command.Given(flags)
	for _, name := range names {
		if given[name] {
			return command.Refuse(name, flags.Lookup(name).Value, why)
		}
	}
	return nil
}

func (s *settings) destination(stream, uri string) (publish.Destination, error) {
	d, err := publish.Parse(stream, uri, s.every)
	if err != nil {
		return nil, command.Refuse(stream, endpoint.Hide(uri), err.Error())
	}
	return d, nil
}
