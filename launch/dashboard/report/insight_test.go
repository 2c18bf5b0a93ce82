package report

import (
	"math"
	"testing"

	"adtoorder/launch/dashboard/query"

	"github.com/stretchr/testify/assert"
)

func say(e query.Extract, t *testing.T, query string) map[string][]string {
	all := map[string][]string{}
	for _, i := range New(e, parse(t, query), now).Insights {
		all[i.Kind] = append(all[i.Kind], i.Text)
	}
	return all
}

func entry(date, outcome, reason string, records int64) query.Entry {
	return query.Entry{Date: date, Stream: "clicks", Outcome: outcome, Reason: reason, Records: records}
}

func TestOrdersWithoutClicksAndOver(t *testing.T) {
	e := query.Extract{Days: []query.Day{day("2026-11-01", "a", 0, 4), day("2026-11-01", "b", 0, 3),
		day("2026-11-01", "c", 0, 2), day("2026-11-01", "d", 0, 1), day("2026-11-01", "o", 2, 3)}}
	got := say(e, t, "")
	assert.Equal(t, []string{"“a”, “b”, “c” and 1 more have orders and no clicks: they have no ratio."},
		got["no_clicks"])
	assert.Equal(t, []string{"“o” has more orders than clicks."}, got["over"])
	assert.Equal(t, []string{"“a” has orders and no clicks: it has no ratio."}, say(e, t, "promotion=a")["no_clicks"])
	assert.Equal(t, []string{"“a” and “b” have orders and no clicks: they have no ratio."},
		say(e, t, "promotion=a&promotion=b")["no_clicks"])
}

func TestRecords(t *testing.T) {
	e := query.Extract{Days: []query.Day{{Date: "2026-11-01", Promotion: "P",
		Counters: query.Counters{Clicks: 2000, Orders: 10, RevenueMicros: 3_000_005_000, LateClicks: 20}}},
		Entries: []query.Entry{entry("1970-01-01", "read", "", 10_000), entry("2026-11-01", "counted", "", 9_000),
			entry("2026-11-01", "duplicate", "", 500),
			entry("2026-11-01", "malformed", "no_event", 300), entry("2026-11-01", "malformed", "wrong_type",
				199), entry("2026-11-01", "too_late", "", 1)}}
	got := say(e, t, "")
	assert.Equal(t, []string{"Of all clicks that were read, 5.00 % were duplicates, 4.99 % malformed and 0.01 % too " +
		"late to count; 1.00 % of the clicks shown came late and were counted."}, got["records"])
}

func TestLedgerSheets(t *testing.T) {
	entries := []query.Entry{entry("1970-01-01", "read", "", 10), entry("2026-11-01", "counted", "", 4),
		entry("2026-11-02", "counted", "", 3), entry("2026-11-01", "malformed", "no_event", 2)}
	s := sheets(entries, Freshness{})[0]
	assert.Equal(t, Sheet{Stream: "clicks", Read: 10, Difference: 1, State: Unbalanced,
		Lines: []Line{{"counted", "", 7, 70}, {"malformed", "no_event", 2, 20}}}, s)
	assert.Equal(t, Moving, sheets(entries, Freshness{Coming: true})[0].State)
	entries[0].Records = 9
	assert.Equal(t, Balanced, sheets(entries, Freshness{})[0].State)
	entries[0].Records = 8
	assert.EqualValues(t, -1, sheets(entries, Freshness{})[0].Difference)
}

func TestFormats(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "−1,234,567",
		math.MaxInt64: "9,223,372,036,854,775,807"} {
		t.Run(want, func(t *testing.T) {
			assert.Equal(t, want, Thousands(n))
		})
	}
	for micros, want := range map[int64]string{0: "0.00", 4_999: "0.00", 5_000: "0.01", 999_995_000: "1,000.00",
		12_345_670_000: "12,345.67"} {
		t.Run(want, func(t *testing.T) {
			assert.Equal(t, want, Money(micros))
		})
	}
	assert.Equal(t, "under 0.01 %", Share(1, 1_000_000))
	assert.Equal(t, "0.00 %", Share(0, 1_000_000))
}
