package main

import (
	"strings"
	"testing"
	"time"

	"adtoorder/pipelines/command"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// optionsOf parses and checks arguments.
func optionsOf(args ...string) (o options, err error) {
	if _, _, err = command.Parse(declare(&o), args); err == nil {
		err = o.validate()
	}
	return o, err
}

func TestDefaults(t *testing.T) {
	o, err := optionsOf()
	require.NoError(t, err)
	assert.Equal(t, options{work: "out/bench", clicks: 2_000_000, orders: 200_000, limit: 10 * time.Minute,
		flink: true}, o)
}

func TestEveryFlagArrives(t *testing.T) {
	o, err := optionsOf(strings.Fields("--work w --clicks 1 --orders 2 --runs 3 --history --only x " +
		"--limit 4s --flink=false")...)
	require.NoError(t, err)
	assert.Equal(t, options{"w", 1, 2, 3, true, "x", 4 * time.Second, false}, o)
}

func TestBadFlags(t *testing.T) {
	for args, want := range map[string]string{
		"--runs -1":            "--runs=-1: must be 1 or more, or 0 for what fits the data set",
		"--clicks -1":          "--clicks=-1: must be 1 or more",
		"--orders 0":           "--orders=0: must be 1 or more",
		"--limit 0s":           "--limit=0s: must be a duration above 0, such as 10m",
		"--work=":              "--work=: must be a directory, which need not exist yet",
		"--work flags_test.go": "--work=flags_test.go: must be a directory, which need not exist yet, but is a file",
		"--run 3":              "--run is not a flag; did you mean --runs?",
		"--runs many":          "--runs=many: must be a whole number",
	} {
		_, err := optionsOf(strings.Fields(args)...)
		assert.EqualError(t, err, want, args)
	}
}

func TestAnArgumentIsRefused(t *testing.T) {
	var out, errs strings.Builder
	assert.Equal(t, 2, run(t.Context(), []string{"5"}, &out, &errs))
	assert.Equal(t, "bench: \"5\" is not a flag, and bench takes flags only; see --help\n", errs.String())
	assert.Empty(t, out.String())
}

func TestHelp(t *testing.T) {
	var text, errs strings.Builder
	assert.Equal(t, 0, run(t.Context(), []string{"--help"}, &text, &errs))
	assert.Empty(t, errs.String())
	assert.Contains(t, text.String(), "\n  --runs number\n      number of measured runs, after one to warm up; "+
		"without it 5, and for --history 1 and none")
	for line := range strings.Lines(text.String()) {
		assert.LessOrEqual(t, len(line), 100, line)
	}
}
