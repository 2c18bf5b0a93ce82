package report

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"adtoorder/launch/dashboard/query"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRanges(t *testing.T) {
	for query, want := range map[string][2]string{
		"":                 {"2026-11-19", "2026-11-25"},
		"range=7":          {"2026-11-19", "2026-11-25"},
		"range=newest":     {"2026-11-25", "2026-11-25"},
		"range=before":     {"2026-11-24", "2026-11-24"},
		"range=28":         {"2026-10-29", "2026-11-25"},
		"range=90":         {"2026-08-28", "2026-11-25"},
		"range=month":      {"2026-11-01", "2026-11-25"},
		"range=last_month": {"2026-10-01", "2026-10-31"},
		"range=all":        {"2025-02-03", "2026-11-25"},
		"from=2026-11-02":  {"2026-11-02", "2026-11-25"},
		"to=2026-11-02":    {"2025-02-03", "2026-11-02"},
	} {
		t.Run(query, func(t *testing.T) {
			from, to := parse(t, query).dates("2025-02-03", "2026-11-25")
			assert.Equal(t, want, [2]string{from, to})
		})
	}
}

// The page opens on the bulk of the data, whatever a wrong clock has sent.
func TestOutliersDoNotMoveTheRange(t *testing.T) {
	e := query.Extract{Window: time.Minute, Days: []query.Day{day("1970-01-01", "P", 1, 0)}}
	for n := range 20 {
		e.Days = append(e.Days, day(time.Date(2026, 11, 1+n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), "P", 100, 10))
	}
	e.Days = append(e.Days, day("2099-01-01", "P", 1, 0), day("9999-12-31", "P", 2, 1))
	e.Newest = time.Date(9999, 12, 31, 23, 59, 0, 0, time.UTC)
	r := New(e, parse(t, ""), now)
	assert.Equal(t, "2026-11-01", r.First)
	assert.Equal(t, "2026-11-20", r.Newest)
	assert.Equal(t, "2026-11-14", r.From)
	assert.Equal(t, "2026-11-20", r.To)
	assert.Equal(t, []Outliers{{"1970-01-01", "1970-01-01", query.Counters{Clicks: 1}},
		{"2099-01-01", "9999-12-31", query.Counters{Clicks: 3, Orders: 1}}}, r.Outliers)
	for _, q := range []string{"", "range=all", "from=2099-01-01", "from=9999-12-31&over=day"} {
		f := parse(t, q)
		r := New(e, f, now)
		timeline := Plan(r, f, e.Window).Fill(nil, e.Days, r.Freshness)
		for _, value := range []any{r, timeline} {
			_, err := json.Marshal(value)
			require.NoError(t, err, q)
		}
	}
	e.Days[len(e.Days)-1].Clicks = 200
	r = New(e, parse(t, ""), now)
	assert.Equal(t, "2026-11-20", r.Newest, "more of it where it is still to come")
	e.Days[len(e.Days)-1].Clicks = 1000
	r = New(e, parse(t, ""), now)
	assert.Equal(t, "9999-12-31", r.Newest, "what much of the data is on is no outlier")
	e.Days = e.Days[1:21]
	assert.Empty(t, New(e, parse(t, ""), now).Outliers)
}

func TestTheRangeIsComparedWithTheDaysBefore(t *testing.T) {
	var e query.Extract
	for n := range 40 {
		at := time.Date(2026, 11, 25-n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		e.Days = append([]query.Day{day(at, "P", 100, int64(10-n/10))}, e.Days...)
	}
	e.Days = append([]query.Day{day("2025-11-20", "P", 50, 10)}, e.Days...)
	e.Window, e.Newest = time.Minute, now.Add(-time.Minute) // of 25 November, half is there
	c := New(e, parse(t, ""), now).Comparison
	require.NotNil(t, c)
	assert.Equal(t, []string{"2026-11-19", "2026-11-24", "2026-11-13", "2026-11-18"}, []string{c.From, c.To, c.First,
		c.Last})
	assert.EqualValues(t, 600, c.Now.Clicks, "full days alone")
	assert.EqualValues(t, 600, c.Then.Clicks)
	c = New(e, parse(t, "compare=year"), now).Comparison
	require.NotNil(t, c)
	assert.Equal(t, []string{"2025-11-19", "2025-11-24"}, []string{c.First, c.Last})
	assert.EqualValues(t, 50, c.Then.Clicks)
	assert.Nil(t, New(e, parse(t, "range=newest"), now).Comparison, "the day so far is compared with none")
	assert.Nil(t, New(e, parse(t, "range=all"), now).Comparison, "nothing is there before")
}

func TestAdvice(t *testing.T) {
	var e query.Extract
	for n := range 14 {
		date := time.Date(2026, 11, 11+n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		orders := map[string]int64{"bad": 10, "good": 90, "hold": 50, "like": 50, "broken": 50, "falls": 65, "worn": 52}
		if n == 13 {
			orders["broken"] = 2
		}
		if n >= 7 {
			orders["falls"] = 50
		}
		for _, name := range []string{"bad", "broken", "falls", "good", "hold", "like", "worn"} {
			e.Days = append(e.Days, day(date, name, 1000, orders[name]))
		}
		e.Days = append(e.Days, day(date, "small", 1, 1), day(date, "over", 10, 20))
	}
	r := New(e, parse(t, "sort=advice"), now)
	got := map[string]string{}
	for _, p := range r.Promotions {
		got[p.Name] = p.Advice
	}
	assert.Equal(t, map[string]string{"bad": Stop, "good": Scale, "hold": Hold, "like": Hold, "broken": Watch,
		"falls": Watch, "worn": Hold, "small": TooFew, "over": TooFew}, got)
	assert.Equal(t, "bad", r.Promotions[0].Name, "what asks for most comes first")
	assert.Equal(t, []string{"over", "small"}, names(r)[7:])
	falls := r.Promotions[slices.Index(names(r), "falls")]
	assert.InDelta(t, 100*(50.0/65-1), *falls.Change, 1e-9)
	assert.True(t, falls.Beyond)
}

func TestSortingByEachColumn(t *testing.T) {
	e := query.Extract{Days: []query.Day{
		{Date: "2026-11-01", Promotion: "a", Counters: query.Counters{Clicks: 100, Orders: 10, RevenueMicros: 5e6}},
		{Date: "2026-11-01", Promotion: "b", Counters: query.Counters{Clicks: 200, Orders: 10, RevenueMicros: 8e6}},
		{Date: "2026-11-01", Promotion: "c", Counters: query.Counters{Clicks: 50}},
		{Date: "2026-11-01", Promotion: "d", Counters: query.Counters{Orders: 40, RevenueMicros: 1e6}}}}
	for query, want := range map[string][]string{
		"sort=name":           {"a", "b", "c", "d"},
		"sort=name&up=1":      {"d", "c", "b", "a"},
		"sort=orders":         {"d", "b", "a", "c"},
		"sort=revenue":        {"b", "a", "d", "c"},
		"sort=revenue&up=1":   {"c", "d", "a", "b"},
		"sort=per_click":      {"a", "b", "c", "d"},
		"sort=per_click&up=1": {"c", "b", "a", "d"},
		"sort=value":          {"b", "a", "d", "c"},
		"sort=clicks&up=1":    {"d", "c", "a", "b"},
		"sort=change":         {"b", "a", "c", "d"},
	} {
		t.Run(query, func(t *testing.T) {
			assert.Equal(t, want, names(New(e, parse(t, query), now)))
		})
	}
}
