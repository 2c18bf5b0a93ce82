package report

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"testing"
	"time"

	"adtoorder/launch/dashboard/query"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func day(date, promotion string, clicks, orders int64) query.Day {
	return query.Day{Date: date, Promotion: promotion, Counters: query.Counters{Clicks: clicks, Orders: orders}}
}

func parse(t *testing.T, query string) Filter {
	t.Helper()
	q, err := url.ParseQuery(query)
	require.NoError(t, err)
	f, err := ParseFilter(q)
	require.NoError(t, err)
	return f
}

func names(r Report) (all []string) {
	for _, p := range r.Promotions {
		all = append(all, p.Name)
	}
	return all
}

var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func TestTheUsualRangeHoldsTheNewestData(t *testing.T) {
	e := query.Extract{Days: []query.Day{day("2025-01-01", "old", 100, 0), day("2026-10-31", "P", 50, 5),
		day("2026-11-06", "P", 70, 7)}}
	r := New(e, parse(t, ""), now)
	assert.Equal(t, "2026-10-31", r.From)
	assert.Equal(t, "2026-11-06", r.To)
	assert.Equal(t, "2025-01-01", r.First)
	assert.Equal(t, "2026-11-06", r.Newest)
	assert.Equal(t, []string{"P"}, names(r))
	assert.EqualValues(t, 120, r.Promotions[0].Clicks)
	assert.Equal(t, []Period{{"2026-10-31", "2026-10-31", "31 Oct", false},
		{"2026-11-06", "2026-11-06", "6 Nov", false}}, r.Periods, "dates without data have no colour")
	assert.InDelta(t, 10, *r.Promotions[0].Ratio, 1e-12)
	r = New(e, parse(t, "from=2026-11-06"), now)
	assert.EqualValues(t, 70, r.Promotions[0].Clicks, "a range without an end holds the newest, too")
}

func TestAnEmptyWarehouse(t *testing.T) {
	r := New(query.Extract{}, parse(t, ""), now)
	assert.Empty(t, r.Promotions)
	assert.Empty(t, r.Insights)
	assert.Empty(t, r.First)
}

// Random days: what stands in the report is what plain addition gives.
func TestSumsOfRandomDays(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		var e query.Extract
		dates := 1 + random.IntN(100)
		total, perDate := map[string]query.Counters{}, map[string]query.Counters{}
		for n := range dates {
			date := time.Date(2026, 8, 1+n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
			for p := range 5 {
				if random.IntN(3) == 0 {
					continue
				}
				d := query.Day{Date: date, Promotion: fmt.Sprint("P", p),
					Counters: query.Counters{Clicks: random.Int64N(100), Orders: random.Int64N(10), Lines: 1, Units: 2,
						RevenueMicros: random.Int64N(1e9)}}
				e.Days = append(e.Days, d)
				total[d.Promotion], perDate[date+d.Promotion] = add(total[d.Promotion], d.Counters), d.Counters
			}
		}
		r := New(e, parse(t, "from=2026-08-01"), now)
		require.LessOrEqual(t, len(r.Periods), maxPeriods)
		require.Len(t, r.Promotions, len(total))
		for _, p := range r.Promotions {
			assert.Equal(t, total[p.Name], p.Counters)
			var sum query.Counters
			for i, n := range p.Periods {
				if n == nil {
					continue
				}
				var want query.Counters
				for at := r.Periods[i].From; at <= r.Periods[i].To; at = next(at) {
					want = add(want, perDate[at+p.Name])
				}
				assert.Equal(t, want, n.Counters)
				sum = add(sum, n.Counters)
			}
			assert.Equal(t, p.Clicks, sum.Clicks, "no date is left out")
		}
	}
}

func next(date string) string {
	at, _ := time.Parse(time.DateOnly, date)
	return at.AddDate(0, 0, 1).Format(time.DateOnly)
}

func TestPeriodsOfManyDates(t *testing.T) {
	var e query.Extract
	for n := range 30 {
		e.Days = append(e.Days, day(time.Date(2026, 10, 20+n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), "P", 1, 0))
	}
	r := New(e, parse(t, "from=2026-10-20"), now)
	var labels []string
	for _, p := range r.Periods {
		labels = append(labels, p.Label)
	}
	assert.Equal(t, []string{"20–24 Oct", "25–29 Oct", "30 Oct – 3 Nov", "4–8 Nov", "9–13 Nov", "14–18 Nov"}, labels)
}

func TestSorting(t *testing.T) {
	e := query.Extract{Days: []query.Day{
		day("2026-11-01", "few", 10, 9), day("2026-11-01", "good", 100, 50), day("2026-11-01", "large", 1000,
			100), day("2026-11-01", "none", 0, 7), day("2026-11-01", "over", 40, 60)}}
	assert.Equal(t, []string{"good", "large", "few", "over", "none"}, names(New(e, parse(t, ""), now)),
		"those with few clicks, more orders than clicks or no clicks behind the others")
	assert.Equal(t, []string{"large", "good", "over", "few", "none"}, names(New(e, parse(t, "sort=clicks"), now)))
	assert.Equal(t, []string{"few", "good", "large", "over", "none"}, names(New(e, parse(t, "min_clicks=10"), now)))
}

func TestFilterByPromotion(t *testing.T) {
	e := query.Extract{Days: []query.Day{day("2026-11-01", "Alpha", 100, 1), day("2026-11-01", "Beta", 100, 2),
		day("2026-11-01", "alphabet", 100, 3)}}
	assert.Equal(t, []string{"alphabet", "Alpha"}, names(New(e, parse(t, "search=ALPHA"), now)))
	assert.Equal(t, []string{"Beta", "Alpha"}, names(New(e, parse(t, "promotion=Beta&promotion=Alpha"), now)))
	assert.Empty(t, New(e, parse(t, "promotion=Gamma"), now).Promotions)
}

func TestStates(t *testing.T) {
	none, over, even := numbers(query.Counters{Orders: 3}), numbers(query.Counters{Clicks: 4,
		Orders: 5}), numbers(query.Counters{Clicks: 5, Orders: 5})
	assert.True(t, none.NoClicks())
	assert.Nil(t, none.Ratio, "never 0 % and never infinity")
	assert.False(t, none.Over())
	assert.True(t, over.Over())
	assert.InDelta(t, 125, *over.Ratio, 1e-9)
	assert.Nil(t, over.Low)
	assert.False(t, even.Over())
}

func TestFilterLinks(t *testing.T) {
	for query, want := range map[string]string{
		"":                                    "",
		"sort=ratio&min_clicks=30":            "",
		"from=2026-11-01&to=2026-11-03&log=1": "from=2026-11-01&log=1&to=2026-11-03",
		"promotion=b&promotion=a&promotion=b": "promotion=a&promotion=b",
		"over=day&search=x%26y":               "over=day&search=x%26y",
	} {
		t.Run(query, func(t *testing.T) {
			assert.Equal(t, want, parse(t, query).Query().Encode())
		})
	}
	for query, want := range map[string]string{
		"from=yesterday":                "must be a date such as",
		"to=2026-13-01":                 "must be a date such as",
		"from=2026-11-02&to=2026-11-01": "is after",
		"sort=size":                     "want advice, change, clicks, name, orders,",
		"min_clicks=-1":                 "must be a whole number",
		"min_clicks=many":               "must be a whole number",
		"over=week":                     "want hour, day or range",
		"range=year":                    "want newest, before, 28",
		"compare=day":                   "want year",
		"page=0":                        "must be a whole number, 1 or more",
	} {
		t.Run(query, func(t *testing.T) {
			q, err := url.ParseQuery(query)
			require.NoError(t, err)
			_, err = ParseFilter(q)
			assert.ErrorContains(t, err, want)
		})
	}
	_, err := ParseFilter(url.Values{"promotion": make([]string, 0), "search": {string(make([]byte, 2000))}})
	assert.ErrorContains(t, err, "too long")
}

func TestFreshness(t *testing.T) {
	at := func(minutes int) time.Time { return now.Add(time.Duration(minutes) * time.Minute) }
	e := query.Extract{Newest: at(-2), Window: time.Minute, Written: at(-1)}
	f := fresh(e, "", now)
	assert.False(t, f.Live(), "finished input")
	assert.True(t, f.Past(at(100)))
	e.Partitions = []query.Partition{{Watermark: at(-3), UpdatedAt: now},
		{Watermark: at(-4), UpdatedAt: now.Add(-time.Second)}, {Watermark: at(-60), UpdatedAt: at(-50)}}
	f = fresh(e, "", now)
	require.True(t, f.Live())
	assert.Equal(t, at(-4), *f.Watermark, "the oldest of those that are read; one is no longer")
	assert.True(t, f.Coming)
	assert.True(t, f.Past(at(-4)))
	assert.False(t, f.Past(at(-3)))
	assert.False(t, fresh(e, "", at(5)).Coming, "the run has ended")
	r := New(query.Extract{Days: []query.Day{day("2026-11-25", "P", 1, 1)}, Partitions: e.Partitions},
		parse(t, ""), now)
	assert.Equal(t, "25 Nov so far", r.Periods[0].Label)
}
