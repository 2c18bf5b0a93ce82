// Flink runs the engine on a real Flink cluster on this machine, or on one that
// is there already: see --help, or the README.
package main

import (
	"context"
	"flag"
	"io"
	"os"
	"runtime"

	"adtoorder/launch/flink/cluster"
	"adtoorder/pipelines/command"
	"adtoorder/pipelines/flink"
)

func main() { command.Main(run) }

// options are what the program is told.
type options struct {
	cluster.Options
	parallelism int
	wait        bool
	args        []string // of the command
	flags       []string // behind --
	notes       io.Writer
}

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	var o options
	flags := declare(&o)
	does := func(do func(context.Context, options, io.Writer) error) func(context.Context, command.Call) error {
		return func(ctx context.Context, c command.Call) error {
			if err := o.check(); err != nil {
				return err
			}
			o.args, o.flags, o.notes = c.Args, c.Behind, c.Errs
			o.leave(command.Given(flags))
			return do(ctx, o, c.Out)
		}
	}
	const engineFlags = "the flags of pipelines/conversions"
	return command.Program{
		Name:  "flink",
		About: "Flink runs the engine on a Flink cluster. Without Docker, it starts one here.",
		Examples: []string{
			"go run ./launch/flink up",
			"go run ./launch/flink submit -- --clicks kafka://localhost:9092/clicks --orders " +
				"kafka://localhost:9092/orders",
			"go run ./launch/flink status",
		},
		Flags: flags,
		Groups: []command.Group{
			{Title: "Flags", Flags: []string{"wait", "parallelism", "endpoint"}},
			{Title: "Flags of up", Flags: []string{"task_managers", "slots", "web_port"}},
		},
		Commands: []command.Command{
			{Name: "up", Run: does(up),
				About: "start a cluster on this machine, or what it has lost, and return when its slots are there"},
			{Name: "down", Run: does(down), About: "end the cluster and what runs on it"},
			{Name: "status", Run: does(status), About: "tell of its processes, slots, jobs and checkpoints"},
			{Name: "logs", Run: does(logs), About: "print the ends of its logs"},
			{Name: "submit", Args: "[--wait] -- FLAGS", Behind: engineFlags, Run: does(submit),
				About: "build the engine, give it to the cluster with these flags of pipelines/conversions, and " +
					"return when it runs"},
			{Name: "savepoint", Args: "[JOB]", MaxArgs: 1, Run: does(savepoint),
				About: "save a job's state; print where"},
			{Name: "stop", Args: "[JOB]", MaxArgs: 1, Run: does(stopJob),
				About: "save a job's state and end it; print where"},
			{Name: "restore", Args: "SAVEPOINT [-- FLAGS]", MaxArgs: 1, Behind: engineFlags, Run: does(restore),
				About: "build the engine as it is now, and have it go on from a savepoint or a checkpoint; " +
					"with the flags that it ran with, where it was submitted, and these"},
		},
	}.Execute(ctx, args, out, errs)
}

// declare declares the flags, whose values go into the options.
func declare(o *options) *flag.FlagSet {
	flags := flag.NewFlagSet("flink", flag.ContinueOnError)
	flags.StringVar(&o.Endpoint, "endpoint", flink.DefaultEndpoint, "`host:port` of the Beam job server")
	flags.IntVar(&o.WebPort, "web_port", cluster.DefaultWebPort,
		"`port` of Flink's page, of a new cluster; 0 for a free one")
	flags.IntVar(&o.TaskManagers, "task_managers", 1,
		"`number` of TaskManagers of a new cluster, or more than one that "+
			"runs has")
	flags.IntVar(&o.Slots, "slots", runtime.NumCPU(), "`number` of slots of each TaskManager, of a new cluster")
	flags.IntVar(&o.parallelism, "parallelism", 0, "`number` of slots that a job takes; 0 for all that the cluster has")
	flags.BoolVar(&o.wait, "wait", false, "have submit and restore wait until the job ends, and print its summary")
	return flags
}

func (o *options) check() error {
	switch {
	case o.TaskManagers < 1:
		return command.Refuse("task_managers", o.TaskManagers, "must be 1 or more")
	case o.Slots < 1:
		return command.Refuse("slots", o.Slots, "must be 1 or more")
	case o.parallelism < 0:
		return command.Refuse("parallelism", o.parallelism, "must be 0 or more")
	}
	return nil
}

// leave leaves to the cluster what the flags do not say about it.
func (o *options) leave(given map[string]bool) {
	if !given["web_port"] {
		o.WebPort = cluster.Unsaid
	}
	if !given["task_managers"] {
		o.TaskManagers = 0
	}
	if !given["slots"] {
		o.Slots = 0
	}
}

// progress returns a function that keeps a line on a terminal, and one that ends it.
func progress(out *os.File) (say func(string), done func()) {
	line := command.NewProgress(out)
	return line.Say, line.Clear
}
