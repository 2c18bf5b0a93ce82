// Dataflow runs the engine on Google Cloud Dataflow: it builds the worker,
// submits the job, updates it and drains it. See --help, or the README.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"adtoorder/pipelines/engine"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit status: 0, 1 for what failed, 2 for arguments that can't
// be used.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	err := dispatch(ctx, args, out, errs)
	var usage *usageError
	var unusable *engine.FlagError
	var submitter *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &submitter) && submitter.ExitCode() > 0:
		return submitter.ExitCode() // it has said itself what is wrong
	}
	fmt.Fprintln(errs, "dataflow: "+strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", " "))
	if errors.As(err, &usage) || errors.As(err, &unusable) {
		return 2
	}
	return 1
}

// usageError is an argument that can't be used. Nothing was done then.
type usageError struct{ problem string }

// Error implements error.
func (e *usageError) Error() string { return e.problem + "; see --help" }

// command is what the program can do.
type command struct {
	name, args, text string
	submits          bool // the engine's flags stand behind --
	run              func(ctx context.Context, o options, out, errs io.Writer) error
}

var commands []command

func init() {
	commands = []command{
		{"submit", "[--wait] [--dry_run] -- FLAGS", "build the worker, stage and submit it with these flags of pipelines/conversions; print the job's id and page", true, submit},
		{"update", "[--dry_run] -- FLAGS", "build the worker anew and have it take the place of the active job of that name, with its state; FLAGS are all that it is to run with", true, update},
		{"drain", "", "have a job read no more and write what it has read; return when it has ended", false, drain},
		{"status", "", "tell of a job's state, and its last error", false, status},
	}
}

func dispatch(ctx context.Context, args []string, out, errs io.Writer) error {
	if len(args) == 0 || slices.Contains([]string{"help", "--help", "-h"}, args[0]) {
		help(out)
		return nil
	}
	for _, c := range commands {
		if c.name == args[0] {
			return c.parse(ctx, args[1:], out, errs)
		}
	}
	return &usageError{fmt.Sprintf("%q is no command", args[0])}
}

// parse reads the arguments of a command, and runs it.
func (c command) parse(ctx context.Context, args []string, out, errs io.Writer) error {
	var o options
	if i := slices.Index(args, "--"); i >= 0 {
		args, o.behind = args[:i], args[i+1:]
	}
	flags := c.flags(&o)
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		help(out)
		return nil
	case err != nil:
		return &usageError{strings.ReplaceAll(err.Error(), " -", " --")}
	case flags.NArg() > 0 && c.submits:
		return &usageError{fmt.Sprintf("%q is too much for %s; the flags of pipelines/conversions stand behind --", flags.Arg(0), c.name)}
	case flags.NArg() > 0:
		return &usageError{fmt.Sprintf("%q is too much for %s", flags.Arg(0), c.name)}
	case len(o.behind) > 0 && !c.submits:
		return &usageError{fmt.Sprintf("%q is too much for %s; nothing stands behind --", o.behind[0], c.name)}
	}
	flags.Visit(func(f *flag.Flag) { o.given = append(o.given, f) })
	return c.run(ctx, o, out, errs)
}

func help(out io.Writer) {
	fmt.Fprint(out, `Dataflow runs the engine on Google Cloud Dataflow.

  go run ./launch/dataflow submit --project P --region europe-west1 --staging_location gs://BUCKET/staging \
      -- --clicks 'gs://BUCKET/in/clicks-*' --orders 'gs://BUCKET/in/orders-*' --lake gs://BUCKET/lake --warehouse none
  go run ./launch/dataflow drain --project P --region europe-west1

A job streams if any source is live; finished files are a batch. Credentials are
those of the environment: gcloud auth application-default login, or a key file
that GOOGLE_APPLICATION_CREDENTIALS names.

Commands:
`)
	for _, c := range commands {
		fmt.Fprintf(out, "  %s\n      %s\n", strings.TrimSpace(c.name+" "+c.args), c.text)
	}
	shown := map[string]bool{}
	for _, c := range commands {
		head := "\nFlags of " + c.name + ":\n"
		c.flags(new(options)).VisitAll(func(f *flag.Flag) {
			if shown[f.Name] {
				return
			}
			shown[f.Name] = true
			value, usage := flag.UnquoteUsage(f)
			fmt.Fprintf(out, "%s  --%s\n      %s", head, strings.TrimSpace(f.Name+" "+value), usage)
			head = ""
			if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" {
				fmt.Fprintf(out, " (default %s)", f.DefValue)
			}
			fmt.Fprintln(out)
		})
	}
	fmt.Fprint(out, "\nMore of Beam's flags for Dataflow may stand behind --: see go run ./pipelines/conversions --help.\n")
}
