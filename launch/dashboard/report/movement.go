package report

import (
	"maps"
	"slices"

	"adtoorder/launch/dashboard/compare"
	"adtoorder/launch/dashboard/query"
)

// Comparison is what a range's full days are compared with.
type Comparison struct {
	From  string  `json:"from"`  // the range's full days, both included
	To    string  `json:"to"`    //
	Now   Numbers `json:"now"`   // on them
	First string  `json:"first"` // the days that they are compared with, both included
	Last  string  `json:"last"`  //
	Then  Numbers `json:"then"`  // on those
}

// Movement is how a promotion has changed.
type Movement struct {
	// Change is by how many percent of itself the ratio has changed, over the full days of
	// the range, against the days before; nil where one of both has none.
	Change *float64 `json:"change"`
	Beyond bool     `json:"change_beyond_chance"`
	// Broke says that the ratio of the last full day is lower than on the range's days
	// before it, beyond chance.
	Broke bool `json:"broke"`
	// Advice is what the numbers suggest: Scale, Hold, Watch, Stop or TooFew.
	Advice string `json:"advice"`
}

// What the numbers of a promotion suggest.
const (
	Scale  = "scale"   // better than the others beyond chance
	Hold   = "hold"    // nothing beyond chance
	Watch  = "watch"   // its ratio fell beyond chance
	Stop   = "stop"    // worse than the others beyond chance
	TooFew = "too few" // clicks, or no share of them, to say anything
)

// move compares the range's full days with those before, and sets what it means for each
// promotion that is shown.
func (r *Report) move(f Filter, days []query.Day) {
	last := r.full()
	if last != "" {
		first, until := f.before(r.From, last)
		now, then := byPromotion(between(days, r.From, last)), byPromotion(between(days, first, until))
		if len(then) > 0 {
			r.Comparison = &Comparison{From: r.From, To: last, First: first, Last: until}
			r.Comparison.Now, r.Comparison.Then = r.sum(now), r.sum(then)
		}
		moved := byName(discovered(pairs(then, now, f.MinClicks)))
		for i := range r.Promotions {
			p := &r.Promotions[i]
			a, b := numbers(then[p.Name]), numbers(now[p.Name])
			if a.Ratio != nil && b.Ratio != nil && *a.Ratio > 0 {
				p.Change = percent(*b.Ratio / *a.Ratio - 1)
			}
			_, p.Beyond = moved[p.Name]
		}
	}
	changed := byName(r.lastDay.beyond)
	for i := range r.Promotions {
		p := &r.Promotions[i]
		c, is := changed[p.Name]
		p.Broke = is && *c.after.Ratio < *c.before.Ratio
		p.Advice = p.advice()
	}
}

// sum adds up the promotions that are shown.
func (r *Report) sum(of map[string]query.Counters) Numbers {
	var sum query.Counters
	for _, p := range r.Promotions {
		sum = add(sum, of[p.Name])
	}
	return numbers(sum)
}

// advice is what a promotion's numbers suggest. What fell comes first: what stands well over
// the range may have broken since.
func (p Promotion) advice() string {
	fell := p.Beyond && p.Change != nil && *p.Change < 0
	switch {
	case p.Chance == nil:
		return TooFew
	case p.Broke || fell && p.Verdict != Worse:
		return Watch
	case p.Verdict == Better:
		return Scale
	case p.Verdict == Worse:
		return Stop
	}
	return Hold
}

// change is how a promotion's ratio went from some days to others.
type change struct {
	name          string
	before, after Numbers
	chance        float64 // that they differ as much by chance
}

// pairs compares what promotions had on some days and on others, where both have enough
// clicks. They come by name.
func pairs(before, after map[string]query.Counters, minClicks int64) (all []change) {
	for _, name := range slices.Sorted(maps.Keys(after)) {
		a, shareBefore := trials(before[name])
		b, shareAfter := trials(after[name])
		if shareBefore && shareAfter && min(a.Of, b.Of) >= minClicks {
			all = append(all, change{name, numbers(before[name]), numbers(after[name]), compare.Chance(a, b)})
		}
	}
	return all
}

// byName returns changes by their promotions.
func byName(all []change) map[string]change {
	found := map[string]change{}
	for _, c := range all {
		found[c.name] = c
	}
	return found
}

// discovered returns the changes that are beyond chance, the surest first.
func discovered(all []change) (found []change) {
	chances := make([]float64, len(all))
	for i, c := range all {
		chances[i] = c.chance
	}
	for _, i := range compare.Discoveries(chances, falseDiscoveries) {
		found = append(found, all[i])
	}
	return found
}

// dayChanges are the changes on the last full day against the full days before it in the
// range.
type dayChanges struct {
	date, first, last string // the day, and the first and last of those before
	compared          int
	beyond            []change // those beyond chance, the surest first
}

// onLastDay compares the last full date that has data with those before it.
func (r *Report) onLastDay(days []query.Day, minClicks int64) (d dayChanges) {
	for len(days) > 0 && !r.Freshness.Full(days[len(days)-1].Date) {
		days = between(days, days[0].Date, previous(days[len(days)-1].Date))
	}
	if len(days) == 0 || days[0].Date == days[len(days)-1].Date {
		return d
	}
	d.date, d.first = days[len(days)-1].Date, days[0].Date
	earlier := between(days, d.first, previous(d.date))
	d.last = earlier[len(earlier)-1].Date
	all := pairs(byPromotion(earlier), byPromotion(between(days, d.date, d.date)), minClicks)
	d.compared, d.beyond = len(all), discovered(all)
	return d
}
