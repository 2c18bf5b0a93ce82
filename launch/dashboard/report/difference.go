package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"adtoorder/launch/dashboard/query"
)

// standing says which of the promotions shown differ from all others of the range.
func standing(r Report, minClicks int64) string {
	shown := slices.DeleteFunc(slices.Clone(r.Promotions), func(p Promotion) bool { return p.Chance == nil })
	slices.SortFunc(shown, Filter{Sort: ByRatio}.compare)
	switch {
	case len(shown) == 0:
		return ""
	case r.Compared == 2 && len(shown) == 2:
		return two(shown[0], shown[1])
	}
	var better, worse []Promotion
	for _, p := range shown {
		switch p.Verdict {
		case Better:
			better = append(better, p)
		case Worse:
			worse = append([]Promotion{p}, worse...)
		}
	}
	compared := fmt.Sprintf("%s with at least %s clicks compared", Thousands(int64(r.Compared)), Thousands(minClicks))
	var parts []string
	if len(better) > 0 {
		parts = append(parts, "Better than the others, beyond chance: "+ratios(better))
	}
	if len(worse) > 0 {
		parts = append(parts, "Worse than the others, beyond chance: "+ratios(worse))
	}
	switch {
	case len(parts) > 0:
		return strings.Join(parts, ". ") + " (" + compared + "; 1 in 20 of those called so may be chance)."
	case len(shown) < r.Compared:
		return "What is shown differs from the others no more than by chance (" + compared + ")."
	}
	return "No promotion differs from the others by more than chance (" + compared + ")."
}

// two says whether the better of two differs from the other.
func two(better, other Promotion) string {
	text := fmt.Sprintf("%s has %s (%s), %s has %s (%s): ", quoted(better.Name), Percent(better.Ratio),
		bounds(better.Numbers), quoted(other.Name), Percent(other.Ratio), bounds(other.Numbers))
	if better.Verdict == "" {
		return text + "the difference may be chance (p " + probability(*better.Chance) + ")."
	}
	return text + "the difference is beyond chance (p " + probability(*better.Chance) + ")."
}

// ratios names some promotions with theirs.
func ratios(some []Promotion) string {
	var names []string
	for _, p := range some[:min(namedAtMost, len(some))] {
		names = append(names, fmt.Sprintf("%s with %s (%s)", quoted(p.Name), Percent(p.Ratio), bounds(p.Numbers)))
	}
	return strings.Join(names, ", ") + more(len(some))
}

// more says how many more there are than a sentence names.
func more(n int) string {
	if n <= namedAtMost {
		return ""
	}
	return fmt.Sprintf(" and %s more", Thousands(int64(n-namedAtMost)))
}

func probability(p float64) string {
	if p < 0.001 {
		return "below 0.001"
	}
	return fmt.Sprintf("= %.3f", p)
}

// changes says whose ratio was another on the last full date than on the days of the range
// before it, beyond chance, of all promotions of the range; it names those that are shown.
func changes(r Report) string {
	d := r.lastDay
	if d.compared == 0 {
		return ""
	}
	shown := r.shown()
	var changed []string
	for _, c := range d.beyond {
		if shown[c.name] {
			changed = append(changed, fmt.Sprintf("%s with %s after %s (p %s)", quoted(c.name), Percent(c.after.Ratio),
				Percent(c.before.Ratio), probability(c.chance)))
		}
	}
	text := fmt.Sprintf("On %s against %s", d.date, d.first)
	if d.last != d.first {
		text += " to " + d.last
	}
	compared := Thousands(int64(d.compared)) + " compared"
	if len(changed) == 0 {
		return text + ", no ratio shown differs by more than chance (" + compared + ")."
	}
	return text + ", beyond chance: " + strings.Join(changed[:min(namedAtMost, len(changed))], ", ") +
		more(len(changed)) + " (" + compared + "; 1 in 20 of those called so may be chance)."
}

// shown returns the names of the promotions that the filter lets through.
func (r Report) shown() map[string]bool {
	names := map[string]bool{}
	for _, p := range r.Promotions {
		names[p.Name] = true
	}
	return names
}

// soFar tells of the newest date where it is not over: its orders are still to come.
func soFar(days []query.Day, r Report) string {
	if len(days) == 0 || r.Freshness.Full(days[len(days)-1].Date) {
		return ""
	}
	date, shown := days[len(days)-1].Date, r.shown()
	var sum query.Counters
	for _, d := range between(days, date, date) {
		if shown[d.Promotion] {
			sum = add(sum, d.Counters)
		}
	}
	n := numbers(sum)
	text := fmt.Sprintf("%s so far: %s clicks and %s orders", date, Thousands(n.Clicks), Thousands(n.Orders))
	if n.Ratio != nil {
		text += ", " + Percent(n.Ratio)
	}
	return text + "; a part of a day is not compared with whole ones."
}

// Full reports whether a date is over: the watermark is past it, or finished input
// reaches its last hour.
func (f Freshness) Full(date string) bool {
	start, err := time.Parse(time.DateOnly, date)
	end := start.AddDate(0, 0, 1)
	switch {
	case err != nil || f.NewestEnd == nil:
		return true
	case f.Live():
		return f.Past(end)
	}
	return !f.NewestEnd.Before(end.Add(-time.Hour))
}
