// Package chart draws the dashboard's charts, as SVG that stands in a page and as
// PNG. It draws with gonum.org/v1/plot: kept up, BSD, with bars, error bars, axes,
// SVG and PNG, in Go alone.
//
// The SVG has neither style attributes nor scripts, so that a page with a strict
// Content-Security-Policy can hold it. What has a meaning has classes: "fill" or
// "stroke", and one of ink (text, axes), grid, few (too few clicks), whisker,
// restated, paper (the inside of hollow marks) and c0 to c7 (the palette). Over
// each bar and point lies a rectangle of class "hit" whose title tells its numbers.
package chart

import (
	"bytes"
	"image/color"
	"math"
	"strings"
	"unicode"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Drawing is a chart that is ready to be written.
type Drawing struct {
	title         string
	width, height vg.Length // a point of the library's is a CSS pixel here
	paint         func(draw.Canvas) []hit
}

// hit is where a pointer finds numbers, from the bottom left.
type hit struct {
	area vg.Rectangle
	hint string
}

// SVG returns one svg element.
func (d Drawing) SVG() ([]byte, error) {
	c := vgsvg.New(d.width, d.height)
	hits := d.paint(draw.New(c))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return nil, err
	}
	return d.rewrite(&b, hits)
}

// PNG returns an image of twice the size, on white.
func (d Drawing) PNG() ([]byte, error) {
	c := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(d.width, d.height), vgimg.UseDPI(2*72),
		vgimg.UseBackgroundColor(color.White))}
	d.paint(draw.New(c))
	var b bytes.Buffer
	_, err := c.WriteTo(&b)
	return b.Bytes(), err
}

// The colours; classes has the names that a page knows them by. The palette is
// readable to the colour-blind, on white and on black (after M. Okabe and K. Ito,
// Color Universal Design).
var (
	ink      = color.RGBA{0x1c, 0x20, 0x24, 0xff}
	grid     = color.RGBA{0xe6, 0xe9, 0xec, 0xff}
	few      = color.RGBA{0xb4, 0xba, 0xc0, 0xff}
	whisker  = color.RGBA{0x30, 0x36, 0x3c, 0xff}
	restated = color.RGBA{0x1b, 0x1f, 0x23, 0xff}
	paper    = color.RGBA{0xfe, 0xfe, 0xfe, 0xff}
	palette  = []color.RGBA{{0x00, 0x72, 0xb2, 0xff}, {0xe6, 0x9f, 0x00, 0xff}, {0x00, 0x9e, 0x73, 0xff},
		{0xcc, 0x79, 0xa7, 0xff},
		{0x56, 0xb4, 0xe9, 0xff}, {0xd5, 0x5e, 0x00, 0xff}, {0x8a, 0x7a, 0x00, 0xff}, {0x6b, 0x4f, 0xa0, 0xff}}
)

func hue(i int) color.RGBA { return palette[i%len(palette)] }

// size is that of text, in pixels.
const size = 12

var handler = text.Plain{Fonts: font.DefaultCache}

func style(c color.Color, x text.XAlignment, y text.YAlignment) text.Style {
	return text.Style{Color: c, Font: font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, size), XAlign: x,
		YAlign: y, Handler: handler}
}

// fit makes a name one line of at most a width, of characters that XML can hold.
func fit(name string, width vg.Length) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(name, "\uFFFD"))
	s := style(ink, 0, 0)
	if s.Width(name) <= width {
		return name
	}
	runes := []rune(name)
	runes = runes[:min(len(runes), int(width/2))] // no letter is narrower
	for len(runes) > 1 && s.Width(string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}

// bare returns a plot with no more than what a chart needs: no lines along the
// axes, small text.
func bare() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = color.Transparent
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.LineStyle.Width, a.Tick.Length, a.Tick.LineStyle.Width, a.Padding = 0, 0, 0, 4
		label := style(ink, a.Tick.Label.XAlign, a.Tick.Label.YAlign)
		label.Rotation = 0
		a.Tick.Label = label
		a.Label.TextStyle = style(ink, -0.5, -0.5)
	}
	p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = draw.XCenter, draw.YTop
	p.Y.Tick.Label.XAlign, p.Y.Tick.Label.YAlign = draw.XRight, draw.YCenter
	return p
}

// item is an entry of a legend.
type item struct {
	color color.Color
	text  string
}

const lineHeight = 20

// legend draws entries from the top left, or only measures them, and returns its
// height.
func legend(c *draw.Canvas, items []item, width vg.Length) vg.Length {
	s := style(ink, 0, draw.YCenter)
	x, y := vg.Length(0), vg.Length(lineHeight/2)
	for _, i := range items {
		label := fit(i.text, min(width-20, 220))
		w := 16 + s.Width(label) + 14
		if x > 0 && x+w > width {
			x, y = 0, y+lineHeight
		}
		if c != nil {
			at := vg.Point{X: c.Min.X + x, Y: c.Max.Y - y}
			fill(c, i.color, vg.Rectangle{Min: vg.Point{X: at.X, Y: at.Y - 5},
				Max: vg.Point{X: at.X + 10, Y: at.Y + 5}})
			c.FillText(s, vg.Point{X: at.X + 16, Y: at.Y}, label)
		}
		x += w
	}
	return y + lineHeight/2 + 6
}

func fill(c *draw.Canvas, with color.Color, r vg.Rectangle) {
	c.SetColor(with)
	c.Fill(r.Path())
}

// nothing draws that there is no data.
func nothing(title string, width int) Drawing {
	return Drawing{title, vg.Length(width), 80, func(c draw.Canvas) []hit {
		c.FillText(style(ink, draw.XCenter, draw.YCenter), c.Center(), "no data")
		return nil
	}}
}

// ticks puts labels on round numbers of an axis from 0.
func ticks(top float64, most int, label func(float64) string) (all []plot.Tick) {
	if top <= 0 {
		return []plot.Tick{{Value: 0, Label: label(0)}}
	}
	step := math.Pow(10, math.Floor(math.Log10(top/float64(most))))
	for _, by := range []float64{1, 2, 5, 10} {
		if top/(step*by) <= float64(most) {
			step *= by
			break
		}
	}
	for n := 0.0; n*step <= top*1.0000001; n++ {
		all = append(all, plot.Tick{Value: n * step, Label: label(n * step)})
	}
	return all
}
