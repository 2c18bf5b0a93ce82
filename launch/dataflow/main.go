// Dataflow runs the engine on Google Cloud Dataflow: it builds the worker,
// submits the job, updates it and drains it. See --help, or the README.
package main

import (
	"context"
	"io"

	"adtoorder/pipelines/command"
)

func main() { command.Main(run) }

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	return command.Program{
		Name:  "dataflow",
		About: "Dataflow runs the engine on Google Cloud Dataflow.",
		Examples: []string{
			`go run ./launch/dataflow submit --project P --region europe-west1 --staging_location gs://BUCKET/staging \`,
			"    -- --clicks 'gs://BUCKET/in/clicks-*' --orders 'gs://BUCKET/in/orders-*' --lake gs://BUCKET/lake " +
				"--warehouse none",
			"go run ./launch/dataflow drain --project P --region europe-west1",
		},
		Commands: []command.Command{
			subcommand("submit", "[--wait] [--dry_run] -- FLAGS",
				"build the worker, stage and submit it with these flags of pipelines/conversions; print the job's id "+
					"and page", submit),
			subcommand("update", "[--dry_run] -- FLAGS",
				"build the worker anew and have it take the place of the active job of that name, with its state; "+
					"FLAGS are all that it is to run with", update),
			subcommand("drain", "", "have a job read no more and write what it has read; return when it has ended",
				drain),
			subcommand("status", "", "tell of a job's state, and its last error", status),
		},
		Notes: `
A job streams if any source is live; finished files are a batch. Credentials are
those of the environment: gcloud auth application-default login, or a key file
that GOOGLE_APPLICATION_CREDENTIALS names.

More of Beam's flags for Dataflow may stand behind --: see
go run ./pipelines/conversions --help.`,
	}.Execute(ctx, args, out, errs)
}

// subcommand is a subcommand with flags of its own.
func subcommand(name, args, about string, do func(ctx context.Context, o options, out,
	errs io.Writer) error) command.Command {
	var o options
	flags := declare(name, &o)
	c := command.Command{Name: name, Args: args, About: about, Flags: flags}
	if submits(name) {
		c.Behind = "the flags of pipelines/conversions"
	}
	c.Run = func(ctx context.Context, call command.Call) error {
		o.take(flags, call)
		return do(ctx, o, call.Out, call.Errs)
	}
	return c
}
