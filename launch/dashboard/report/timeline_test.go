package report

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"adtoorder/launch/dashboard/query"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// filled is a warehouse of so many dates up to now, with seven promotions.
func filled(dates int, window time.Duration) query.Extract {
	e := query.Extract{Window: window, Newest: now.Add(-window)}
	for n := dates - 1; n >= 0; n-- {
		for p := range 7 {
			e.Days = append(e.Days, day(now.AddDate(0, 0, -n).Format(time.DateOnly), fmt.Sprint("P", p),
				int64(100-p), 1))
		}
	}
	return e
}

func TestPlan(t *testing.T) {
	for name, test := range map[string]struct {
		dates       int
		window      time.Duration
		query       string
		from, to    time.Time
		step        time.Duration
		promotions  int
		fromExtract bool
	}{
		"a day of minutes": {1, time.Minute, "", now.Truncate(24 * time.Hour), now, 10 * time.Minute, 5, false},
		"the last hour":    {1, time.Minute, "over=hour", now.Add(-time.Hour), now, time.Minute, 5, false},
		"an hour of 10 s":  {1, 10 * time.Second, "over=hour", now.Add(-time.Hour), now, 30 * time.Second, 5, false},
		"windows of 7 min": {1, 7 * time.Minute, "over=hour", now.Add(-time.Hour).Truncate(7 * time.Minute), now,
			24 * time.Hour, 5, true},
		"a week of minutes": {7, time.Minute, "", now.Truncate(24*time.Hour).AddDate(0, 0, -6), now, 2 * time.Hour,
			5, false},
		"a month of minutes": {30, time.Minute, "from=2020-01-01&to=2026-11-25", date("2026-10-27"), now,
			24 * time.Hour, 5, true},
		"a week of 10 s, 7 chosen": {7, 10 * time.Second,
			"promotion=P0&promotion=P1&promotion=P2&promotion=P3&promotion=P4&promotion=P5&promotion=P6", date("2026-11-19"), now, 24 * time.Hour, 7, true},
		"windows of a day": {7, 24 * time.Hour, "", date("2026-11-19"), now, 24 * time.Hour, 5, true},
		"a range before the newest": {7, time.Minute, "from=2026-11-20&to=2026-11-20", date("2026-11-20"),
			date("2026-11-21"), 15 * time.Minute, 5, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := parse(t, test.query)
			got := Plan(New(filled(test.dates, test.window), f, now), f, test.window)
			if test.step == 24*time.Hour {
				test.from = test.from.Truncate(24 * time.Hour)
			}
			assert.Equal(t, test.from, got.From)
			assert.Equal(t, test.to, got.To)
			assert.Equal(t, Duration(test.step), got.Step)
			assert.Len(t, got.query.Promotions, test.promotions)
			_, needed := got.Query()
			assert.Equal(t, test.fromExtract, !needed)
		})
	}
}

func TestTheNewestWindowsWhileDataComes(t *testing.T) {
	e := filled(1, 10*time.Second)
	e.Partitions = []query.Partition{{Watermark: now, UpdatedAt: now}}
	f := parse(t, "")
	got := Plan(New(e, f, now), f, e.Window)
	assert.Equal(t, now.Add(-10*time.Minute), got.From)
	assert.Equal(t, Duration(10*time.Second), got.Step)
}

func date(text string) time.Time {
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return at
}

func TestFillFromTheWarehouse(t *testing.T) {
	f := parse(t, "over=hour&promotion=P0&promotion=P1")
	e := filled(1, time.Minute)
	e.Partitions = []query.Partition{{Watermark: now.Add(-2 * time.Minute), UpdatedAt: now}}
	r := New(e, f, now)
	got := Plan(r, f, e.Window).Fill([]query.Step{
		{Promotion: "P0", At: now.Add(-3 * time.Minute), Counters: query.Counters{Clicks: 4, Orders: 1, LateOrders: 1}},
		{Promotion: "P0", At: now.Add(-2 * time.Minute), Counters: query.Counters{Clicks: 4}},
	}, e.Days, r.Freshness)
	require.Len(t, got.Lines, 2)
	require.Len(t, got.Lines[0].Steps, 2)
	first, second := got.Lines[0].Steps[0], got.Lines[0].Steps[1]
	assert.False(t, first.Provisional, "the watermark is at its end")
	assert.True(t, first.Restated)
	assert.InDelta(t, 25, *first.Ratio, 1e-9)
	assert.True(t, second.Provisional)
	assert.False(t, second.Restated)
	assert.Empty(t, got.Lines[1].Steps)
}

func TestFillFromDates(t *testing.T) {
	e := filled(30, time.Minute)
	f := parse(t, "from=2020-01-01")
	r := New(e, f, now)
	got := Plan(r, f, e.Window).Fill(nil, e.Days, r.Freshness)
	require.Len(t, got.Lines, 5)
	assert.Len(t, got.Lines[0].Steps, 30)
	assert.EqualValues(t, 100, got.Lines[0].Steps[29].Clicks)
}

func TestDurationsAreShort(t *testing.T) {
	for d, want := range map[time.Duration]string{10 * time.Second: `"10s"`, time.Minute: `"1m"`,
		24 * time.Hour: `"24h"`, 90 * time.Minute: `"1h30m"`, 100 * time.Second: `"1m40s"`} {
		t.Run(d.String(), func(t *testing.T) {
			text, err := json.Marshal(Duration(d))
			require.NoError(t, err)
			assert.Equal(t, want, string(text))
		})
	}
}
