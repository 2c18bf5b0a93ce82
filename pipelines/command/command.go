// Package command is what all programs share of a command line: flags and how
// they are parsed, help, --version, subcommands, errors, progress lines and exit
// statuses. It stands on package flag, whose flag.CommandLine has Beam's flags.
//
// A program says what it is and what it does:
//
//	func main() { command.Main(run) }
//
//	func run(ctx context.Context, args []string, out, errs io.Writer) int {
//		flags := flag.NewFlagSet("greet", flag.ContinueOnError)
//		name := flags.String("name", "you", "`who` is greeted")
//		return command.Program{
//			Name:     "greet",
//			About:    "Greet says hello.",
//			Examples: []string{"go run ./greet --name Ada"},
//			Flags:    flags,
//			Run: func(ctx context.Context, c command.Call) error {
//				if *name == "" {
//					return command.Refuse("name", *name, "must be a name")
//				}
//				_, err := fmt.Fprintln(c.Out, "hello", *name)
//				return err
//			},
//		}.Execute(ctx, args, out, errs)
//	}
package command

import (
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// Program is a program, which does one thing or has subcommands.
type Program struct {
	Name     string   // in front of its errors
	About    string   // what it does, in a sentence or a few
	Examples []string // command lines, the most usual first
	Flags    *flag.FlagSet
	// Groups are the flags in the order of help, the most used first. Flags in none of
	// them come last, below the title Rest, or "Flags".
	Groups []Group
	Rest   string
	Notes  string // what else help tells

	// Run does the one thing.
	Run func(context.Context, Call) error
	// Commands are the subcommands, in place of Run. Where there is one alone, its
	// name may be left out.
	Commands []Command
}

// Group is a title and the names of the flags below it.
type Group struct {
	Title string
	Flags []string
}

// Command is a subcommand.
type Command struct {
	Name, Args, About string
	MaxArgs           int
	// Behind is what may stand behind --, "" for nothing.
	Behind string
	// Flags are those of the subcommand alone; nil for those of the program.
	Flags *flag.FlagSet
	Run   func(context.Context, Call) error
}

// Call is what a program or subcommand was called with, beside its flags.
type Call struct {
	Args, Behind []string // arguments that are no flags, in front of -- and behind it
	Out, Errs    io.Writer
}

// Main runs a program until it ends or SIGINT or SIGTERM ends its context, and
// exits with its status.
func Main(run func(ctx context.Context, args []string, out, errs io.Writer) int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// Execute parses the arguments and runs the program or the subcommand that they
// name. It returns the exit status, after a line about what went wrong.
func (p Program) Execute(ctx context.Context, args []string, out, errs io.Writer) int {
	err := p.dispatch(ctx, args, Call{Out: out, Errs: errs})
	switch {
	case errors.Is(err, flag.ErrHelp):
		p.help(out)
		err = nil
	case errors.Is(err, errVersion):
		err = printVersion(out, p.Name)
	}
	return End(errs, p.Name, err)
}

// dispatch finds out what is to be run.
func (p Program) dispatch(ctx context.Context, args []string, call Call) error {
	alone := Command{Name: p.Name, Flags: p.Flags, Run: p.Run}
	if len(p.Commands) == 0 {
		return alone.execute(ctx, args, call)
	}
	if len(args) == 0 || args[0] == "help" {
		return flag.ErrHelp
	}
	var names []string
	for _, c := range p.Commands {
		if c.Flags == nil {
			c.Flags = p.Flags
		}
		if c.Name == args[0] {
			return c.execute(ctx, args[1:], call)
		}
		names, alone = append(names, c.Name), c
	}
	if !strings.HasPrefix(args[0], "-") {
		return notACommand(args[0], names)
	}
	if len(names) == 1 {
		return alone.execute(ctx, args, call)
	}
	if _, _, err := Parse(flag.NewFlagSet(p.Name, flag.ContinueOnError), args); errors.Is(err, flag.ErrHelp) ||
		errors.Is(err, errVersion) {
		return err
	}
	return RefuseArgs("a command must stand in front of %s: %s; see --help", args[0], strings.Join(names, ", "))
}

func notACommand(word string, names []string) error {
	if like := closest(word, slices.Clone(names)); like != "" {
		return RefuseArgs("%q is not a command; did you mean %s?", word, like)
	}
	return RefuseArgs("%q is not a command; must be one of %s; see --help", word, strings.Join(names, ", "))
}

// execute parses the flags, checks the arguments, and runs the subcommand.
func (c Command) execute(ctx context.Context, args []string, call Call) (err error) {
	if call.Args, call.Behind, err = Parse(c.Flags, args); err != nil {
		return err
	}
	switch {
	case len(call.Args) > c.MaxArgs && c.Behind != "":
		return RefuseArgs("%q is too much for %s; %s stand behind --", call.Args[c.MaxArgs], c.Name, c.Behind)
	case len(call.Args) > c.MaxArgs && c.MaxArgs == 0:
		return RefuseArgs("%q is not a flag, and %s takes flags only; see --help", call.Args[0], c.Name)
	case len(call.Args) > c.MaxArgs:
		return RefuseArgs("%q is too much for %s; see --help", call.Args[c.MaxArgs], c.Name)
	case len(call.Behind) > 0 && c.Behind == "":
		return RefuseArgs("%q stands behind --, where %s takes nothing; see --help", call.Behind[0], c.Name)
	}
	return c.Run(ctx, call)
}
