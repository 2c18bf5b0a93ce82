// Replay writes the payloads of rejects out again, as a file or to a Kafka
// topic, so that they can be counted after a fix.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit status: 0, 1 where reading or writing failed, 2 where a
// flag is bad.
func run(args []string, stdout, stderr io.Writer) int {
	fs := newFlags()
	o, err := parseFlags(fs, args)
	if errors.Is(err, flag.ErrHelp) {
		help(fs, stdout)
		return 0
	}
	if err != nil {
		return fail(stderr, 2, err)
	}
	result, err := replay(context.Background(), o, stdout)
	if err != nil {
		return fail(stderr, 1, err)
	}
	report := stdout
	if o.out.file == standard {
		report = stderr
	}
	if _, err := fmt.Fprintln(report, "replay:", result); err != nil {
		return fail(stderr, 1, err)
	}
	return 0
}

func fail(stderr io.Writer, status int, err error) int {
	fmt.Fprintln(stderr, "replay:", strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; "))
	return status
}

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
