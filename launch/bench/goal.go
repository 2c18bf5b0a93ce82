package main

import (
	"fmt"
	"strings"
)

// goal is what a contender should reach, at most; 0 where nothing is asked.
type goal struct {
	ratios  []float64 // to each peer, in their order
	seconds float64
	peak    int64 // bytes
	files   int   // of the lake
}

// goals are those of a data set, by contender.
type goals map[string]goal

// verdict tells each goal and whether it is met. peers are the short names of
// those that the ratios are to.
func (g goal) verdict(f figures, peers []string) string {
	var parts []string
	tell := func(is, most float64, format string, values ...any) {
		if most > 0 {
			parts = append(parts, fmt.Sprintf("≤ "+format+": ", values...)+metOrMissed(is, most))
		}
	}
	for i, most := range g.ratios {
		tell(f.ratios[i], most, "%g ÷ %s", most, peers[i])
	}
	tell(f.median, g.seconds, "%g s", g.seconds)
	tell(float64(f.peak), float64(g.peak), "%d MB", g.peak/1e6)
	tell(float64(f.files), float64(g.files), "%d files", g.files)
	return strings.Join(parts, ", ")
}

func metOrMissed(is, most float64) string {
	if is <= most {
		return "met"
	}
	return "missed"
}
