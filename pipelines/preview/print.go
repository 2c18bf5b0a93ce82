package preview

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"adtoorder/io/record"
	"adtoorder/transforms/nearmiss"
)

const (
	maxPayload = 600 // bytes shown of a record
	maxValue   = 40  // bytes shown of a field's value
)

// page prints what was found of a stream.
type page struct {
	out    io.Writer
	stream string
}

func (p page) line(format string, values ...any) { fmt.Fprintf(p.out, format+"\n", values...) }

func (p page) print(read []source, records []record.Record, d decoded) {
	title := "--" + p.stream
	p.line("%s\n%s", title, strings.Repeat("=", len(title)))
	p.sources(read)
	if len(records) == 0 {
		p.line("\nThere is no record.\n")
		return
	}
	p.outcomes(d, len(records))
	p.fields(records)
	p.examples(d)
	p.nearMisses(d.near)
	if d.near != nil { // no map is given
		p.draft(records)
	}
	p.line("")
}

func (p page) sources(read []source) {
	t := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	for _, s := range read {
		var size int64
		for _, r := range s.records {
			size += r.Size
		}
		count := counted(len(s.records), "record")
		if s.more {
			count = "the first " + count
		}
		if n := int64(len(s.records)); n > 0 {
			count += fmt.Sprintf(" of %s on average", bytesOf(size/n))
		}
		if s.records == nil && s.how == "not looked at" {
			count = ""
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", s.name, s.how, count)
	}
	t.Flush()
}

func (p page) outcomes(d decoded, all int) {
	p.line("\nWhat becomes of %s:", counted(all, "record"))
	t := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	for _, o := range d.outcomes {
		fmt.Fprintf(t, "  %s\t%d\t%s\n", o.name(), o.records, percent(o.records, all))
	}
	t.Flush()
	for _, a := range slices.Sorted(maps.Keys(d.assumed)) {
		p.line("  Timestamps: %d %s", d.assumed[a], a)
	}
}

func (p page) fields(records []record.Record) {
	all, objects := fieldsOf(records)
	if objects == 0 {
		p.line("\nNo record is a JSON object.")
		return
	}
	p.line("\nFields:")
	t := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	for _, f := range all[:min(len(all), maxFields)] {
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", f.path, percent(f.records, objects), f.typesOf(),
			strings.Join(f.values, ", "))
	}
	t.Flush()
	if len(all) > maxFields {
		p.line("  and %d more", len(all)-maxFields)
	}
}

func (p page) examples(d decoded) {
	for _, o := range d.outcomes {
		p.line("\nFor example, %s:", o.name())
		for _, e := range o.examples {
			p.line("  %s at %s", e.Source, e.Position())
			p.line("    %s", shortened(string(e.Payload), maxPayload))
			p.line("    = %s", cmp.Or(e.made, why(o)))
		}
	}
}

func (p page) nearMisses(near *nearmiss.Finder) {
	if near == nil || len(near.Misses) == 0 {
		return
	}
	p.line("\nNear misses:")
	all := slices.SortedFunc(maps.Keys(near.Misses), func(a, b nearmiss.Miss) int {
		return cmp.Or(cmp.Compare(near.Misses[b], near.Misses[a]), strings.Compare(a.String(), b.String()))
	})
	for _, m := range all {
		mend := ""
		if m.Kind == nearmiss.Shape {
			mend = ": give " + m.Mend
		}
		p.line("  %s, in %d of %s%s", m, near.Misses[m], counted(int(near.Looked), "record"), mend)
	}
}

func (p page) draft(records []record.Record) {
	var payloads [][]byte
	for _, r := range records {
		payloads = append(payloads, r.Payload)
	}
	lines := nearmiss.Draft(p.stream, payloads)
	if len(lines) == 0 {
		return
	}
	p.line("\nA draft of a map; put it right, and give it by --%s_map FILE:", p.stream)
	p.line("  %s:", p.stream)
	for _, one := range lines {
		p.line("    %s", one)
	}
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func percent(n, all int) string {
	return strconv.FormatFloat(100*float64(n)/float64(all), 'f', 1, 64) + " %"
}

// bytesOf writes a size of so many bytes.
func bytesOf(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 10_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1000)
	}
	return fmt.Sprintf("%d bytes", n)
}

// shortened writes a text on one line, of at most so many bytes.
func shortened(text string, most int) string {
	left := len(text) - most
	text = strings.ToValidUTF8(text[:min(len(text), most)], "\ufffd")
	text = strings.Map(func(c rune) rune {
		if c == '\n' || c == '\r' || c == '\t' {
			return ' '
		}
		if !strconv.IsPrint(c) {
			return '\ufffd'
		}
		return c
	}, text)
	if left > 0 {
		return text + fmt.Sprintf("… and %d bytes more", left)
	}
	return text
}
