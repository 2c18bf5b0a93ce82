package web

import (
	"bytes"
	"embed"
	"fmt"
	"hash/fnv"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"time"

	"adtoorder/launch/dashboard/report"
)

//go:embed templates
var templates embed.FS

// sectionNames are the parts of the page that are renewed, each a template.
var sectionNames = []string{"problem", "alerts", "freshness", "chosen", "range", "tiles", "insights", "promotions",
	"bars",
	"ratios", "ratios-table", "counts", "counts-table", "timeline", "timeline-table", "ledger", "downloads"}

// pages are the templates, parsed once.
var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"thousands": report.Thousands, "percent": report.Percent, "money": report.Money,
	"perMicros": func(micros *float64) string {
		if micros == nil {
			return ""
		}
		return report.Money(int64(*micros))
	},
	"iso":   func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"label": func(at time.Time, step report.Duration) string { return stepLabel(at, time.Duration(step)) },
	"len64": func(all []report.Promotion) int64 { return int64(len(all)) },
	"share": func(p float64) string { return report.Percent(&p) },
}).ParseFS(templates, "templates/*.html"))

// rendering is a view at a width, with what templates ask of it.
type rendering struct {
	view
	Width int // of the charts, in CSS pixels
}

// The widths that charts are drawn at.
const (
	minWidth, usualWidth, maxWidth = 280, 960, 1600
	widthStep                      = 20 // so that viewers share drawings
)

// width reads a chart's width.
func width(q url.Values) int {
	w, err := strconv.Atoi(q.Get("w"))
	if err != nil {
		return usualWidth
	}
	return min(maxWidth, max(minWidth, w/widthStep*widthStep))
}

// Top are the promotions that are shown.
func (r rendering) Top() []report.Promotion { return r.top() }

// Chart draws a chart as part of the page.
func (r rendering) Chart(name string) (template.HTML, error) {
	drawing, err := charts[name](r.view, r.Width)
	if err != nil {
		return "", err
	}
	svg, err := drawing.SVG()
	return template.HTML(svg), err // made by package chart, which escapes what comes from outside
}

// Row is a line of the first chart's table.
type Row struct {
	Promotion string
	Period    report.Period
	report.Numbers
}

// Rows are the lines of the first chart's table.
func (r rendering) Rows() (rows []Row) {
	for _, p := range r.top() {
		rows = append(rows, r.rowsOf(p)...)
	}
	return rows
}

func (v view) rowsOf(p report.Promotion) (rows []Row) {
	for i, n := range p.Periods {
		if n != nil {
			rows = append(rows, Row{p.Name, v.Periods[i], *n})
		}
	}
	return rows
}

// State says what is special about numbers.
func (r rendering) State(n report.Numbers) string {
	switch {
	case n.NoClicks():
		return "orders without clicks"
	case n.Over():
		return "over 100 %"
	case n.Few(r.Filter.MinClicks):
		return "few clicks"
	}
	return ""
}

// Link is this page with one promotion more, or less where it is chosen.
func (r rendering) Link(promotion string) string {
	f := r.Filter
	f.Promotions, f.Page = slices.Clone(f.Promotions), 1
	if at, chosen := slices.BinarySearch(f.Promotions, promotion); chosen {
		f.Promotions = slices.Delete(f.Promotions, at, at+1)
	} else {
		f.Promotions = slices.Insert(f.Promotions, at, promotion)
	}
	return link(f)
}

// Chosen reports whether a promotion is among those that were asked for.
func (r rendering) Chosen(promotion string) bool {
	_, chosen := slices.BinarySearch(r.Filter.Promotions, promotion)
	return chosen
}

// Range is a link to another range.
type Range struct {
	Label, Link string
	Shown       bool
}

// Ranges are links to all ranges that have a name.
func (r rendering) Ranges() (all []Range) {
	for _, named := range report.Ranges {
		f := r.Filter
		f.From, f.To, f.Range, f.Page = "", "", named.Name, 1
		shown := r.Filter.From == "" && r.Filter.To == "" && r.Filter.Range == named.Name
		all = append(all, Range{named.Label, link(f), shown})
	}
	return all
}

// With is this page with a parameter of its own.
func (r rendering) With(name, value string) string {
	q := r.Filter.Query()
	q.Set(name, value)
	if value == "" {
		q.Del(name)
	}
	return "?" + q.Encode()
}

// On is this page on some dates.
func (r rendering) On(from, to string) string {
	f := r.Filter
	f.From, f.To, f.Range, f.Page = from, to, "", 1
	return link(f)
}

// ByDate reports whether the bars of ratios are of dates.
func (r rendering) ByDate() bool { return r.byDate() }

func link(f report.Filter) string { return "?" + f.Query().Encode() }

// File is the address of a file with the same numbers.
func (r rendering) File(folder, name string) string {
	q := r.Filter.Query()
	if folder == "chart" {
		q.Set("w", strconv.Itoa(r.Width))
	}
	return folder + "/" + name + "?" + q.Encode()
}

// sections renders the parts of the page that are renewed.
func (r rendering) sections() (map[string]string, error) {
	all := map[string]string{}
	for _, name := range sectionNames {
		var b bytes.Buffer
		if err := pages.ExecuteTemplate(&b, name, r); err != nil {
			return nil, fmt.Errorf("rendering %s: %w", name, err)
		}
		all[name] = b.String()
	}
	return all, nil
}

// etag names a content.
func etag(content []byte) string {
	h := fnv.New128a()
	h.Write(content)
	return fmt.Sprintf(`"%x"`, h.Sum(nil))
}
