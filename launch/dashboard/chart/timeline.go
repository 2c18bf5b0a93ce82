package chart

import (
	"image/color"
	"math"
	"strconv"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Timeline is clicks, orders and ratio over time: three panels that share the
// axis of time, in UTC.
type Timeline struct {
	Title    string
	From, To time.Time
	Step     time.Duration
	Lines    []Line
}

// Line is a promotion.
type Line struct {
	Name   string
	Points []Point // ordered by time
}

// Point is a promotion in a step of time.
type Point struct {
	At             time.Time // the step's start
	Clicks, Orders int64
	Ratio          *float64 // percent
	Provisional    bool     // more may come: drawn hollow, its line lighter
	Restated       bool     // late records have changed it: drawn with a ring
	Hint           string   // what a pointer is told
}

// panels are what is drawn of a point, from top to bottom; NaN for nothing.
var panels = []struct {
	name  string
	of    func(Point) float64
	label func(float64) string
}{
	{"clicks", func(p Point) float64 { return float64(p.Clicks) }, amount},
	{"orders", func(p Point) float64 { return float64(p.Orders) }, amount},
	{"ratio", ratioOf, func(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) + " %" }},
}

func ratioOf(p Point) float64 {
	if p.Ratio == nil {
		return math.NaN()
	}
	return *p.Ratio
}

const (
	panelHeight = 165
	nameHeight  = 18 // of a panel's name above it
	overhang    = 22 // of the last time's label
)

// DrawTimeline draws it at a width in pixels.
func DrawTimeline(t Timeline, width int) (Drawing, error) {
	points := 0
	var items []item
	for i, l := range t.Lines {
		points += len(l.Points)
		items = append(items, item{hue(i), l.Name})
	}
	if points == 0 || !t.From.Before(t.To) || t.Step <= 0 {
		return nothing(t.Title, width), nil
	}
	top := legend(nil, items, vg.Length(width))
	return Drawing{t.Title, vg.Length(width), top + panelHeight*vg.Length(len(panels)),
		func(c draw.Canvas) (hits []hit) {
			legend(&c, items, vg.Length(width))
			c = draw.Crop(c, 0, -overhang, 0, -top)
			column := make([][]*plot.Plot, len(panels))
			for i := range panels {
				column[i] = []*plot.Plot{t.panel(i, c.Size().X)}
			}
			tiles := draw.Tiles{Rows: len(panels), Cols: 1, PadTop: nameHeight, PadY: nameHeight + 4}
			for i, row := range plot.Align(column, tiles, c) {
				column[i][0].Draw(row[0])
				data := column[i][0].DataCanvas(row[0])
				data.FillText(style(ink, draw.XLeft, draw.YBottom), vg.Point{X: data.Min.X, Y: data.Max.Y + 3},
					panels[i].name)
				hits = append(hits, t.points(i, column[i][0], row[0])...)
			}
			return hits
		}}, nil
}

// panel is one of the plots, with its lines.
func (t Timeline) panel(i int, width vg.Length) *plot.Plot {
	p := bare()
	top := 0.0
	for _, l := range t.Lines {
		for _, at := range l.Points {
			if v := panels[i].of(at); !math.IsNaN(v) {
				top = max(top, v)
			}
		}
	}
	if top == 0 {
		top = 1
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = seconds(t.From), seconds(t.To), 0, top*1.08
	p.X.Tick.Marker = plot.ConstantTicks(timeTicks(t.From, t.To, max(2, int(width/95))))
	p.Y.Tick.Marker = plot.ConstantTicks(ticks(p.Y.Max, 4, panels[i].label))
	lines := plotter.NewGrid()
	lines.Vertical.Width, lines.Horizontal.Color, lines.Horizontal.Width, lines.Horizontal.Dashes = 0, grid, 1, nil
	p.Add(lines)
	for n, l := range t.Lines {
		for _, part := range parts(l.Points, panels[i].of, t.Step) {
			p.Add(&plotter.Line{XYs: part.XYs, LineStyle: draw.LineStyle{Color: part.shade(hue(n)), Width: 1.5}})
		}
	}
	return p
}

func seconds(at time.Time) float64 { return float64(at.UnixMilli()) / 1000 }

// middle is where a step's point stands.
func (t Timeline) middle(p Point) float64 { return seconds(p.At.Add(t.Step / 2)) }

// part is a line that is provisional, or is not.
type part struct {
	plotter.XYs
	provisional bool
}

// shade is a line's colour: lighter where it is provisional.
func (p part) shade(c color.RGBA) color.Color {
	if p.provisional {
		return light(c)
	}
	return c
}

func light(c color.RGBA) color.Color { return color.NRGBA{c.R, c.G, c.B, 0x80} }

// parts divides a line where it becomes provisional, and where points are missing.
func parts(points []Point, of func(Point) float64, step time.Duration) (all []part) {
	var last Point
	for i, p := range points {
		v := of(p)
		if math.IsNaN(v) {
			continue
		}
		at := plotter.XY{X: seconds(p.At.Add(step / 2)), Y: v}
		before := math.NaN()
		if i > 0 {
			last = points[i-1]
			before = of(last)
		}
		switch {
		case math.IsNaN(before) || p.At.Sub(last.At) > step:
			all = append(all, part{plotter.XYs{at}, p.Provisional})
		case p.Provisional != all[len(all)-1].provisional:
			all = append(all, part{plotter.XYs{{X: seconds(last.At.Add(step / 2)), Y: before}, at}, p.Provisional})
		default:
			all[len(all)-1].XYs = append(all[len(all)-1].XYs, at)
		}
	}
	return all
}

// crowd is how many points a line may have for each to have a mark.
const crowd = 60

// points marks points, and returns where a pointer finds each.
func (t Timeline) points(panel int, p *plot.Plot, c draw.Canvas) (hits []hit) {
	data := p.DataCanvas(c)
	x, y := p.Transforms(&data)
	reach := max(3, min(8, (data.Max.X-data.Min.X)/vg.Length(max(1, float64(t.To.Sub(t.From))/float64(t.Step)))/2))
	for n, l := range t.Lines {
		for _, at := range l.Points {
			v := panels[panel].of(at)
			if math.IsNaN(v) {
				continue
			}
			place := vg.Point{X: x(t.middle(at)), Y: y(v)}
			if at.Provisional {
				ring(&data, place, 3, hue(n))
			} else if len(l.Points) <= crowd || at.Restated {
				data.DrawGlyphNoClip(draw.GlyphStyle{Color: hue(n), Radius: 2.5, Shape: draw.CircleGlyph{}}, place)
			}
			if at.Restated {
				data.DrawGlyphNoClip(draw.GlyphStyle{Color: restated, Radius: 5, Shape: draw.RingGlyph{}}, place)
			}
			hits = append(hits, hit{vg.Rectangle{Min: vg.Point{X: place.X - reach, Y: place.Y - 8},
				Max: vg.Point{X: place.X + reach, Y: place.Y + 8}}, at.Hint})
		}
	}
	return hits
}

// roundSteps are distances between ticks of time.
var roundSteps = []time.Duration{time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute,
	2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
	48 * time.Hour, 7 * 24 * time.Hour, 14 * 24 * time.Hour, 28 * 24 * time.Hour}

// timeTicks labels round times: the date where a day begins, otherwise the time.
func timeTicks(from, to time.Time, most int) (all []plot.Tick) {
	step := 365 * 24 * time.Hour
	for _, s := range roundSteps {
		if to.Sub(from) <= time.Duration(most)*s {
			step = s
			break
		}
	}
	for at := from.Truncate(step); !at.After(to); at = at.Add(step) {
		if at.Before(from) {
			continue
		}
		layout := "15:04"
		switch {
		case at.Equal(at.Truncate(24 * time.Hour)):
			layout = "2 Jan"
		case step < time.Minute:
			layout = "15:04:05"
		}
		all = append(all, plot.Tick{Value: seconds(at), Label: at.UTC().Format(layout)})
	}
	return all
}
