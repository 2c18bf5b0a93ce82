package report

import (
	"fmt"
	"strconv"
	"strings"
)

// Thousands writes a number with commas: 12,345.
func Thousands(n int64) string {
	text := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, text = "−", text[1:]
	}
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return sign + text
}

// Percent writes a percentage with two digits; "" for none.
func Percent(p *float64) string {
	if p == nil {
		return ""
	}
	return strconv.FormatFloat(*p, 'f', 2, 64) + " %"
}

// Share writes a part of a whole in percent; what is little is not nothing.
func Share(part, whole int64) string {
	p := 100 * float64(part) / float64(whole)
	if part > 0 && p < 0.01 {
		return "under 0.01 %"
	}
	return Percent(&p)
}

// Money writes micros with two digits, rounded half up: 12,345.67.
func Money(micros int64) string {
	units, rest := micros/1e6, micros%1e6
	cents := (rest + 5000) / 1e4
	if cents == 100 {
		units, cents = units+1, 0
	}
	return fmt.Sprintf("%s.%02d", Thousands(units), cents)
}

// Hint is what is said of numbers where a pointer rests on them.
func Hint(name, when string, n Numbers) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s\n%s clicks, %s orders", name, when, Thousands(n.Clicks), Thousands(n.Orders))
	switch {
	case n.NoClicks():
		b.WriteString("\norders without clicks: no ratio")
	case n.Over():
		fmt.Fprintf(&b, "\n%s: more orders than clicks", Percent(n.Ratio))
	case n.Ratio != nil:
		fmt.Fprintf(&b, "\n%s (95 %%: %s)", Percent(n.Ratio), bounds(n))
	}
	return b.String()
}
