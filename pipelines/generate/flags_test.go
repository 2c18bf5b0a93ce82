package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"adtoorder/pipelines/command"
	"adtoorder/pipelines/generate/publish"
	"adtoorder/pipelines/generate/traffic"
)

// optionsOf parses the flags of files.
func optionsOf(args string) (opts traffic.Options, dir string, err error) {
	s, _, err := settingsOf(args)
	return s.traffic, s.out, err
}

// settingsOf parses flags, and returns the plan of what is to be published.
func settingsOf(args string) (s settings, p *publish.Plan, err error) {
	flags := declare(&s)
	if _, _, err = command.Parse(flags, strings.Fields(args)); err == nil {
		p, err = s.plan(flags)
	}
	return s, p, err
}

func TestDefaultFlagsAreTheLibrarysDefaults(t *testing.T) {
	opts, dir, err := optionsOf("")
	require.NoError(t, err)
	assert.Equal(t, traffic.Defaults(), opts)
	assert.Equal(t, "out/generated", dir)
}

func TestEveryFlagArrives(t *testing.T) {
	opts, dir, err := optionsOf("--clicks 0 --orders 2 --start 2026-01-02T03:04:05.678+02:00" +
		" --span 90s --promotions 3 --other_clicks 0.2 --event_ids --seed 18446744073709551615 --late 0.3" +
		" --duplicates 0.4 --malformed 0.5 --out somewhere")
	require.NoError(t, err)
	assert.Equal(t, "somewhere", dir)
	assert.Equal(t, "2026-01-02T01:04:05.678Z", opts.Start.UTC().Format(time.RFC3339Nano))
	opts.Start = time.Time{}
	assert.Equal(t, traffic.Options{
		Orders: 2, Span: 90 * time.Second, Promotions: 3, OtherClicks: 0.2, EventIDs: true,
		Seed: 1<<64 - 1, Late: 0.3, Duplicates: 0.4, Malformed: 0.5,
	}, opts)
}

func TestBadFlags(t *testing.T) {
	for args, want := range map[string]string{
		"--clicks many":        `--clicks=many: must be a whole number, 0 or more`,
		"--clicks -1":          `--clicks=-1: must be 0 or more`,
		"--orders 1.5":         `--orders=1.5: must be a whole number, 0 or more`,
		"--promotions ten":     `--promotions=ten: must be a whole number, 1 or more`,
		"--promotions 0":       `--promotions=0: must be 1 to 1000000`,
		"--start soon":         `--start=soon: must be a date such as 2026-11-01 or a time such as 2026-11-01T08:00:00Z`,
		"--span 3":             `--span=3: must be a duration such as 90s, 15m or 24h`,
		"--span -1s":           `--span=-1s: must be a whole number of milliseconds, at least 1ms`,
		"--seed -1":            `--seed=-1: must be a whole number from 0 to 18446744073709551615`,
		"--late 2":             `--late=2: must be a share from 0 to 1`,
		"--duplicates NaN":     `--duplicates=NaN: must be a share from 0 to 1`,
		"--malformed 1%":       `--malformed=1%: must be a share from 0 to 1`,
		"--other_clicks x":     `--other_clicks=x: must be a share from 0 to 1`,
		"--event_ids=maybe":    `--event_ids=maybe: must be true or false`,
		"--out=":               `--out=: must name a directory`,
		"--out flags_test.go":  `--out=flags_test.go: must be a directory, but is a file`,
		"--click 3":            `--click is not a flag; did you mean --clicks?`,
		"--clicks":             `--clicks needs a value; see --help`,
		"--late x --orders y":  `--late=x: must be a share from 0 to 1`,
		"--clicks -1 --late x": `--late=x: must be a share from 0 to 1`,
	} {
		t.Run(args, func(t *testing.T) {
			_, _, err := optionsOf(args)
			assert.EqualError(t, err, want)
		})
	}
}

func TestStartIsADateInUTCOrATime(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-01":                "2026-11-01T00:00:00Z",
		"2026-11-01T01:00:00+01:00": "2026-11-01T00:00:00Z",
	} {
		t.Run(text, func(t *testing.T) {
			opts, _, err := optionsOf("--start " + text)
			require.NoError(t, err)
			assert.Equal(t, want, opts.Start.UTC().Format(time.RFC3339))
		})
	}
}
