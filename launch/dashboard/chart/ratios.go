package chart

import (
	"fmt"
	"image/color"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Ratios are conversion ratios in percent by promotion: horizontal bars, one a
// period in the period's colour, with their intervals as whiskers.
type Ratios struct {
	Title      string
	Periods    []string     // oldest first
	Promotions []RatioGroup // from top to bottom
}

// RatioGroup is a promotion.
type RatioGroup struct {
	Name string
	Bars []*RatioBar // one a period; nil where there is nothing
}

// RatioBar is a promotion in a period.
type RatioBar struct {
	Ratio     *float64 // percent; nil for orders without clicks, which have none
	Low, High *float64 // percent; nil where there is no interval
	Orders    int64
	Few       bool   // too few clicks to compare
	Hint      string // what a pointer is told
}

// row is a bar at its place: y in pixels from the bottom of the data.
type row struct {
	*RatioBar
	color color.RGBA
	y     float64
}

// DrawRatios draws them at a width in pixels.
func DrawRatios(r Ratios, width int) (Drawing, error) {
	bars := 0
	for _, g := range r.Promotions {
		for _, b := range g.Bars {
			if b != nil {
				bars++
			}
		}
	}
	if bars == 0 {
		return nothing(r.Title, width), nil
	}
	thick := min(16, max(8, 900/float64(bars))) // of a bar and its gap
	between := 0.7 * thick
	tall := float64(bars)*thick + float64(len(r.Promotions))*between
	rows, names := r.place(thick, between, tall, vg.Length(width)/4)
	var items []item
	for i, period := range r.Periods {
		items = append(items, item{hue(i), period})
	}
	items = append(items, item{few, "few clicks"})
	top := legend(nil, items, vg.Length(width))
	return Drawing{r.Title, vg.Length(width), top + vg.Length(tall) + 24, func(c draw.Canvas) []hit {
		legend(&c, items, vg.Length(width))
		c = draw.Crop(c, 0, 0, 0, -top)
		return paintRatios(c, rows, names, thick, tall)
	}}, nil
}

// place puts bars one below the other.
func (r Ratios) place(thick, between, tall float64, room vg.Length) (rows []row, names []plot.Tick) {
	y := tall - between/2
	for _, g := range r.Promotions {
		from := y
		for i, b := range g.Bars {
			if b != nil {
				rows = append(rows, row{b, hue(i), y - thick/2})
				y -= thick
			}
		}
		names = append(names, plot.Tick{Value: (from + y) / 2, Label: fit(g.Name, room)})
		y -= between
	}
	return rows, names
}

func paintRatios(c draw.Canvas, rows []row, names []plot.Tick, thick, tall float64) []hit {
	p := bare()
	top, beyond := extent(rows)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, top, 0, tall
	p.X.Tick.Marker = plot.ConstantTicks(ticks(top, max(2, int(c.Size().X/110)),
		func(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) + " %" }))
	p.Y.Tick.Marker = plot.ConstantTicks(names)
	lines := plotter.NewGrid()
	lines.Horizontal.Width, lines.Vertical.Color, lines.Vertical.Width, lines.Vertical.Dashes = 0, grid, 1, nil
	p.Add(lines)
	if beyond && top > 100 {
		hundred := plotter.XYs{{X: 100, Y: 0}, {X: 100, Y: tall}}
		p.Add(&plotter.Line{XYs: hundred, LineStyle: draw.LineStyle{Color: ink, Width: 1, Dashes: []vg.Length{4, 3}}})
	}
	var whiskers struct {
		plotter.XYs
		plotter.XErrors
	}
	for _, r := range rows {
		if r.Ratio == nil {
			continue
		}
		with := r.color
		if r.Few {
			with = few
		}
		p.Add(&plotter.BarChart{Values: plotter.Values{min(top, *r.Ratio)}, XMin: r.y, Width: vg.Length(thick - 2),
			Color:      with,
			Horizontal: true})
		if r.Low != nil && r.High != nil && *r.Ratio <= top {
			whiskers.XYs = append(whiskers.XYs, plotter.XY{X: *r.Ratio, Y: r.y})
			whiskers.XErrors = append(whiskers.XErrors, struct{ Low, High float64 }{*r.Low - *r.Ratio,
				min(top, *r.High) - *r.Ratio})
		}
	}
	if len(whiskers.XYs) > 0 {
		// Twice, so that they stand out from every colour: with a rim, and without.
		for _, line := range []draw.LineStyle{{Color: paper, Width: 3}, {Color: whisker, Width: 1}} {
			if bars, err := plotter.NewXErrorBars(whiskers); err == nil { // it takes every finite number
				bars.LineStyle, bars.CapWidth = line, vg.Length(thick/3)
				p.Add(bars)
			}
		}
	}
	p.Draw(c)
	return mark(c, p, rows, thick)
}

// mark writes what bars alone don't tell, and returns where a pointer finds each.
func mark(c draw.Canvas, p *plot.Plot, rows []row, thick float64) (hits []hit) {
	data := p.DataCanvas(c)
	x, y := p.Transforms(&data)
	for _, r := range rows {
		at := vg.Point{X: data.Min.X + 2, Y: y(r.y)}
		s := style(ink, draw.XLeft, -0.35)
		switch {
		case r.Ratio == nil:
			ring(&data, vg.Point{X: at.X + 4, Y: at.Y}, vg.Length(thick/4), r.color)
			data.FillText(s, vg.Point{X: at.X + 13, Y: at.Y}, fmt.Sprintf("%d orders, no clicks", r.Orders))
		case *r.Ratio > 100 || *r.Ratio > p.X.Max:
			label := strconv.FormatFloat(*r.Ratio, 'f', 0, 64) + " %"
			if *r.Ratio > 100 {
				label += ", over 100 %"
			}
			end := x(min(p.X.Max, *r.Ratio)) + 4
			if end+s.Width(label) > data.Max.X {
				end = data.Max.X - s.Width(label) - 4
				if !r.Few {
					s.Color = paper
				}
			}
			data.FillText(s, vg.Point{X: max(end, at.X), Y: at.Y}, label)
		}
		half := vg.Length(thick / 2)
		hits = append(hits, hit{vg.Rectangle{Min: vg.Point{X: c.Min.X, Y: at.Y - half},
			Max: vg.Point{X: data.Max.X, Y: at.Y + half}}, r.Hint})
	}
	return hits
}

// extent is the end of the axis, and whether a ratio goes beyond it. Ratios of few clicks,
// and those over 100, don't set it, unless there are no others.
func extent(rows []row) (top float64, beyond bool) {
	all := 0.0
	for _, r := range rows {
		if r.Ratio == nil {
			continue
		}
		end := *r.Ratio
		if r.High != nil {
			end = max(end, *r.High)
		}
		if all = max(all, end); !r.Few && *r.Ratio <= 100 {
			top = max(top, end)
		}
	}
	switch {
	case all == 0:
		return 1, false
	case top == 0:
		top = min(all, 100)
	}
	if top = min(100, top*1.03); all > top {
		return top * 1.25, true // room for what is said of those that go beyond
	}
	return top, false
}

// ring draws a hollow circle.
func ring(c *draw.Canvas, at vg.Point, radius vg.Length, with color.Color) {
	c.DrawGlyphNoClip(draw.GlyphStyle{Color: paper, Radius: radius, Shape: draw.CircleGlyph{}}, at)
	c.DrawGlyphNoClip(draw.GlyphStyle{Color: with, Radius: radius, Shape: draw.RingGlyph{}}, at)
}
