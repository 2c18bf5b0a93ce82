// Replay writes the payloads of rejects out again, as a file or to a Kafka
// topic, so that they can be counted after a fix.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"adtoorder/pipelines/command"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, out, errs io.Writer) int {
	var s settings
	flags := declare(&s)
	return command.Program{
		Name: "replay",
		About: `
Replay writes the payloads of rejects out again: of records that a run could not
use, kept with their payload. Once fixed, they can be read by another run.`,
		Examples: []string{"go run ./pipelines/replay --stream clicks --reason malformed --out replay.jsonl"},
		Flags:    flags,
		Groups:   groups,
		Notes:    notes,
		Run: func(ctx context.Context, c command.Call) error {
			o, err := s.options(flags)
			if err != nil {
				return err
			}
			result, err := replay(ctx, o, c.Out)
			if err != nil {
				return err
			}
			report := c.Out
			if o.out.file == standard {
				report = c.Errs
			}
			_, err = fmt.Fprintln(report, "replay:", result)
			return err
		},
	}.Execute(context.Background(), args, out, errs)
}

const notes = `
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
is too late again.`

// replay returns what it did, in a line.
func replay(ctx context.Context, o options, stdout io.Writer) (string, error) {
	chosen, err := choose(ctx, o.in, o.selection)
	if err != nil {
		return "", err
	}
	if len(chosen.rows) > 0 {
		if err := o.out.write(ctx, chosen.rows, stdout); err != nil {
			return "", err
		}
	}
	return chosen.describe(o), nil
}
