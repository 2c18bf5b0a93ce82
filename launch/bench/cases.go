package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"adtoorder/pipelines/command"
	"adtoorder/pipelines/generate/traffic"
)

const (
	million = 1_000_000
	day     = 24 * time.Hour
	evening = 5 * time.Hour // the short form's span

	// clicksIn90Days make a million result rows and more, of one click or a few.
	clicksIn90Days = 10 * million
)

// Goals of the short form. Ratios are to DuckDB's query and to DuckDB that writes
// files; that of Flink is to Flink SQL.
var (
	plainGoals = goals{
		direct:      {ratios: []float64{2.8, 1.2}, peak: 300e6},
		prism:       {ratios: []float64{4.2, 1.7}, peak: 500e6},
		engineFlink: {ratios: []float64{0.4}},
	}
	idGoals = goals{
		direct:      {ratios: []float64{2.8, 1.2}, peak: 450e6},
		prism:       {ratios: []float64{4.2, 1.7}, peak: 700e6},
		engineFlink: {ratios: []float64{0.4}},
	}
)

// cases are all data sets: first those of the short form, then those of history.
// Where several are of a series, the shortest comes first.
func cases(o options) []dataset {
	all := append(shortCases(o), daysCases()...)
	all = append(all, clicksCases()...)
	for i := range all {
		name := strings.NewReplacer(" ", "_", ",", "").Replace(all[i].title)
		all[i].dir = filepath.Join(o.work, name)
	}
	return all
}

// shortCases are 5 hours: 12,000 result rows, or 300,000 with 1,000 promotions.
func shortCases(o options) []dataset {
	plain := clean(o.clicks, 40, evening)
	plain.Orders = o.orders
	many := plain
	many.Promotions = 1000
	return []dataset{
		{title: "clicks without ids", Options: plain, goals: plainGoals},
		{title: "clicks with ids", Options: withIDs(plain), goals: idGoals},
		{title: "1,000 promotions", Options: many, goals: plainGoals},
	}
}

// daysCases are many windows with few clicks each.
func daysCases() []dataset {
	all := []dataset{{title: "30 days", Options: clean(million, 40, 30*day),
		goals: goals{direct: {seconds: 30}, prism: {seconds: 45}}}}
	for _, ids := range []bool{false, true} {
		for _, days := range []int{1, 10, 90} {
			title := map[bool]string{true: "1 day", false: fmt.Sprintf("%d days", days)}[days == 1]
			d := dataset{title: title, series: "days",
				Options: clean(clicksIn90Days*days/90, 40, time.Duration(days)*day)}
			if ids {
				d = d.withIDs()
			} else if days == 90 {
				d.goals = goals{
					direct: {seconds: 150, peak: 1500e6, files: 11_000},
					prism:  {seconds: 210, peak: 2500e6, files: 11_000},
				}
			}
			all = append(all, d)
		}
	}
	all = append(all, dataset{title: "90 days, one promotion", Options: clean(million, 1, 90*day)})
	return long(all)
}

// clicksCases are the short form's hours with more promotions or clicks.
func clicksCases() []dataset {
	all := []dataset{{title: "10,000 promotions", Options: clean(2*million, 10_000, evening), goals: goals{
		direct: {seconds: 15, peak: 2000e6},
		prism:  {seconds: 25, peak: 2000e6},
	}}}
	for _, ids := range []bool{false, true} {
		for _, millions := range []int{1, 5, 20} {
			d := dataset{title: fmt.Sprintf("%d million clicks", millions), series: "clicks",
				Options: clean(millions*million, 40, evening)}
			if ids {
				d = d.withIDs()
			}
			all = append(all, d)
		}
	}
	return long(all)
}

// clean is traffic without faults, all of it on promotions, with a tenth as many
// orders. Its records are in the order of time; each twelfth of the span has a
// pace of its own, by 1 to 2.
func clean(clicks, promotions int, span time.Duration) traffic.Options {
	t := traffic.Defaults()
	t.Clicks, t.Orders, t.Promotions, t.Span, t.OtherClicks = clicks, clicks/10, promotions, span, 0
	return t
}

func withIDs(t traffic.Options) traffic.Options {
	t.EventIDs = true
	return t
}

func (d dataset) withIDs() dataset {
	d.title, d.series, d.Options = d.title+" with ids", d.series+" with ids", withIDs(d.Options)
	return d
}

func long(all []dataset) []dataset {
	for i := range all {
		all[i].long = true
	}
	return all
}

// datasets are the cases that are asked for.
func datasets(o options) ([]dataset, error) {
	var chosen []dataset
	var titles []string
	for _, d := range cases(o) {
		if d.long && !o.history {
			continue
		}
		titles = append(titles, d.title)
		if strings.Contains(d.title, o.only) {
			chosen = append(chosen, d)
		}
	}
	if chosen == nil {
		return nil, command.Refuse("only", o.only, "must be part of one of these titles: "+strings.Join(titles, "; ")+
			map[bool]string{false: "; --history has more"}[o.history])
	}
	return chosen, nil
}
