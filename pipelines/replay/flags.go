package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// options are what a replay is told, checked.
type options struct {
	in        input
	selection selection
	out       output
}

// order is that of the flags in --help.
var order = []string{"stream", "out", "reason", "from", "to", "lake", "warehouse"}

// newFlags declares every flag as text, so that parseFlags can say in its own
// words what a value must be.
func newFlags() *flag.FlagSet {
	fs := flag.NewFlagSet("replay", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.String("stream", "", "whose rejects: `clicks|orders`; required, since a replay is input of one stream")
	fs.String("out", "", "where to write: a `file` ending in .jsonl or .jsonl.gz, which is replaced as a whole; kafka://HOST:PORT/TOPIC; or - for standard output; required")
	fs.Var(new(list), "reason", "only rejects of this `reason` or outcome, such as bad_quantity, malformed or too_late; may be given several times; without it, all")
	fs.String("from", "", "only rejects booked at this `time` or later: RFC 3339, or a date (UTC)")
	fs.String("to", "", "only rejects booked before this `time`")
	fs.String("lake", "out/lake", "`directory` of the lake that holds the rejects")
	fs.String("warehouse", "", "read the `database` sqlite:FILE or bigquery://PROJECT/DATASET in place of the lake")
	return fs
}

// list is a flag that may be given several times.
type list []string

// String implements flag.Value.
func (l *list) String() string { return strings.Join(*l, ",") }

// Set implements flag.Value.
func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}

// parseFlags returns flag.ErrHelp where help is asked for, and otherwise an
// error of one line.
func parseFlags(fs *flag.FlagSet, args []string) (o options, err error) {
	if err := fs.Parse(args); err != nil {
		return o, restate(err)
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("%q: only flags are taken; see --help", fs.Arg(0))
	}
	v := values{fs: fs}
	o.selection = selection{stream: v.stream("stream"), reasons: v.reasons("reason"), from: v.time("from"), to: v.time("to")}
	if s := o.selection; v.err == nil && !s.to.IsZero() && !s.from.Before(s.to) {
		v.fail("to", fmt.Sprintf("must be later than --from %q", v.text("from")))
	}
	o.in = v.input("lake", "warehouse")
	o.out = v.output("out")
	return o, v.err
}

// restate gives the errors of package flag two dashes.
func restate(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	return errors.New(strings.Replace(err.Error(), ": -", ": --", 1) + "; see --help")
}

func help(fs *flag.FlagSet, w io.Writer) {
	fmt.Fprint(w, `Replay writes the payloads of rejects out again: of records that a run could not
use, kept with their payload. Once fixed, they can be read by another run.

Usage: go run ./pipelines/replay --stream clicks --out replay.jsonl [flags]

`)
	for _, name := range order {
		f := fs.Lookup(name)
		value, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(w, "  --%s %s\n      %s", name, value, usage)
		if f.DefValue != "" {
			fmt.Fprintf(w, " (default %s)", f.DefValue)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprint(w, `
A reject is booked at its event time, or at 1970-01-01 where that is not known;
one of a live source at its arrival. Payloads are ordered by that time, one a
line. What was too long to be kept whole is skipped.

A payload without an EventId (clicks) or OrderId (orders) gets one that follows
from its source and position: it counts once, however often it is replayed. A
payload that is no JSON object is written as it is, to be fixed by hand.

To correct windows that are closed, fix the lines of the file, and count the
original files together with it:

  go run ./pipelines/replay --stream clicks --reason malformed --out replay.jsonl
  go run ./pipelines/conversions --clicks 'in/clicks-*.jsonl' --clicks replay.jsonl --orders 'in/orders-*.jsonl' --replace

Leave out of that file what the original files give by themselves: records that
were too late for a live run, but are no longer late in a file, or that a newer
engine accepts. One without an id of its own would count twice.

A topic is for a live run whose windows are still open; for closed ones a record
is too late again.
`)
}
