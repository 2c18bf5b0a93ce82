package report

import (
	"time"

	"adtoorder/launch/dashboard/query"
)

// Ranges are the ranges that a link can name in place of dates, with what they are called.
// They move on with the newest date that has data.
var Ranges = []struct{ Name, Label string }{
	{"newest", "newest day"}, {"before", "day before"}, {"", "7 days"}, {"28", "28 days"}, {"90", "90 days"},
	{"month", "this month"}, {"last_month", "last month"}, {"all", "all"},
}

// lastDays are the ranges that end with the newest date, by how many days they have.
var lastDays = map[string]int{"newest": 1, "": 7, "28": 28, "90": 90}

// dates resolves the filter's range, given the first and newest dates that have data.
func (f Filter) dates(first, newest string) (from, to string) {
	last, err := time.Parse(time.DateOnly, newest)
	if err != nil || f.From != "" || f.To != "" {
		return f.chosen(first, newest)
	}
	date := func(at time.Time) string { return at.Format(time.DateOnly) }
	month := last.AddDate(0, 0, 1-last.Day())
	switch f.Range {
	case "before":
		return date(last.AddDate(0, 0, -1)), date(last.AddDate(0, 0, -1))
	case "month":
		return date(month), newest
	case "last_month":
		return date(month.AddDate(0, -1, 0)), date(month.AddDate(0, 0, -1))
	case "all":
		return first, newest
	}
	return date(last.AddDate(0, 0, 1-lastDays[f.Range])), newest
}

// chosen are the dates that the filter names; where it leaves one out, the first or the
// newest that has data.
func (f Filter) chosen(first, newest string) (from, to string) {
	if from, to = f.From, f.To; to == "" {
		to = max(newest, from)
	}
	if from == "" {
		from = min(first, to)
	}
	return from, to
}

// What makes dates outliers: they lie this far from all others, and hold less than a share
// of all clicks and orders. Behind all others they must still be to come: a shop may have
// had a pause.
const (
	farDays     = 30
	fewShare    = 0.01 // before all others
	futureShare = 0.1
)

// Outliers are the dates that lie far beyond all others, with little on them: of a
// producer's wrong clock, say. A range that is not chosen by its dates leaves them out.
type Outliers struct {
	From string `json:"from"` // dates, both included
	To   string `json:"to"`
	query.Counters
}

// span returns the first and the newest date of the bulk of the data, and what lies
// before and behind it.
func span(days []query.Day, now time.Time) (first, newest string, beyond []Outliers) {
	if len(days) == 0 {
		return "", "", nil
	}
	var all int64
	for _, d := range days {
		all += d.Clicks + d.Orders
	}
	begin := farthest(days, all, now, false)
	end := len(days) - farthest(days, all, now, true)
	for _, out := range [][]query.Day{days[:begin], days[end:]} {
		if len(out) > 0 {
			o := Outliers{From: out[0].Date, To: out[len(out)-1].Date}
			for _, d := range out {
				o.Counters = add(o.Counters, d.Counters)
			}
			beyond = append(beyond, o)
		}
	}
	return days[begin].Date, days[end-1].Date, beyond
}

// farthest returns how many days are outliers, from the start or the end on.
func farthest(days []query.Day, all int64, now time.Time, fromEnd bool) (n int) {
	tomorrow := now.UTC().AddDate(0, 0, 1).Format(time.DateOnly)
	at, share := func(i int) query.Day { return days[i] }, fewShare
	if fromEnd {
		at, share = func(i int) query.Day { return days[len(days)-1-i] }, futureShare
	}
	var sum int64
	for i := range len(days) - 1 {
		d := at(i)
		sum += d.Clicks + d.Orders
		switch {
		case fromEnd && d.Date <= tomorrow, float64(sum) >= share*float64(all):
			return n
		case apart(d.Date, at(i+1).Date) > farDays:
			n = i + 1
		}
	}
	return n
}

// apart is how many days lie between two dates.
func apart(a, b string) int {
	from, _ := time.Parse(time.DateOnly, a)
	to, _ := time.Parse(time.DateOnly, b)
	return int(to.Sub(from).Abs().Hours() / 24)
}

// before returns the dates that a range of full days is compared with: as many right
// before them, or the same ones of the year before.
func (f Filter) before(from, to string) (first, last string) {
	start, err := time.Parse(time.DateOnly, from)
	end, err2 := time.Parse(time.DateOnly, to)
	if err != nil || err2 != nil {
		return "", ""
	}
	if f.Compare == Year {
		return start.AddDate(-1, 0, 0).Format(time.DateOnly), end.AddDate(-1, 0, 0).Format(time.DateOnly)
	}
	length := apart(from, to) + 1
	return start.AddDate(0, 0, -length).Format(time.DateOnly), start.AddDate(0, 0, -1).Format(time.DateOnly)
}

// full returns the last date of a range that is over; "" where none is.
func (r Report) full() string {
	end, err := time.Parse(time.DateOnly, r.To)
	for err == nil && end.Format(time.DateOnly) >= r.From {
		if date := end.Format(time.DateOnly); r.Freshness.Full(date) {
			return date
		}
		end = end.AddDate(0, 0, -1)
	}
	return ""
}

// previous is the date before another.
func previous(date string) string {
	at, _ := time.Parse(time.DateOnly, date)
	return at.AddDate(0, 0, -1).Format(time.DateOnly)
}
