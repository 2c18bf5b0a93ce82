// Generate makes random clicks and orders, one JSON object each: seeded, in
// order of arrival, and with faults on demand. It writes them to files, or
// publishes them to live destinations.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"adtoorder/pipelines/generate/publish"
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
	var plan *publish.Plan
	if err == nil {
		plan, err = parsePlan(fs, opts)
	}
	switch {
	case err != nil:
		return fail(stderr, 2, err)
	case plan != nil:
		err = live(*plan, stdout)
	default:
		err = generate(opts, dir, stdout)
	}
	if err != nil {
		return fail(stderr, 1, err)
	}
	return 0
}

func fail(stderr io.Writer, status int, err error) int {
	fmt.Fprintln(stderr, "generate:", strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", " "))
	return status
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

// live publishes until all is sent or the first SIGINT or SIGTERM. A second one
// ends the process.
func live(plan publish.Plan, stdout io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	var sent publish.Sent
	stopProgress := showProgress(os.Stderr, &sent)
	clicks, orders, err := plan.Run(ctx, &sent)
	stopProgress()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%v: %s\n%v: %s\n", plan.Clicks, describe(clicks, "clicks"), plan.Orders, describe(orders, "orders"))
	return err
}

func describe(c traffic.Counts, what string) string {
	return fmt.Sprintf("%d %s (%d late) + %d duplicates + %d malformed, %.1f MB",
		c.Records, what, c.Late, c.Duplicates, c.Malformed, float64(c.Bytes)/1e6)
}
