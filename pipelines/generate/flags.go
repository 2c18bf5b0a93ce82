package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"adtoorder/pipelines/generate/traffic"
)

// newFlags declares every flag as text, so that parseFlags can say in its own
// words what a value must be.
func newFlags() *flag.FlagSet {
	fs := flag.NewFlagSet("generate", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	d := traffic.Defaults()
	share := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	fs.String("clicks", strconv.Itoa(d.Clicks), "number of distinct, valid clicks; or a destination, see below")
	fs.String("orders", strconv.Itoa(d.Orders), "number of distinct, valid orders; or a destination")
	fs.String("start", d.Start.Format(time.DateOnly), "earliest event time: RFC 3339, or a date (UTC)")
	fs.String("span", "1h", "event times lie in [start, start + span)")
	fs.String("promotions", strconv.Itoa(d.Promotions), "number of promotions, named P601, P602, ...")
	fs.String("other_clicks", share(d.OtherClicks), "share of clicks that are not on a promotion")
	fs.String("seed", strconv.FormatUint(d.Seed, 10), "equal flags and seed give equal files")
	fs.String("out", "out/generated", "directory for "+traffic.ClicksFile+" and "+traffic.OrdersFile)
	fs.String("late", share(d.Late), "share of records that come 1 to 20 minutes late")
	fs.String("duplicates", share(d.Duplicates), "share of records that come a second time, on top")
	fs.String("malformed", share(d.Malformed), "malformed lines on top, as a share of the records")
	fs.Bool("event_ids", d.EventIDs, "give every click an EventId; --duplicates above 0 does so too")
	publishingFlags(fs)
	return fs
}

// parseFlags returns flag.ErrHelp where help is asked for, and otherwise an
// error of one line. Where --clicks and --orders are destinations, parsePlan
// completes the options.
func parseFlags(fs *flag.FlagSet, args []string) (opts traffic.Options, dir string, err error) {
	if err := fs.Parse(args); err != nil {
		return opts, "", restate(err)
	}
	if fs.NArg() > 0 {
		return opts, "", fmt.Errorf("%q: only flags are taken; see --help", fs.Arg(0))
	}
	v := values{fs: fs}
	opts = traffic.Options{
		Clicks:      v.number("clicks"),
		Orders:      v.number("orders"),
		Start:       v.time("start"),
		Span:        v.duration("span"),
		Promotions:  v.whole("promotions", 1),
		OtherClicks: v.share("other_clicks"),
		EventIDs:    v.text("event_ids") == "true",
		Seed:        v.seed("seed"),
		Late:        v.share("late"),
		Duplicates:  v.share("duplicates"),
		Malformed:   v.share("malformed"),
	}
	dir = v.dir("out")
	if v.err != nil {
		return opts, "", v.err
	}
	if err := opts.Validate(); err != nil {
		return opts, "", fmt.Errorf("--%w", err) // it begins with the flag's name
	}
	return opts, dir, nil
}

// restate gives the errors of package flag two dashes and, where it is the one
// flag that is parsed there, what is allowed.
func restate(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	text := err.Error()
	if value, found := strings.CutPrefix(text, "invalid boolean value "); found {
		value, _, _ = strings.Cut(value, " for -event_ids")
		return fmt.Errorf("--event_ids %s: must be true or false", value)
	}
	return errors.New(strings.Replace(text, ": -", ": --", 1) + "; see --help")
}
