package chart

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Counts are clicks and orders by promotion: vertical bars side by side.
type Counts struct {
	Title      string
	Promotions []Count
	Log        bool // the axis is logarithmic
}

// Count is a promotion.
type Count struct {
	Name           string
	Clicks, Orders int64
	Hint           string // what a pointer is told
}

// DrawCounts draws them at a width in pixels.
func DrawCounts(q Counts, width int) (Drawing, error) {
	if len(q.Promotions) == 0 {
		return nothing(q.Title, width), nil
	}
	items := []item{{hue(0), "clicks"}, {hue(1), "orders"}}
	top := legend(nil, items, vg.Length(width))
	return Drawing{q.Title, vg.Length(width), top + 320, func(c draw.Canvas) []hit {
		legend(&c, items, vg.Length(width))
		return q.paint(draw.Crop(c, 0, 0, 0, -top))
	}}, nil
}

func (q Counts) paint(c draw.Canvas) (hits []hit) {
	p := bare()
	n := len(q.Promotions)
	column := (c.Size().X - 50) / vg.Length(n)
	p.X.Min, p.X.Max, p.Y.Min = -0.5, float64(n)-0.5, 0
	p.X.Tick.Marker = plot.ConstantTicks(q.labels(column))
	if column < 70 {
		p.X.Tick.Label.Rotation, p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = math.Pi/2, draw.XRight, draw.YCenter
	}
	p.Y.Max, p.Y.Tick.Marker = q.axis()
	lines := plotter.NewGrid()
	lines.Vertical.Width, lines.Horizontal.Color, lines.Horizontal.Width, lines.Horizontal.Dashes = 0, grid, 1, nil
	p.Add(lines)
	clicks, orders := make(plotter.Values, n), make(plotter.Values, n)
	for i, v := range q.Promotions {
		clicks[i], orders[i] = q.height(v.Clicks), q.height(v.Orders)
	}
	bar := min(28, max(1, column*0.38))
	p.Add(&plotter.BarChart{Values: clicks, Width: bar, Offset: -bar / 2, Color: hue(0)},
		&plotter.BarChart{Values: orders, Width: bar, Offset: bar / 2, Color: hue(1)})
	p.Draw(c)
	data := p.DataCanvas(c)
	x, y := p.Transforms(&data)
	zero := style(ink, draw.XCenter, 0)
	for i, v := range q.Promotions {
		at := x(float64(i))
		for _, side := range []struct {
			count int64
			x     vg.Length
		}{{v.Clicks, at - bar/2}, {v.Orders, at + bar/2}} {
			if side.count == 0 && bar >= 8 {
				data.FillText(zero, vg.Point{X: side.x, Y: y(0) + 3}, "0")
			}
		}
		hits = append(hits, hit{vg.Rectangle{Min: vg.Point{X: x(float64(i) - 0.5), Y: data.Min.Y},
			Max: vg.Point{X: x(float64(i) + 0.5), Y: data.Max.Y}}, v.Hint})
	}
	return hits
}

// labels names the columns, every second or third where they are narrow.
func (q Counts) labels(column vg.Length) (all []plot.Tick) {
	room := column - 4
	if column < 70 {
		room = 90
	}
	every := 1 + int(14/column)
	for i, v := range q.Promotions {
		if i%every == 0 {
			all = append(all, plot.Tick{Value: float64(i), Label: fit(v.Name, room)})
		}
	}
	return all
}

// half is where a logarithmic axis begins, so that 1 has a bar.
const half = 0.5

// height is a count's place on the axis.
func (q Counts) height(n int64) float64 {
	switch {
	case !q.Log:
		return float64(n)
	case n <= 0:
		return 0
	}
	return math.Log10(float64(n) / half)
}

// axis is the axis' end, and its ticks.
func (q Counts) axis() (end float64, marks plot.ConstantTicks) {
	var most int64 = 1
	for _, v := range q.Promotions {
		most = max(most, v.Clicks, v.Orders)
	}
	end = q.height(most) * 1.05
	if !q.Log {
		return end, ticks(end, 6, amount)
	}
	for n := int64(1); q.height(n) <= end; n *= 10 {
		marks = append(marks, plot.Tick{Value: q.height(n), Label: amount(float64(n))})
	}
	return end, marks
}

// amount writes a number short: 12k, 3.5M.
func amount(x float64) string {
	for _, unit := range []struct {
		of   float64
		name string
	}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e4, "k"}} {
		if x >= unit.of {
			by := unit.of
			if unit.name == "k" {
				by = 1e3
			}
			return strconv.FormatFloat(x/by, 'g', 5, 64) + unit.name
		}
	}
	return strconv.FormatFloat(x, 'g', 6, 64)
}
