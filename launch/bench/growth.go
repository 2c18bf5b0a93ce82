package main

import (
	"fmt"
	"io"
	"strings"
)

// mostGrowth is how many times the seconds of a record may grow from a data set to
// a longer one of its series.
const mostGrowth = 1.2

// measured is a data set with its results.
type measured struct {
	dataset
	results []result
}

// printGrowth prints, for each series of which several data sets were measured, how
// the seconds of a record grow with the length.
func printGrowth(out io.Writer, all []measured) {
	series, order := map[string][]measured{}, []string{}
	for _, m := range all {
		if m.series == "" {
			continue
		}
		if series[m.series] == nil {
			order = append(order, m.series)
		}
		series[m.series] = append(series[m.series], m)
	}
	for _, name := range order {
		if len(series[name]) > 1 {
			printSeries(out, name, series[name])
		}
	}
}

func printSeries(out io.Writer, name string, sets []measured) {
	var titles []string
	for _, m := range sets {
		titles = append(titles, m.title)
	}
	fmt.Fprintf(out, "\nMore %s: seconds for a million records of %s\n", name, strings.Join(titles, ", "))
	for i, c := range sets[0].results {
		var each []float64
		line := fmt.Sprintf("%-19s", c.name)
		for _, m := range sets {
			seconds := figuresOf(m.results[i].samples).median / float64(m.records()) * million
			each = append(each, seconds)
			line += fmt.Sprintf(" %8.2f", seconds)
		}
		line += fmt.Sprintf("; growth %.2f×", growth(each))
		if c.name == direct || c.name == prism {
			line += fmt.Sprintf(", ≤ %g×: %s", mostGrowth, metOrMissed(growth(each), mostGrowth))
		}
		fmt.Fprintln(out, line)
	}
}

// growth is the most by which a value exceeds one before it, as a factor. Values
// that fall, such as those that a program's start weighs on at first, don't grow.
func growth(values []float64) float64 {
	most, least := 0.0, values[0]
	for _, v := range values[1:] {
		most = max(most, v/least)
		least = min(least, v)
	}
	return most
}
