package report

import (
	"maps"
	"slices"

	"adtoorder/launch/dashboard/compare"
	"adtoorder/launch/dashboard/query"
)

// Standing is how a promotion stands among all of the range, whatever the filter shows.
type Standing struct {
	// Shrunk is the ratio in percent, drawn to what all have in common, the more the
	// fewer its clicks (see compare.Fit); nil where orders are no share of clicks.
	Shrunk     *float64 `json:"shrunk_ratio"`
	ShrunkLow  *float64 `json:"shrunk_low"` // of its central 95 %
	ShrunkHigh *float64 `json:"shrunk_high"`
	// Verdict is Better or Worse where the ratio differs from that of all others together
	// beyond chance; of all that are called so, 1 in 20 is expected to be chance.
	Verdict string `json:"verdict"`
	// Chance is the probability that it differs as much by chance; nil where it is not
	// compared.
	Chance *float64 `json:"p_value"`
}

// Verdicts.
const (
	Better = "better"
	Worse  = "worse"
)

// falseDiscoveries is what share of the differences that are told may be chance, on
// average; where nothing differs, in what share of pages one is told.
const falseDiscoveries = 0.05

// trials are the clicks of a promotion as such, if orders are a share of them.
func trials(c query.Counters) (t compare.Trials, ok bool) {
	return compare.Trials{Hits: c.Orders, Of: c.Clicks}, c.Clicks > 0 && c.Orders <= c.Clicks
}

// stand sets the standing of some promotions among all, of which totals are given. It
// returns how many were compared: those of enough clicks.
func stand(shown []Promotion, totals map[string]query.Counters, minClicks int64) (compared int) {
	var all, enough []compare.Trials
	at := map[string]int{} // indices in enough
	for _, name := range slices.Sorted(maps.Keys(totals)) {
		if t, ok := trials(totals[name]); ok {
			if all = append(all, t); t.Of >= minClicks {
				at[name] = len(enough)
				enough = append(enough, t)
			}
		}
	}
	prior, chances := compare.Fit(all), compare.AgainstOthers(enough)
	verdicts := verdicts(enough, chances)
	for i := range shown {
		p := &shown[i]
		t, ok := trials(p.Counters)
		if !ok {
			continue
		}
		p.Shrunk, p.ShrunkLow, p.ShrunkHigh = p.Ratio, p.Low, p.High
		if prior != (compare.Prior{}) {
			ratio, low, high := prior.Shrink(t)
			p.Shrunk, p.ShrunkLow, p.ShrunkHigh = percent(ratio), percent(low), percent(high)
		}
		if at, ok := at[p.Name]; ok && len(enough) > 1 {
			p.Chance, p.Verdict = &chances[at], verdicts[at]
		}
	}
	return len(enough)
}

// verdicts returns Better, Worse or "" for each of some ratios, by their probabilities of chance.
func verdicts(all []compare.Trials, chances []float64) []string {
	sum := compare.Sum(all)
	verdicts := make([]string, len(all))
	for _, i := range compare.Discoveries(chances, falseDiscoveries) {
		verdicts[i] = Worse
		if float64(all[i].Hits)*float64(sum.Of) > float64(sum.Hits)*float64(all[i].Of) {
			verdicts[i] = Better
		}
	}
	return verdicts
}

func percent(share float64) *float64 {
	share *= 100
	return &share
}
