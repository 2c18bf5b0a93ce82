package report

import (
	"fmt"
	"strings"

	"adtoorder/launch/dashboard/query"
	"adtoorder/transforms/ledger"
)

// Insight is a sentence that the numbers justify.
type Insight struct {
	Kind string `json:"kind"` // standing, change, today, no_clicks, over or records
	Text string `json:"text"`
}

// insights says what stands out of the days of a range.
func insights(days []query.Day, r Report, minClicks int64) (all []Insight) {
	if len(r.Promotions) == 0 {
		return nil
	}
	say := func(kind, text string) {
		if text != "" {
			all = append(all, Insight{kind, text})
		}
	}
	say("standing", standing(r, minClicks))
	say("change", changes(r))
	say("today", soFar(days, r))
	say("no_clicks", withoutClicks(r.Promotions))
	say("over", overHundred(r.Promotions))
	for _, s := range r.Ledger {
		say("records", records(s, r.Total))
	}
	return all
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
		return strings.Join(names, ", ") + more(n) + " " + many + "."
	}
	return fmt.Sprintf("%s and %s %s.", strings.Join(names[:n-1], ", "), names[n-1], many)
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
