package report

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"adtoorder/io/table"
	"adtoorder/launch/dashboard/query"
)

// Timeline is what became of some promotions step by step.
type Timeline struct {
	From  time.Time `json:"from"` // included
	To    time.Time `json:"to"`   // not included
	Step  Duration  `json:"step"`
	Lines []Course  `json:"promotions"`
	query query.StepQuery
	days  bool // the steps are dates, which the extract has
}

// MarshalJSON implements json.Marshaler.
func (t Timeline) MarshalJSON() ([]byte, error) {
	type plain Timeline
	return json.Marshal(struct {
		plain
		To table.Time `json:"to"`
	}{plain(t), endOf(t.To)})
}

// Duration is a time.Duration that JSON has as text, such as "1m0s".
type Duration time.Duration

// String writes it without zeros at its end: 1h rather than 1h0m0s.
func (d Duration) String() string {
	text := time.Duration(d).String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	return text
}

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// Course is one promotion's.
type Course struct {
	Name  string `json:"promotion"`
	Steps []Step `json:"steps"`
}

// Step is a stretch of time that has clicks or orders.
type Step struct {
	At time.Time `json:"at"`
	Numbers
	Provisional bool `json:"provisional"` // the watermark is not past its end
	Restated    bool `json:"restated"`    // late records have corrected it
}

const (
	// usualLines is how many promotions are drawn unless some are named.
	usualLines = 5
	// maxLines is how many are at most.
	maxLines = 8
	// maxSteps is how many steps a line has at most.
	maxSteps = 120
	// maxLookups is how many rows a timeline is made from at most; where there are
	// more, it is made from dates.
	maxLookups = 100_000
)

// nice are steps that people read well; all of a day divide it.
var nice = []time.Duration{time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute,
	5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour}

// Plan chooses promotions, stretch and step of a timeline.
func Plan(r Report, f Filter, window time.Duration) (t Timeline) {
	if r.Freshness.NewestEnd == nil || len(r.Promotions) == 0 || window <= 0 {
		return t
	}
	shown := slices.SortedFunc(slices.Values(r.Promotions), Filter{Sort: ByClicks}.compare)
	most := usualLines
	if len(f.Promotions) > 0 {
		most = maxLines
	}
	for _, p := range shown[:min(most, len(shown))] {
		t.query.Promotions = append(t.query.Promotions, p.Name)
	}
	t.From, t.To = stretch(r, f.Over, window)
	t.Step = Duration(max(24*time.Hour, window))
	for _, step := range nice {
		if step >= window && step%window == 0 && t.To.Sub(t.From) <= maxSteps*step {
			t.Step = Duration(step)
			break
		}
	}
	t.From = t.From.Truncate(window)
	t.days = t.Step >= Duration(24*time.Hour) || int(t.To.Sub(t.From)/window)*len(t.query.Promotions) > maxLookups
	if t.days {
		t.Step = Duration(24 * time.Hour)
		t.From = t.From.Truncate(24 * time.Hour)
	}
	t.query.From, t.query.Before, t.query.Window, t.query.Step = t.From, t.To, window, time.Duration(t.Step)
	return t
}

// usualWindows is how many windows are drawn while data comes.
const usualWindows = 60

// stretch is what a filter's Over means now.
func stretch(r Report, over string, window time.Duration) (from, to time.Time) {
	first, _ := time.Parse(time.DateOnly, r.Periods[0].From) // that has data
	last, _ := time.Parse(time.DateOnly, r.To)
	end := last.AddDate(0, 0, 1)
	if newest := *r.Freshness.NewestEnd; newest.Before(end) {
		end = newest
	}
	switch {
	case over == "" && r.Freshness.Coming:
		return end.Add(-usualWindows * window), end
	case over == Hour:
		return end.Add(-time.Hour), end
	case over == Day:
		return end.Add(-24 * time.Hour), end
	}
	return first, end
}

// Query is what the warehouse has to be asked for Fill; nothing where it need
// not be.
func (t Timeline) Query() (q query.StepQuery, needed bool) {
	return t.query, !t.days && len(t.query.Promotions) > 0
}

// Fill completes a planned timeline from what the warehouse has answered, or from
// the extract's dates.
func (t Timeline) Fill(steps []query.Step, days []query.Day, fresh Freshness) Timeline {
	if t.days {
		steps = nil
		for _, d := range between(days, t.From.Format(time.DateOnly), t.To.Add(-1).Format(time.DateOnly)) {
			if at, err := time.Parse(time.DateOnly, d.Date); err == nil &&
				slices.Contains(t.query.Promotions, d.Promotion) {
				steps = append(steps, query.Step{Promotion: d.Promotion, At: at, Counters: d.Counters})
			}
		}
	}
	for _, name := range t.query.Promotions {
		c := Course{Name: name}
		for _, s := range steps {
			if s.Promotion == name {
				c.Steps = append(c.Steps, Step{s.At, numbers(s.Counters), !fresh.Past(s.At.Add(time.Duration(t.Step))),
					s.LateClicks+s.LateOrders > 0})
			}
		}
		t.Lines = append(t.Lines, c)
	}
	return t
}
