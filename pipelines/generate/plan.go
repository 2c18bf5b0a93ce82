package main

import (
	"flag"
	"fmt"
	"math"
	"strconv"
	"time"

	"adtoorder/io/endpoint"
	"adtoorder/pipelines/generate/publish"
	"adtoorder/pipelines/generate/traffic"
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

// publishingFlags declares what goes with destinations alone.
func publishingFlags(fs *flag.FlagSet) {
	fs.String("rate", "100", "clicks a second, and a tenth as many orders; or max, for simulated times as fast as possible")
	fs.String("duration", "", "how long to publish (until interrupted, if not given), or how long a simulated time with --rate max")
	fs.String("density", "1000", "clicks a simulated second, with --rate max")
	fs.String("every", "10s", "a folder gets a file each so often")
}

// parsePlan returns what to publish of traffic with these options, after
// parseFlags; nil where --clicks and --orders are numbers.
func parsePlan(fs *flag.FlagSet, opts traffic.Options) (*publish.Plan, error) {
	v := values{fs: fs}
	clicks, orders := publish.IsDestination(v.text("clicks")), publish.IsDestination(v.text("orders"))
	switch {
	case !clicks && !orders:
		v.refuse("is for publishing: --clicks and --orders must be destinations", "rate", "duration", "density", "every")
		return nil, v.err
	case !clicks:
		v.fail("clicks", "must be a destination, as --orders is one: "+publish.Usage)
	case !orders:
		v.fail("orders", "must be a destination, as --clicks is one: "+publish.Usage)
	}
	v.refuse("is for files, not for publishing", "span", "out")
	every := v.length("every")
	p := &publish.Plan{Clicks: v.destination("clicks", every), Orders: v.destination("orders", every)}
	if v.text("rate") == asFastAsPossible {
		p.Traffic = v.simulated(opts)
	} else {
		p.Traffic = v.live(opts)
	}
	if !isFolder(p.Clicks) && !isFolder(p.Orders) {
		v.refuse("is for folders", "every")
	}
	if v.err != nil {
		return nil, v.err
	}
	if err := p.Traffic.Validate(); err != nil {
		return nil, fmt.Errorf("--%w", err) // it begins with the flag's name
	}
	return p, nil
}

func isFolder(d publish.Destination) bool {
	_, ok := d.(publish.Folder)
	return ok
}

// simulated completes the options of traffic that is sent as fast as possible.
func (v *values) simulated(opts traffic.Options) traffic.Options {
	if !v.given("duration") {
		v.fail("duration", "must be given with --rate max")
	}
	opts.Span = v.length("duration")
	if !v.given("start") {
		opts.Start = time.Now().UTC().Add(-opts.Span).Truncate(time.Second)
	}
	return withRate(opts, v.perSecond("density", "must be"))
}

// live completes the options of traffic that is sent in real time.
func (v *values) live(opts traffic.Options) traffic.Options {
	v.refuse("is for --rate max; otherwise the start is now", "start")
	v.refuse("is for --rate max", "density")
	opts.Live, opts.Span = true, endless
	if v.given("duration") {
		opts.Span = v.length("duration")
	}
	return withRate(opts, v.perSecond("rate", "must be max, or"))
}

// withRate sets the numbers of records in the options' span.
func withRate(opts traffic.Options, rate float64) traffic.Options {
	clicks := rate * opts.Span.Seconds()
	opts.Clicks = int(math.Round(clicks))
	opts.Orders = int(math.Round(clicks / clicksPerOrder))
	return opts
}

// given tells whether a flag was set.
func (v *values) given(name string) (given bool) {
	v.fs.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	return given
}

// refuse fails for flags that were set although they mean nothing.
func (v *values) refuse(why string, names ...string) {
	for _, name := range names {
		if v.given(name) {
			v.fail(name, why)
		}
	}
}

func (v *values) perSecond(name, allowed string) float64 {
	x, err := strconv.ParseFloat(v.text(name), 64)
	if err != nil || !(x > 0 && x <= fastest) { // so written, NaN is refused too
		v.fail(name, fmt.Sprintf("%s a number above 0, at most %d", allowed, fastest))
	}
	return x
}

// length is a duration that traffic can have.
func (v *values) length(name string) time.Duration {
	d := v.duration(name)
	if d < time.Millisecond || d%time.Millisecond != 0 {
		v.fail(name, "must be a whole number of milliseconds, at least 1ms")
	}
	return d
}

func (v *values) destination(name string, every time.Duration) publish.Destination {
	text := v.text(name)
	d, err := publish.Parse(name, text, every)
	if err != nil && v.err == nil {
		v.err = fmt.Errorf("--%s %q: %w", name, endpoint.Hide(text), err)
	}
	return d
}
