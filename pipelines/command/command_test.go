package command

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// greeter is a program with every kind of flag; it prints what it was told.
func greeter() Program {
	flags := flag.NewFlagSet("greet", flag.ContinueOnError)
	name := flags.String("name", "you", "`who` is greeted")
	times := flags.Int("times", 1, "`number` of greetings")
	loud := flags.Bool("loud", false, "shout")
	flags.Uint64("seed", 0, "of the mood")
	flags.Float64("warmth", 0.5, "of the greeting")
	flags.Duration("pause", time.Second, "between greetings")
	var since time.Time
	Var(flags, &since, "since", "", "the `time` of the last greeting", Time)
	var to []string
	List(flags, &to, "to", "`place` to greet from")
	return Program{
		Name: "greet", About: "Greet says hello.", Examples: []string{"greet --name Ada"}, Notes: "Be kind.",
		Flags:  flags,
		Groups: []Group{{"Flags", []string{"name", "times"}}}, Rest: "More flags",
		Run: func(_ context.Context, c Call) error {
			switch *name {
			case "":
				return Refuse("name", *name, "must be a name")
			case "nobody":
				return errors.New("nobody is\nthere\n")
			case "stranger":
				return Doubt(errors.New("greeted a stranger"))
			case "child":
				return fmt.Errorf("greeting: %w", Exit(7))
			}
			_, err := fmt.Fprintln(c.Out, "hello", *name, *times, *loud, strings.Join(to, "+"), since.Unix())
			return err
		},
	}
}

func executed(p Program, args ...string) (status int, out, errs string) {
	var stdout, stderr bytes.Buffer
	status = p.Execute(context.Background(), args, &stdout, &stderr)
	return status, stdout.String(), stderr.String()
}

func TestFlags(t *testing.T) {
	const zero = "-62135596800\n"
	for _, test := range []struct{ name, args, out string }{
		{"defaults", "", "hello you 1 false  " + zero},
		{"two dashes", "--name Ada --times 2", "hello Ada 2 false  " + zero},
		{"one dash and =", "-name=Ada -times=2", "hello Ada 2 false  " + zero},
		{"a value that begins with a dash", "--times -2", "hello you -2 false  " + zero},
		{"a value with =", "--name=a=b", "hello a=b 1 false  " + zero},
		{"a switch", "--loud", "hello you 1 true  " + zero},
		{"a switch turned off", "--loud=false", "hello you 1 false  " + zero},
		{"a list", "--to a --to=b", "hello you 1 false a+b " + zero},
		{"a time", "--since 1970-01-01T00:00:05Z", "hello you 1 false  5\n"},
		{"a date", "--since 1970-01-02", "hello you 1 false  86400\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, out, errs := executed(greeter(), strings.Fields(test.args)...)
			assert.Equal(t, OK, status)
			assert.Equal(t, test.out, out)
			assert.Empty(t, errs)
		})
	}
}

func TestWhatGoesWrongIsOneLineAndAStatus(t *testing.T) {
	for _, test := range []struct {
		name, args string
		status     int
		line       string
	}{
		{"a flag that is like another", "--nam Ada", 2, "greet: --nam is not a flag; did you mean --name?\n"},
		{"letters that are mixed up", "--lodu", 2, "greet: --lodu is not a flag; see --help\n"},
		{"a flag that is like no other", "--volume 3", 2, "greet: --volume is not a flag; see --help\n"},
		{"no value", "--name", 2, "greet: --name needs a value; see --help\n"},
		{"no whole number", "--times=1.5", 2, "greet: --times=1.5: must be a whole number\n"},
		{"no seed", "--seed=-1", 2, "greet: --seed=-1: must be a whole number from 0 to 18446744073709551615\n"},
		{"no number", "--warmth=hot", 2, "greet: --warmth=hot: must be a number\n"},
		{"no switch", "--loud=maybe", 2, "greet: --loud=maybe: must be true or false\n"},
		{"no duration", "--pause=3", 2, "greet: --pause=3: must be a duration such as 90s, 15m or 24h\n"},
		{"no time", "--since=soon", 2, "greet: --since=soon: must be a date such as 2026-11-01 or a time " +
			"such as 2026-11-01T08:00:00Z\n"},
		{"the first counts", "--times=x --loud=x", 2, "greet: --times=x: must be a whole number\n"},
		{"an argument", "Ada", 2, "greet: \"Ada\" is not a flag, and greet takes flags only; see --help\n"},
		{"behind --", "-- Ada", 2, "greet: \"Ada\" stands behind --, where greet takes nothing; see --help\n"},
		{"a value that the program refuses", "--name=", 2, "greet: --name=: must be a name\n"},
		{"a failure of several lines", "--name=nobody", 1, "greet: nobody is there\n"},
		{"a result in doubt", "--name=stranger", 3, "greet: greeted a stranger\n"},
		{"another program's failure", "--name=child", 7, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, out, errs := executed(greeter(), strings.Fields(test.args)...)
			assert.Equal(t, test.status, status)
			assert.Empty(t, out)
			assert.Equal(t, test.line, errs)
		})
	}
}

func TestHelp(t *testing.T) {
	for _, asked := range []string{"--help", "-h", "-help", "--name Ada --help"} {
		t.Run(asked, func(t *testing.T) {
			status, out, errs := executed(greeter(), strings.Fields(asked)...)
			assert.Equal(t, OK, status)
			assert.Empty(t, errs)
			assert.Equal(t, `Greet says hello.

  greet --name Ada

Flags:
  --name who
      who is greeted (default you)
  --times number
      number of greetings (default 1)

More flags:
  --loud
      shout
  --pause duration
      between greetings (default 1s)
  --seed uint
      of the mood
  --since time
      the time of the last greeting
  --to place
      place to greet from
  --warmth float
      of the greeting (default 0.5)

--help prints this, --version what was built.

Be kind.
`, out)
		})
	}
}

func TestLongTextIsWrapped(t *testing.T) {
	for line := range strings.Lines(wrapped(strings.Repeat("nine of ten ", 40))) {
		assert.LessOrEqual(t, len(line), width+1)
		assert.True(t, strings.HasPrefix(line, "      nine") || strings.HasPrefix(line, "      of") ||
			strings.HasPrefix(line, "      ten"), line)
	}
	long := strings.Repeat("x", 2*width)
	assert.Equal(t, "      "+long+"\n      y", wrapped(long+" y"))
}

// office is a program with subcommands.
func office() Program {
	says := func(what string) func(context.Context, Call) error {
		return func(_ context.Context, c Call) error {
			_, err := fmt.Fprintln(c.Out, what, c.Args, c.Behind)
			return err
		}
	}
	common, own := flag.NewFlagSet("office", flag.ContinueOnError), flag.NewFlagSet("close", flag.ContinueOnError)
	common.Bool("wait", false, "wait")
	own.Bool("force", false, "also with people inside")
	return Program{Name: "office", About: "Office.", Flags: common, Commands: []Command{
		{Name: "open", Args: "[DOOR] [-- KEYS]", About: "open it", MaxArgs: 1, Behind: "keys", Run: says("open")},
		{Name: "close", About: "close it", Flags: own, Run: says("closed")},
		{Name: "look", Args: "[WINDOW]", About: "look out", MaxArgs: 1, Run: says("look")},
	}}
}

func TestSubcommands(t *testing.T) {
	for _, test := range []struct {
		name, args string
		status     int
		out, errs  string
	}{
		{"runs", "open", 0, "open [] []\n", ""},
		{"flags in front of and behind an argument", "open --wait door --wait=false", 0, "open [door] []\n", ""},
		{"arguments behind --", "open door -- --a b", 0, "open [door] [--a b]\n", ""},
		{"flags of its own", "close --force", 0, "closed [] []\n", ""},
		{"flags of another", "open --force", 2, "", "office: --force is not a flag; see --help\n"},
		{"like another", "opne", 2, "", "office: \"opne\" is not a command; must be one of " +
			"open, close, look; see --help\n"},
		{"one letter off", "opend", 2, "", "office: \"opend\" is not a command; did you mean open?\n"},
		{"no command", "--wait open", 2, "",
			"office: a command must stand in front of --wait: open, close, look; see --help\n"},
		{"too many arguments", "look a b", 2, "", "office: \"b\" is too much for look; see --help\n"},
		{"too many in front of --", "open a b", 2, "", "office: \"b\" is too much for open; keys stand behind --\n"},
		{"nothing behind --", "look -- a", 2, "",
			"office: \"a\" stands behind --, where look takes nothing; see --help\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, out, errs := executed(office(), strings.Fields(test.args)...)
			assert.Equal(t, test.status, status)
			assert.Equal(t, test.out, out)
			assert.Equal(t, test.errs, errs)
		})
	}
}

func TestSubcommandsHaveOneHelp(t *testing.T) {
	for _, asked := range []string{"", "help", "--help", "-h", "open --help", "close -h"} {
		t.Run(asked, func(t *testing.T) {
			status, out, errs := executed(office(), strings.Fields(asked)...)
			assert.Equal(t, OK, status)
			assert.Empty(t, errs)
			for _, want := range []string{"\n  open [DOOR] [-- KEYS]\n      open it\n", "\nFlags:\n  --wait\n",
				"\nFlags of close:\n  --force\n"} {
				assert.Contains(t, out, want)
			}
		})
	}
}

func TestTheNameOfAnOnlySubcommandMayBeLeftOut(t *testing.T) {
	p := office()
	p.Commands = p.Commands[:1]
	for _, args := range []string{"open --wait", "--wait"} {
		t.Run(args, func(t *testing.T) {
			status, out, _ := executed(p, strings.Fields(args)...)
			assert.Equal(t, OK, status)
			assert.Equal(t, "open [] []\n", out)
		})
	}
}

func TestFlagsBehindThatHaveNoEffect(t *testing.T) {
	taken := map[string]string{"runner": "it is flink"}
	for _, test := range []struct {
		name, args string
		want       string
	}{
		{"another flag", "--lake runner", ""},
		{"with a value", "--lake=x --runner=prism", "--runner behind -- has no effect: it is flink; see --help"},
		{"one dash", "-runner prism", "--runner behind -- has no effect: it is flink; see --help"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := RefuseBehind(strings.Fields(test.args), taken)
			if test.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.EqualError(t, err, test.want)
		})
	}
}
