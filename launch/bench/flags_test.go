package main

import (
	"flag"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDefaults(t *testing.T) {
	o, err := parse(newFlags(), nil)
	require.NoError(t, err)
	assert.Equal(t, options{"out/bench", 2_000_000, 200_000, 5, 10 * time.Minute, true}, o)
}

func TestEveryFlagArrives(t *testing.T) {
	o, err := parse(newFlags(), strings.Fields("--work w --clicks 1 --orders 2 --runs 3 --limit 4s --flink=false"))
	require.NoError(t, err)
	assert.Equal(t, options{"w", 1, 2, 3, 4 * time.Second, false}, o)
}

func TestBadFlags(t *testing.T) {
	for args, want := range map[string]string{
		"--runs 0":             "--runs=0: want 1 or more",
		"--clicks -1":          "--clicks=-1: want 1 or more",
		"--orders 0":           "--orders=0: want 1 or more",
		"--limit 0s":           "--limit=0s: want a duration above 0, such as 10m",
		"--work=":              "--work=: want a directory, which need not exist yet",
		"--work flags_test.go": "--work=flags_test.go: is a file; want a directory, which need not exist yet",
		"--run 3":              "flag provided but not defined: --run; see --help",
		"--runs many":          `invalid value "many" for flag --runs: parse error; see --help`,
		"5":                    `"5": only flags are taken; see --help`,
	} {
		_, err := parse(newFlags(), strings.Fields(args))
		assert.EqualError(t, err, want, args)
	}
}

func TestHelp(t *testing.T) {
	_, err := parse(newFlags(), []string{"--help"})
	assert.ErrorIs(t, err, flag.ErrHelp)
	var text strings.Builder
	help(&text, newFlags())
	assert.Contains(t, text.String(), "\n  --runs number\n      number of measured runs, after one to warm up (default 5)\n")
	for line := range strings.Lines(text.String()) {
		assert.LessOrEqual(t, len(line), 100, line)
	}
}
