// Flink runs the engine on a real Flink cluster on this machine, or on one that
// is there already: see --help, or the README.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"

	"adtoorder/launch/flink/cluster"
	"adtoorder/pipelines/flink"

	"github.com/mattn/go-isatty"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit status: 0, 1 for what failed, 2 for arguments that can't
// be used.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	err := dispatch(ctx, args, out, errs)
	var usage *usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		fmt.Fprintln(errs, "flink: "+oneLine(err))
		return 2
	}
	fmt.Fprintln(errs, "flink: "+oneLine(err))
	return 1
}

func oneLine(err error) string {
	return strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", " ")
}

// usageError is an argument that can't be used. Nothing was done then.
type usageError struct{ problem string }

// Error implements error.
func (e *usageError) Error() string { return e.problem + "; see --help" }

// command is what the program can do.
type command struct {
	name, args, text string
	most             int  // arguments in front of --
	behind           bool // flags stand behind it
	run              func(ctx context.Context, o options, out io.Writer) error
}

var commands []command

func init() {
	commands = []command{
		{"up", "", "start a cluster on this machine, or what it has lost, and return when its slots are there", 0, false, up},
		{"down", "", "end the cluster and what runs on it", 0, false, down},
		{"status", "", "tell of its processes, slots, jobs and checkpoints", 0, false, status},
		{"logs", "", "print the ends of its logs", 0, false, logs},
		{"submit", "[--wait] -- FLAGS", "build the engine, give it to the cluster with these flags of pipelines/conversions, and return when it runs", 0, true, submit},
		{"savepoint", "[JOB]", "save a job's state; print where", 1, false, savepoint},
		{"stop", "[JOB]", "save a job's state and end it; print where", 1, false, stopJob},
		{"restore", "SAVEPOINT [-- FLAGS]", "build the engine as it is now, and have it go on from a savepoint; or a checkpoint; with the flags that it ran with, where it was submitted, and these", 1, true, restore},
	}
}

// options are what the program is told.
type options struct {
	cluster.Options
	parallelism int
	wait        bool
	args        []string // of the command
	flags       []string // behind --
	notes       io.Writer
}

func dispatch(ctx context.Context, args []string, out, errs io.Writer) error {
	o := options{notes: errs}
	flags := flag.NewFlagSet("flink", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.Endpoint, "endpoint", flink.DefaultEndpoint, "`host:port` of the Beam job server")
	flags.IntVar(&o.WebPort, "web_port", cluster.DefaultWebPort, "`port` of Flink's page, of a new cluster in up; 0 for a free one")
	flags.IntVar(&o.TaskManagers, "task_managers", 1, "`number` of TaskManagers of a new cluster in up, or more than one that runs has")
	flags.IntVar(&o.Slots, "slots", runtime.NumCPU(), "`number` of slots of each TaskManager, of a new cluster in up")
	flags.IntVar(&o.parallelism, "parallelism", 0, "`number` of slots that a job takes; 0 for all that the cluster has")
	flags.BoolVar(&o.wait, "wait", false, "have submit and restore wait until the job ends, and print its summary")
	if len(args) == 0 || args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		help(out, flags)
		return nil
	}
	for _, c := range commands {
		if c.name == args[0] {
			return parseAndRun(ctx, c, flags, &o, args[1:], out)
		}
	}
	return &usageError{fmt.Sprintf("%q is no command", args[0])}
}

func parseAndRun(ctx context.Context, c command, flags *flag.FlagSet, o *options, args []string, out io.Writer) error {
	if i := slices.Index(args, "--"); i >= 0 {
		args, o.flags = args[:i], args[i+1:]
	}
	for len(args) > 0 { // flags may stand before and behind what they are about
		if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
			help(out, flags)
			return nil
		} else if err != nil {
			return &usageError{strings.ReplaceAll(err.Error(), " -", " --")}
		}
		if args = flags.Args(); len(args) > 0 {
			o.args, args = append(o.args, args[0]), args[1:]
		}
	}
	if o.TaskManagers < 1 || o.Slots < 1 || o.parallelism < 0 {
		return &usageError{"--task_managers and --slots are 1 or more, --parallelism 0 or more"}
	}
	if err := c.takes(*o); err != nil {
		return err
	}
	o.leave(flags)
	return c.run(ctx, *o, out)
}

// takes refuses arguments that the command does not have.
func (c command) takes(o options) error {
	switch {
	case len(o.args) > c.most && c.behind:
		return &usageError{fmt.Sprintf("%q is too much for %s; the flags of pipelines/conversions stand behind --", o.args[c.most], c.name)}
	case len(o.args) > c.most:
		return &usageError{fmt.Sprintf("%q is too much for %s", o.args[c.most], c.name)}
	case len(o.flags) > 0 && !c.behind:
		return &usageError{fmt.Sprintf("%q is too much for %s; nothing stands behind --", o.flags[0], c.name)}
	}
	return nil
}

// leave leaves to the cluster what the flags do not say about it.
func (o *options) leave(flags *flag.FlagSet) {
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
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

func help(out io.Writer, flags *flag.FlagSet) {
	fmt.Fprint(out, `Flink runs the engine on a Flink cluster. Without Docker, it starts one here.

  go run ./launch/flink up
  go run ./launch/flink submit -- --clicks kafka://localhost:9092/clicks --orders kafka://localhost:9092/orders
  go run ./launch/flink status

Commands:
`)
	for _, c := range commands {
		fmt.Fprintf(out, "  %s\n      %s\n", strings.TrimSpace(c.name+" "+c.args), c.text)
	}
	fmt.Fprint(out, "\nFlags:\n")
	flags.VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(out, "  --%s\n      %s", strings.TrimSpace(f.Name+" "+value), usage)
		if f.DefValue != "false" {
			fmt.Fprintf(out, " (default %s)", f.DefValue)
		}
		fmt.Fprintln(out)
	})
}

// progress returns a function that keeps a line on a terminal, and one that
// ends it. Elsewhere it tells of the first of each kind of line alone.
func progress(out *os.File) (say func(string), done func()) {
	if !isatty.IsTerminal(out.Fd()) {
		told := map[string]bool{}
		return func(text string) {
			what, _, _ := strings.Cut(text, ":")
			if !told[what] {
				told[what] = true
				fmt.Fprintln(out, what)
			}
		}, func() {}
	}
	return func(text string) { fmt.Fprint(out, "\r\x1b[K"+text) }, func() { fmt.Fprint(out, "\r\x1b[K") }
}
