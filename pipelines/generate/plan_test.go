package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"adtoorder/pipelines/generate/publish"
	"adtoorder/pipelines/generate/traffic"
)

func planOf(t *testing.T, args string) (*publish.Plan, error) {
	t.Helper()
	_, plan, err := settingsOf(args)
	return plan, err
}

const folders = "--clicks folder:in --orders folder:in "

func TestNumbersMakeNoPlan(t *testing.T) {
	for _, args := range []string{"", "--clicks 5 --orders 7 --span 1s --out x"} {
		t.Run(args, func(t *testing.T) {
			plan, err := planOf(t, args)
			assert.NoError(t, err)
			assert.Nil(t, plan)
		})
	}
}

func TestPlans(t *testing.T) {
	base := traffic.Defaults()
	for args, want := range map[string]func(*traffic.Options){
		"": func(o *traffic.Options) {
			o.Live, o.Span, o.Clicks, o.Orders = true, endless, 100*315_360_000, 10*315_360_000
		},
		"--duration 1m": func(o *traffic.Options) {
			o.Live, o.Span, o.Clicks, o.Orders = true, time.Minute, 6000, 600
		},
		"--rate 0.5 --duration 1m30s --late 0.1 --seed 3 --promotions 2 --event_ids": func(o *traffic.Options) {
			o.Live, o.Span, o.Clicks, o.Orders = true, 90*time.Second, 45, 5
			o.Late, o.Seed, o.Promotions, o.EventIDs = 0.1, 3, 2, true
		},
		"--rate max --duration 5m --start 2026-02-03": func(o *traffic.Options) {
			o.Start = time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC)
			o.Span, o.Clicks, o.Orders = 5*time.Minute, 300_000, 30_000
		},
		"--rate max --duration 100ms --density 20 --start 2026-02-03": func(o *traffic.Options) {
			o.Start = time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC)
			o.Span, o.Clicks, o.Orders = 100*time.Millisecond, 2, 0
		},
	} {
		t.Run(args, func(t *testing.T) {
			plan, err := planOf(t, folders+args)
			require.NoError(t, err)
			opts := base
			want(&opts)
			assert.Equal(t, opts, plan.Traffic)
		})
	}
}

func TestDestinationsArrive(t *testing.T) {
	for args, want := range map[string][2]publish.Destination{
		"--clicks folder:a --orders folder:b": {publish.Folder{Dir: "a", Stream: "clicks", Every: 10 * time.Second},
			publish.Folder{Dir: "b", Stream: "orders", Every: 10 * time.Second}},
		"--clicks folder:a --orders watch:/b?every=1s --every 1m": {publish.Folder{Dir: "a", Stream: "clicks",
			Every: time.Minute}, publish.Folder{Dir: "/b", Stream: "orders", Every: time.Second}},
	} {
		t.Run(args, func(t *testing.T) {
			plan, err := planOf(t, args)
			require.NoError(t, err)
			assert.Equal(t, want, [2]publish.Destination{plan.Clicks, plan.Orders})
		})
	}
	plan, err := planOf(t, "--clicks kafka://h:1/c --orders kinesis://o?region=a")
	require.NoError(t, err)
	assert.Equal(t, "kafka://h:1/c", plan.Clicks.String())
	assert.Equal(t, "kinesis://o?region=a", plan.Orders.String())
}

func TestSimulatedTimeEndsNow(t *testing.T) {
	before := time.Now()
	plan, err := planOf(t, folders+"--rate max --duration 1h")
	require.NoError(t, err)
	assert.Zero(t, plan.Traffic.Start.Nanosecond())
	assert.InDelta(t, 0, before.Sub(plan.Traffic.Start.Add(time.Hour)).Seconds(), 2)
}

func TestBadPlans(t *testing.T) {
	const kafka = "--clicks kafka://h:1/c --orders kafka://h:1/o "
	for args, want := range map[string]string{
		"--clicks folder:in":                              `--orders=10000: must be a destination, as --clicks is one: ` + publish.Usage,
		"--clicks 5 --orders folder:in":                   `--clicks=5: must be a destination, as --orders is one: ` + publish.Usage,
		"--rate 5":                                        `--rate=5: is for publishing: --clicks and --orders must be destinations`,
		"--duration 5s":                                   `--duration=5s: is for publishing: --clicks and --orders must be destinations`,
		"--clicks 5 --density 5":                          `--density=5: is for publishing: --clicks and --orders must be destinations`,
		"--every 5s":                                      `--every=5s: is for publishing: --clicks and --orders must be destinations`,
		folders + "--span 1h":                             `--span=1h: is for files, not for publishing`,
		folders + "--out x":                               `--out=x: is for files, not for publishing`,
		folders + "--start 2026-01-01":                    `--start=2026-01-01: is for --rate max; otherwise the start is now`,
		folders + "--density 5":                           `--density=5: is for --rate max`,
		kafka + "--every 5s":                              `--every=5s: is for folders`,
		folders + "--rate max":                            `--duration=: must be given with --rate max`,
		folders + "--rate fast":                           `--rate=fast: must be max, or a number above 0, at most 1000000`,
		folders + "--rate 0":                              `--rate=0: must be max, or a number above 0, at most 1000000`,
		folders + "--rate NaN":                            `--rate=NaN: must be max, or a number above 0, at most 1000000`,
		folders + "--rate 1000001":                        `--rate=1000001: must be max, or a number above 0, at most 1000000`,
		folders + "--duration 5":                          `--duration=5: must be a duration such as 90s, 15m or 24h`,
		folders + "--duration -5s":                        `--duration=-5s: must be a whole number of milliseconds, at least 1ms`,
		folders + "--duration 1.5ms":                      `--duration=1.5ms: must be a whole number of milliseconds, at least 1ms`,
		folders + "--every 0s":                            `--every=0s: must be a whole number of milliseconds, at least 1ms`,
		folders + "--late 2":                              `--late=2: must be a share from 0 to 1`,
		"--clicks s3://b --orders folder:in":              `--clicks=s3://b: must be ` + publish.Usage,
		"--clicks folder:in --orders watch:":              `--orders=watch:: watch:: no directory is named`,
		"--clicks folder:in --orders folder:":             `--orders=folder:: must name a local directory`,
		folders + "--rate max --duration 1h --density -1": `--density=-1: must be a number above 0, at most 1000000`,
		folders + "--rate max --duration 1h --start 9999-12-31T23:30:00Z":     `--start=9999-12-31T23:30:00Z: start and start + span (1h0m0s) must lie in the years 1970 to 9999`,
		"--clicks kafka://h/c?x=secret --orders folder:in":                    `--clicks=kafka://h/c?…: broker "h" is not HOST:PORT; `,
		"--clicks kafka://me:secret@h:1/c --orders folder:in":                 `--clicks=kafka://…@h:1/c: a URI must not hold a password`,
		"--clicks folder:in --orders kinesis://me:secret@o?region=a&x=secret": `--orders=kinesis://…@o?…: a URI must not hold credentials`,
	} {
		t.Run(args, func(t *testing.T) {
			_, err := planOf(t, args)
			assert.ErrorContains(t, err, want)
			if err != nil {
				assert.NotContains(t, err.Error(), "secret")
			}
		})
	}
}
