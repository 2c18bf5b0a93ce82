// Generate makes random clicks and orders, one JSON object each: seeded, in
// order of arrival, and with faults on demand. It writes them to files, or
// publishes them to live destinations.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"adtoorder/pipelines/command"
	"adtoorder/pipelines/generate/publish"
	"adtoorder/pipelines/generate/traffic"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, out, errs io.Writer) int {
	var s settings
	flags := declare(&s)
	return command.Program{
		Name:     "generate",
		About:    about,
		Examples: examples,
		Flags:    flags,
		Groups:   groups,
		Notes:    notes,
		Run: func(_ context.Context, c command.Call) error {
			plan, err := s.plan(flags)
			switch {
			case err != nil:
				return err
			case plan != nil:
				return live(*plan, c.Out)
			}
			return generate(s.traffic, s.out, c.Out)
		},
	}.Execute(context.Background(), args, out, errs)
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
	endLine := command.NewProgress(os.Stderr).Follow(func() string {
		return fmt.Sprintf("%d clicks and %d orders sent", sent.Clicks.Load(), sent.Orders.Load())
	})
	clicks, orders, err := plan.Run(ctx, &sent)
	endLine()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%v: %s\n%v: %s\n", plan.Clicks, describe(clicks, "clicks"), plan.Orders,
		describe(orders, "orders"))
	return err
}

func describe(c traffic.Counts, what string) string {
	return fmt.Sprintf("%d %s (%d late) + %d duplicates + %d malformed, %.1f MB",
		c.Records, what, c.Late, c.Duplicates, c.Malformed, float64(c.Bytes)/1e6)
}
