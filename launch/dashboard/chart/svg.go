package chart

import (
	"encoding/xml"
	"errors"
	"fmt"
	"image/color"
	"io"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
)

// classes are the colours' names.
var classes = func() map[string]string {
	all := map[string]string{}
	for name, c := range map[string]color.RGBA{"ink": ink, "grid": grid, "few": few, "whisker": whisker,
		"restated": restated, "paper": paper} {
		all[hex(c)] = name
	}
	for i, c := range palette {
		all[hex(c)], all[hex(light(c))] = "c"+strconv.Itoa(i), "c"+strconv.Itoa(i)
	}
	return all
}()

// hex writes a colour as the library does, which takes its opacity out of it and
// cuts what is left of a number.
func hex(c color.Color) string {
	r, g, b, a := c.RGBA()
	part := func(x uint32) int { return int(float64(x) * (255 / float64(a))) }
	return fmt.Sprintf("#%02X%02X%02X", part(r), part(g), part(b))
}

// family is what browsers are to write text with. Arial and Helvetica are as wide
// as Liberation Sans, by which text is measured.
const family = "Liberation Sans, Arial, Helvetica, sans-serif"

// rewrite turns style attributes of an SVG into attributes and classes, and adds
// the hits.
func (d Drawing) rewrite(svg io.Reader, hits []hit) ([]byte, error) {
	var out strings.Builder
	in := xml.NewDecoder(svg)
	for {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			return []byte(out.String()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading a drawing: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name.Local == "svg" {
				fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]v" height="%[2]v" viewBox="0 0 %[1]v %[2]v" role="img" aria-label="%[3]s">`,
					d.width.Points(), d.height.Points(), escaped(d.title))
				continue
			}
			out.WriteString("<" + t.Name.Local)
			for _, a := range t.Attr {
				attribute(&out, a)
			}
			out.WriteString(">")
		case xml.EndElement:
			if t.Name.Local == "svg" {
				d.writeHits(&out, hits)
			}
			out.WriteString("</" + t.Name.Local + ">")
		case xml.CharData:
			if text := strings.TrimSpace(string(t)); text != "" {
				out.WriteString(escaped(text))
			}
		}
	}
}

func attribute(out *strings.Builder, a xml.Attr) {
	if a.Name.Local != "style" {
		fmt.Fprintf(out, ` %s="%s"`, a.Name.Local, escaped(a.Value))
		return
	}
	var class string
	for property := range strings.SplitSeq(a.Value, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(property), ":")
		switch {
		case name == "" || strings.HasPrefix(name, "font-") && (value == "none" || value == "normal"):
			continue
		case name == "font-family":
			value = family
		case name == "fill" || name == "stroke":
			if known := classes[strings.ToUpper(value)]; known != "" {
				class = name + " " + known
			}
		}
		fmt.Fprintf(out, ` %s="%s"`, name, escaped(value))
	}
	if class != "" {
		fmt.Fprintf(out, ` class="%s"`, class)
	}
}

func (d Drawing) writeHits(out *strings.Builder, hits []hit) {
	for _, h := range hits {
		size := h.area.Size()
		fmt.Fprintf(out, `<rect class="hit" fill-opacity="0" x="%s" y="%s" width="%s" height="%s"><title>%s</title></rect>`,
			short(h.area.Min.X), short(d.height-h.area.Max.Y), short(size.X), short(size.Y), escaped(h.hint))
	}
}

func short(l vg.Length) string { return strconv.FormatFloat(l.Points(), 'f', 1, 64) }

// escaped is a text as XML can hold it, whatever is in it.
func escaped(text string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(text)) // a strings.Builder takes everything
	return b.String()
}
