// Generate writes random clicks and orders as files, one JSON object a line:
// seeded, in order of arrival, and with faults on demand.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"adtoorder/pipelines/generate/traffic"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit status: 0, 1 where writing failed, 2 where a flag is bad.
func run(args []string, stdout, stderr io.Writer) int {
	fs := newFlags()
	opts, dir, err := parseFlags(fs, args)
	if errors.Is(err, flag.ErrHelp) {
		help(fs, stdout)
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "generate:", err)
		return 2
	}
	if err := generate(opts, dir, stdout); err != nil {
		fmt.Fprintln(stderr, "generate:", err)
		return 1
	}
	return 0
}

func generate(opts traffic.Options, dir string, stdout io.Writer) error {
	g, err := traffic.New(opts)
	if err != nil {
		return err
	}
	clicks, orders, err := g.WriteDir(dir)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s: %s; %s\n", dir, describe(clicks, "clicks"), describe(orders, "orders"))
	return err
}

func describe(c traffic.Counts, what string) string {
	return fmt.Sprintf("%d %s (%d late) + %d duplicates + %d malformed, %.1f MB",
		c.Records, what, c.Late, c.Duplicates, c.Malformed, float64(c.Bytes)/1e6)
}

func help(fs *flag.FlagSet, w io.Writer) {
	fmt.Fprintf(w, `Generate writes random clicks and orders to %s and %s, one JSON object a line.

Usage: generate [flags]

`, traffic.ClicksFile, traffic.OrdersFile)
	fs.VisitAll(func(f *flag.Flag) {
		fmt.Fprintf(w, "  --%-13s %s (default %s)\n", f.Name, f.Usage, f.DefValue)
	})
	fmt.Fprint(w, `
A share is a number from 0 to 1, of the clicks and of the orders.

A day with every fault:

  generate --clicks 1000000 --orders 80000 --span 24h --late 0.02 --duplicates 0.01 --malformed 0.001
`)
}
