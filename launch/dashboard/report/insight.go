package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"adtoorder/launch/dashboard/query"
	"adtoorder/transforms/ledger"
)

// Insight is a sentence that the numbers justify.
type Insight struct {
	Kind string `json:"kind"` // total, best, change, no_clicks, over, revenue or records
	Text string `json:"text"`
}

// insights says what stands out.
func insights(days []query.Day, r Report, minClicks int64) (all []Insight) {
	if len(r.Promotions) == 0 {
		return nil
	}
	say := func(kind, text string) {
		if text != "" {
			all = append(all, Insight{kind, text})
		}
	}
	say("total", total(r))
	say("best", bestAndWorst(r.Promotions, minClicks))
	say("change", largestChange(days, r, minClicks))
	say("no_clicks", withoutClicks(r.Promotions))
	say("over", overHundred(r.Promotions))
	say("revenue", revenue(r.Total))
	for _, s := range r.Ledger {
		say("records", records(s, r.Total))
	}
	return all
}

// total adds up all promotions, as the views' rows do: an order that carries two
// of them counts for each.
func total(r Report) string {
	text := fmt.Sprintf("%s promotions have %s clicks and %s orders", Thousands(int64(len(r.Promotions))),
		Thousands(r.Total.Clicks), Thousands(r.Total.Orders))
	if r.Total.Ratio != nil {
		text += fmt.Sprintf(", %s", Percent(r.Total.Ratio))
	}
	return text + "; an order counts once for each of its promotions."
}

// bestAndWorst compares the ends of those with enough clicks, and says whether
// their intervals overlap: if so, the order may be chance.
func bestAndWorst(all []Promotion, minClicks int64) string {
	all = slices.DeleteFunc(slices.Clone(all), func(p Promotion) bool { return p.Few(minClicks) || p.Low == nil })
	if len(all) < 2 {
		return ""
	}
	byRatio := func(a, b Promotion) int { return Filter{Sort: ByRatio}.compare(b, a) } // smallest first
	worst, best := slices.MinFunc(all, byRatio), slices.MaxFunc(all, byRatio)
	text := fmt.Sprintf("Best of those with at least %s clicks: %s with %s (%s); worst: %s with %s (%s). ",
		Thousands(minClicks),
		quoted(best.Name), Percent(best.Ratio), bounds(best.Numbers),
		quoted(worst.Name), Percent(worst.Ratio), bounds(worst.Numbers))
	if *worst.High < *best.Low {
		return text + "Their 95 % intervals do not overlap."
	}
	return text + "Their 95 % intervals overlap: the order may be chance."
}

func bounds(n Numbers) string { return Percent(n.Low) + " to " + Percent(n.High) }

// quoted makes a name recognizable in a sentence.
func quoted(name string) string {
	const most = 60
	if runes := []rune(name); len(runes) > most {
		name = string(runes[:most]) + "…"
	}
	return "“" + name + "”"
}

// level is the probability of a change by chance below which it counts as more.
const level = 0.05

// largestChange compares the last two dates of each promotion by a two-proportion
// z-test with pooled variance. The largest of many is large by chance alone, so
// the probability is multiplied by their number (Bonferroni).
func largestChange(days []query.Day, r Report, minClicks int64) string {
	before, last := lastTwo(days)
	if before == nil {
		return ""
	}
	var largest struct {
		name        string
		from, to, p float64
	}
	compared := 0
	for name, b := range last {
		a, ok := before[name]
		if !ok || a.Few(minClicks) || b.Few(minClicks) || a.Low == nil || b.Low == nil {
			continue
		}
		compared++
		change, most := math.Abs(*b.Ratio-*a.Ratio), math.Abs(largest.to-largest.from)
		if compared == 1 || change > most || change == most && name < largest.name {
			largest.name, largest.from, largest.to, largest.p = name, *a.Ratio, *b.Ratio, chance(a.Counters, b.Counters)
		}
	}
	if compared == 0 {
		return ""
	}
	p := min(1, largest.p*float64(compared))
	text := fmt.Sprintf("Largest change from %s to %s: %s from %s to %s. ", days[0].Date, days[len(days)-1].Date,
		quoted(largest.name), Percent(&largest.from), Percent(&largest.to))
	switch {
	case math.IsNaN(largest.p):
		return text + "There are too few orders to tell it from chance."
	case p < level:
		return text + fmt.Sprintf("That is beyond chance (p %s, for the largest of %d).", probability(p), compared)
	}
	return text + fmt.Sprintf("That may be chance (p %s, for the largest of %d).", probability(p), compared)
}

func probability(p float64) string {
	if p < 0.001 {
		return "below 0.001"
	}
	return fmt.Sprintf("= %.3f", p)
}

// chance is the probability that two ratios differ as they do, or more, if they
// are of the same kind: NaN where fewer than five orders or five clicks without
// one are expected on either side, for which the normal approximation is poor.
func chance(a, b query.Counters) float64 {
	n, m := float64(a.Clicks), float64(b.Clicks)
	p := float64(a.Orders+b.Orders) / (n + m)
	if least := min(n, m) * min(p, 1-p); least < 5 {
		return math.NaN()
	}
	z := (float64(a.Orders)/n - float64(b.Orders)/m) / math.Sqrt(p*(1-p)*(1/n+1/m))
	return math.Erfc(math.Abs(z) / math.Sqrt2)
}

// lastTwo returns the promotions of the last two dates; nil where there is one
// date alone. Days are of these two at most.
func lastTwo(days []query.Day) (before, last map[string]Numbers) {
	if len(days) == 0 || days[0].Date == days[len(days)-1].Date {
		return nil, nil
	}
	before, last = map[string]Numbers{}, map[string]Numbers{}
	for _, d := range days {
		if d.Date == days[len(days)-1].Date {
			last[d.Promotion] = numbers(d.Counters)
		} else {
			before[d.Promotion] = numbers(d.Counters)
		}
	}
	return before, last
}

// onDates returns the days of the last two dates that the filter lets through.
func (f Filter) onDates(days []query.Day) (two []query.Day) {
	if len(days) == 0 {
		return nil
	}
	last := days[len(days)-1].Date
	first := last
	for i := len(days) - 1; i >= 0 && first == last; i-- {
		first = days[i].Date
	}
	for _, d := range between(days, first, last) {
		if f.lets(d.Promotion) {
			two = append(two, d)
		}
	}
	return two
}

// withoutClicks names promotions with orders but no clicks.
func withoutClicks(all []Promotion) string {
	return named(all, Promotion.NoClicks, "has orders and no clicks: it has no ratio",
		"have orders and no clicks: they have no ratio")
}

// overHundred names promotions with more orders than clicks.
func overHundred(all []Promotion) string {
	return named(all, func(p Promotion) bool { return p.Over() }, "has more orders than clicks",
		"have more orders than clicks")
}

// namedAtMost is how many promotions a sentence names.
const namedAtMost = 3

func named(all []Promotion, is func(Promotion) bool, one, many string) string {
	var names []string
	n := 0
	for _, p := range all {
		if is(p) {
			if n++; n <= namedAtMost {
				names = append(names, quoted(p.Name))
			}
		}
	}
	switch {
	case n == 0:
		return ""
	case n == 1:
		return names[0] + " " + one + "."
	case n > namedAtMost:
		return fmt.Sprintf("%s and %s more %s.", strings.Join(names, ", "), Thousands(int64(n-namedAtMost)), many)
	}
	return fmt.Sprintf("%s and %s %s.", strings.Join(names[:n-1], ", "), names[n-1], many)
}

func revenue(n Numbers) string {
	if n.Clicks == 0 || n.RevenueMicros == 0 {
		return ""
	}
	per := float64(n.RevenueMicros) / float64(n.Clicks) * 1000
	return fmt.Sprintf("A thousand clicks bring a revenue of %s.", Money(int64(min(per, math.MaxInt64/2))))
}

// records tells of a stream's faults, as shares of what was read.
func records(s Sheet, n Numbers) string {
	if s.Read == 0 {
		return ""
	}
	late, of := n.LateClicks, n.Clicks
	if s.Stream == ledger.Orders {
		late, of = n.LateOrders, n.Orders
	}
	share := func(outcome string) string { return Share(s.Records(outcome), s.Read) }
	text := fmt.Sprintf("Of all %s that were read, %s were duplicates, %s malformed and %s too late to count", s.Stream,
		share(ledger.Duplicate), share(ledger.Malformed), share(ledger.TooLate))
	if of > 0 {
		text += fmt.Sprintf("; %s of the %s shown came late and were counted", Share(late, of), s.Stream)
	}
	return text + "."
}
