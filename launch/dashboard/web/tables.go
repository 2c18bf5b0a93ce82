package web

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// tables are the files of the charts' numbers: of all promotions, not of those
// that are drawn alone.
var tables = map[string]func(view) [][]string{"ratios": ratiosTable, "counts": countsTable, "timeline": timelineTable}

func ratiosTable(v view) [][]string {
	lines := [][]string{{"promotion", "from", "to", "clicks", "orders", "conversion_ratio", "ratio_low", "ratio_high"}}
	for _, p := range v.Promotions {
		for _, r := range v.rowsOf(p) {
			lines = append(lines, []string{r.Promotion, r.Period.From, r.Period.To, whole(r.Clicks), whole(r.Orders),
				number(r.Ratio), number(r.Low), number(r.High)})
		}
	}
	return lines
}

func countsTable(v view) [][]string {
	lines := [][]string{{"promotion", "from", "to", "clicks", "orders", "order_lines", "units", "revenue_micros",
		"late_clicks", "late_orders", "conversion_ratio", "shrunk_ratio", "shrunk_low", "shrunk_high", "verdict",
		"p_value"}}
	for _, p := range v.Promotions {
		lines = append(lines, []string{p.Name, v.From, v.To, whole(p.Clicks), whole(p.Orders), whole(p.Lines),
			whole(p.Units), whole(p.RevenueMicros), whole(p.LateClicks), whole(p.LateOrders), number(p.Ratio),
			number(p.Shrunk), number(p.ShrunkLow), number(p.ShrunkHigh), p.Verdict, number(p.Chance)})
	}
	return lines
}

func timelineTable(v view) [][]string {
	lines := [][]string{{"promotion", "at", "seconds", "clicks", "orders", "conversion_ratio", "ratio_low",
		"ratio_high",
		"provisional", "restated"}}
	seconds := whole(int64(time.Duration(v.Timeline.Step).Seconds()))
	for _, c := range v.Timeline.Lines {
		for _, s := range c.Steps {
			lines = append(lines, []string{c.Name, s.At.Format(time.RFC3339), seconds, whole(s.Clicks), whole(s.Orders),
				number(s.Ratio), number(s.Low), number(s.High),
				strconv.FormatBool(s.Provisional), strconv.FormatBool(s.Restated)})
		}
	}
	return lines
}

func whole(n int64) string { return strconv.FormatInt(n, 10) }

func number(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'g', -1, 64)
}

// table answers with a chart's numbers as CSV.
func (s *Server) table(w http.ResponseWriter, r *http.Request) {
	name, kind := split(r.PathValue("file"))
	rows := tables[name]
	if rows == nil || kind != ".csv" {
		http.NotFound(w, r)
		return
	}
	v, _, ok := s.asked(w, r)
	if !ok {
		return
	}
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	for _, line := range rows(v.view) {
		line[0] = plain(line[0])
		if err := c.Write(line); err != nil {
			failed(w, err)
			return
		}
	}
	c.Flush()
	attach(w, v, name+kind)
	answer(w, r, "text/csv; charset=utf-8", b.Bytes())
}

// plain keeps a spreadsheet from taking a name for a formula: promotions are
// named by whoever sends clicks.
func plain(name string) string {
	if name != "" && strings.ContainsRune("=+-@\t\r", rune(name[0])) {
		return "'" + name
	}
	return name
}
