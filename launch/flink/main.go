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
	err := dispatch(ctx, args, out)
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
	run              func(ctx context.Context, o options, out io.Writer) error
}

var commands []command

func init() {
	commands = []command{
		{"up", "", "start a cluster on this machine, or what it has lost, and return when its slots are free", up},
		{"down", "", "end the cluster and what runs on it", down},
		{"status", "", "tell of its processes, slots, jobs and checkpoints", status},
		{"logs", "", "print the ends of its logs", logs},
		{"submit", "[--wait] -- FLAGS", "build the engine, give it to the cluster with these flags of pipelines/conversions, and return when it runs", submit},
		{"savepoint", "[JOB]", "save a job's state; print where", savepoint},
		{"stop", "[JOB]", "save a job's state and end it; print where", stopJob},
		{"restore", "SAVEPOINT [-- FLAGS]", "build the engine as it is now, and have it go on from a savepoint; with the flags that it ran with, and these", restore},
	}
}

// options are what the program is told.
type options struct {
	cluster.Options
	parallelism int
	wait        bool
	args        []string // of the command
	flags       []string // behind --
}

func dispatch(ctx context.Context, args []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("flink", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.Endpoint, "endpoint", flink.DefaultEndpoint, "`host:port` of the Beam job server")
	flags.IntVar(&o.WebPort, "web_port", 8081, "`port` of Flink's page in up; 0 for a free one")
	flags.IntVar(&o.TaskManagers, "task_managers", 1, "`number` of TaskManagers in up")
	flags.IntVar(&o.Slots, "slots", runtime.NumCPU(), "`number` of slots of each TaskManager in up")
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
	for i, arg := range args {
		if arg == "--" {
			args, o.flags = args[:i], args[i+1:]
			break
		}
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
	return c.run(ctx, *o, out)
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
