package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"adtoorder/io/endpoint"
	"adtoorder/io/lake"
	"adtoorder/io/unbounded/kafka"
	"adtoorder/io/warehouse"
	"adtoorder/pipelines/command"
	"adtoorder/transforms/ledger"
)

// settings are what the program is told, as it is written.
type settings struct {
	stream, out     string
	reasons         []string
	from, to        time.Time
	lake, warehouse string
}

// options are what a replay is told, checked.
type options struct {
	in        input
	selection selection
	out       output
}

// groups are the flags in the order of help.
var groups = []command.Group{
	{Title: "Flags", Flags: []string{"stream", "out", "reason", "from", "to", "lake", "warehouse"}},
}

// declare declares the flags, whose values go into the settings.
func declare(s *settings) *flag.FlagSet {
	flags := flag.NewFlagSet("replay", flag.ContinueOnError)
	flags.StringVar(&s.stream, "stream", "",
		"whose rejects: `clicks|orders`; required, since a replay is input of one "+
			"stream")
	flags.StringVar(&s.out, "out", "", "where to write: a `file` ending in .jsonl or "+
		".jsonl.gz, which is replaced as a "+
		"whole; kafka://HOST:PORT/TOPIC; or - for standard output; required")
	command.List(flags, &s.reasons, "reason", "only rejects of this `reason` or outcome, such as bad_quantity, "+
		"malformed or too_late; may be given several times; without it, all")
	command.Var(flags, &s.from, "from", "", "only rejects booked at this `time` or later: RFC 3339, or a date (UTC)",
		command.Time)
	command.Var(flags, &s.to, "to", "", "only rejects booked before this `time`", command.Time)
	flags.StringVar(&s.lake, "lake", "out/lake", "`directory` of the lake that holds the rejects")
	flags.StringVar(&s.warehouse, "warehouse", "", "read the `database` sqlite:FILE or bigquery://PROJECT/DATASET in "+
		"place of the lake")
	return flags
}

// options checks the settings. Reasons are not looked up: connectors have some of
// their own.
func (s settings) options(flags *flag.FlagSet) (o options, err error) {
	switch {
	case s.stream != ledger.Clicks && s.stream != ledger.Orders:
		return o, command.Refuse("stream", s.stream, "must be clicks or orders")
	case slices.Contains(s.reasons, ""):
		return o, command.Refuse("reason", "", "must be a reason or an outcome, such as bad_quantity or too_late")
	case !s.to.IsZero() && !s.from.Before(s.to):
		return o, command.Refuse("to", flags.Lookup("to").Value, fmt.Sprintf("must be later than --from=%v",
			flags.Lookup("from").Value))
	}
	o.selection = selection{stream: s.stream, reasons: s.reasons, from: s.from, to: s.to}
	if o.in, err = s.input(command.Given(flags)); err != nil {
		return o, err
	}
	o.out, err = s.output()
	return o, err
}

// input wants what is to be read to be there: a path that is misspelt would
// otherwise have no rejects.
func (s settings) input(given map[string]bool) (in input, err error) {
	if !given["warehouse"] {
		in.lake, err = s.lakeThere()
		return in, err
	}
	if given["lake"] {
		return in, command.Refuse("warehouse", s.warehouse, fmt.Sprintf("must not be given together with --lake=%s",
			s.lake))
	}
	w, err := warehouse.Open(s.warehouse)
	if err == nil && w.File() != "" {
		_, err = os.Stat(w.File())
	}
	if err != nil {
		return in, command.Refuse("warehouse", endpoint.Hide(s.warehouse),
			"must be sqlite:FILE, of a file that is there, or bigquery://PROJECT/DATASET")
	}
	in.warehouse = w
	return in, nil
}

func (s settings) lakeThere() (l lake.Lake, err error) {
	dir := strings.TrimRight(s.lake, "/")
	if dir == "" || strings.ContainsAny(dir, `*?[\`) {
		return l, command.Refuse("lake", s.lake, `must be a directory, without any of *?[\ in its name`)
	}
	if info, err := os.Stat(dir); !strings.Contains(dir, "://") && (err != nil || !info.IsDir()) {
		return l, command.Refuse("lake", s.lake, "must be a directory that is there")
	}
	return lake.Lake{Dir: dir}, nil
}

func (s settings) output() (output, error) {
	if scheme, _, ok := strings.Cut(s.out, "://"); ok {
		topic, err := kafka.Parse(s.out)
		if err != nil {
			return output{}, command.Refuse("out", scheme+"://…", err.Error()) // the rest may hold a password
		}
		return output{topic: &topic}, nil
	}
	if s.out != standard && !strings.HasSuffix(s.out, plain) && !strings.HasSuffix(s.out, zipped) {
		return output{}, command.Refuse("out", s.out, "must be a file ending in .jsonl or .jsonl.gz, "+
			"kafka://HOST:PORT/TOPIC, or -")
	}
	if info, err := os.Stat(s.out); err == nil && !info.Mode().IsRegular() {
		return output{}, command.Refuse("out", s.out, "must be a file, but is a directory or a device")
	}
	return output{file: s.out}, nil
}
