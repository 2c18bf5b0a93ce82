package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var nasty = []string{`<script>alert(1)</script>`, strings.Repeat("W", 300), "two\nlines\tand\x00control\x1b",
	"\xff\xfe invalid", "😀 emoji", "שלום עולם", `"quotes' & amp;`, "", "]]>"}

func number(x float64) *float64 { return &x }

func ratios() Ratios {
	r := Ratios{Title: `ratios & <b>`, Periods: []string{"1 Nov", "2 Nov"}}
	for i, name := range nasty {
		r.Promotions = append(r.Promotions, RatioGroup{name, []*RatioBar{{Ratio: number(float64(10 + i)),
			Low: number(5), High: number(30), Hint: fmt.Sprint("hint ", i, name)}, nil}})
	}
	return r
}

func counts(log bool) Counts {
	c := Counts{Title: "counts", Log: log}
	for i, name := range nasty {
		c.Promotions = append(c.Promotions, Count{name, int64(i * i * 1000), int64(i), fmt.Sprint("hint ", i)})
	}
	return c
}

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func timeline() Timeline {
	t := Timeline{Title: "timeline", From: noon, To: noon.Add(time.Hour), Step: time.Minute}
	for i, name := range nasty {
		l := Line{Name: name}
		for n := range 10 {
			l.Points = append(l.Points, Point{At: noon.Add(time.Duration(n+n/5) * time.Minute), Clicks: int64(n),
				Orders: 1, Ratio: number(float64(n)), Provisional: n == 9, Restated: n == 3, Hint: fmt.Sprint("hint ",
					i, " ", n)})
		}
		l.Points[2].Ratio = nil
		t.Lines = append(t.Lines, l)
	}
	return t
}

// element is what a test looks at of an SVG.
type element struct {
	name  string
	attrs map[string]string
	text  string
}

// parse reads an SVG strictly, and holds it against what a page may contain.
func parse(t *testing.T, d Drawing, err error) (all []element) {
	t.Helper()
	require.NoError(t, err)
	svg, err := d.SVG()
	require.NoError(t, err)
	in := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			e := element{name: token.Name.Local, attrs: map[string]string{}}
			for _, a := range token.Attr {
				e.attrs[a.Name.Local] = a.Value
				assert.NotEqual(t, "style", a.Name.Local)
				assert.NotRegexp(t, "^on|href", a.Name.Local)
			}
			assert.Contains(t, []string{"svg", "g", "path", "text", "rect", "title"}, e.name)
			all = append(all, e)
		case xml.CharData:
			if len(all) > 0 {
				all[len(all)-1].text += string(token)
			}
		}
	}
	require.Equal(t, "svg", all[0].name)
	assert.Equal(t, d.title, all[0].attrs["aria-label"])
	return all
}

func texts(all []element, name string) (found []string) {
	for _, e := range all {
		if e.name == name {
			found = append(found, e.text)
		}
	}
	return found
}

// paths are the outlines of what has a class, as their numbers.
func paths(t *testing.T, all []element, class string) (found [][]float64) {
	for _, e := range all {
		if e.name != "path" || e.attrs["class"] != class {
			continue
		}
		var numbers []float64
		for _, text := range regexp.MustCompile(`-?\d+(\.\d+)?(e-?\d+)?`).FindAllString(e.attrs["d"], -1) {
			x, err := strconv.ParseFloat(text, 64)
			require.NoError(t, err)
			numbers = append(numbers, x)
		}
		found = append(found, numbers)
	}
	return found
}

func TestNastyNamesAreText(t *testing.T) {
	for _, width := range []int{280, 960, 2000} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			d, err := DrawRatios(ratios(), width)
			all := parse(t, d, err)
			assert.Len(t, texts(all, "title"), len(nasty))
			assert.Contains(t, texts(all, "title"), "hint 0<script>alert(1)</script>")
			d, err = DrawCounts(counts(false), width)
			assert.Len(t, texts(parse(t, d, err), "title"), len(nasty))
			d, err = DrawCounts(counts(true), width)
			assert.Len(t, texts(parse(t, d, err), "title"), len(nasty))
			d, err = DrawTimeline(timeline(), width)
			assert.Len(t, texts(parse(t, d, err), "title"), len(nasty)*29,
				"ten points in three panels, less one without a ratio")
		})
	}
}

func TestBarsAreAsLongAsTheirRatios(t *testing.T) {
	q := Ratios{Periods: []string{"a"}, Promotions: []RatioGroup{
		{"P", []*RatioBar{{Ratio: number(20), Low: number(10), High: number(40)}}}, {"Q",
			[]*RatioBar{{Ratio: number(40), Low: number(30), High: number(50)}}}}}
	d, err := DrawRatios(q, 800)
	all := parse(t, d, err)
	bars := paths(t, all, "fill c0")[1:] // the first one is the legend's
	require.Len(t, bars, 2)
	length := func(bar []float64) float64 { return bar[4] - bar[0] }
	assert.InDelta(t, 2, length(bars[1])/length(bars[0]), 0.01)
	zero := bars[0][0]
	unit := length(bars[0]) / 20
	whiskers := paths(t, all, "stroke whisker")
	require.NotEmpty(t, whiskers)
	assert.InDelta(t, zero+10*unit, whiskers[0][0], 0.1)
	assert.InDelta(t, zero+40*unit, whiskers[0][2], 0.1)
}

func TestStatesAreMarked(t *testing.T) {
	d, err := DrawRatios(Ratios{Periods: []string{"a"}, Promotions: []RatioGroup{
		{"none", []*RatioBar{{Orders: 7}}}, {"over", []*RatioBar{{Ratio: number(125)}}}, {"few",
			[]*RatioBar{{Ratio: number(50), Few: true}}}}}, 800)
	all := parse(t, d, err)
	assert.Contains(t, texts(all, "text"), "7 orders, no clicks")
	assert.Contains(t, texts(all, "text"), "125 %, over 100 %")
	few, other := paths(t, all, "fill few"), paths(t, all, "fill c0")
	require.Len(t, few, 2, "in the legend, and the bar")
	require.Len(t, other, 2)
	assert.InDelta(t, 125.0/50, (other[1][4]-other[1][0])/(few[1][4]-few[1][0]), 0.01, "not clipped")
}

func TestLogarithmicAxis(t *testing.T) {
	d, err := DrawCounts(Counts{Log: true, Promotions: []Count{{Name: "a", Clicks: 10, Orders: 0},
		{Name: "b", Clicks: 1000, Orders: 100}}}, 800)
	all := parse(t, d, err)
	height := func(bar []float64) float64 { return bar[3] - bar[1] }
	clicks, orders := paths(t, all, "fill c0")[1:], paths(t, all, "fill c1")[1:]
	for i, bar := range clicks {
		clicks[i] = []float64{0, min(bar[1], bar[3], bar[5]), 0, max(bar[1], bar[3], bar[5])}
	}
	for i, bar := range orders {
		orders[i] = []float64{0, min(bar[1], bar[3], bar[5]), 0, max(bar[1], bar[3], bar[5])}
	}
	assert.InDelta(t, 2*(height(orders[1])-height(clicks[0])), height(clicks[1])-height(clicks[0]), 0.1,
		"1000 is as far above 100 as 100 is above 10")
	assert.Contains(t, texts(all, "text"), "0", "no bar, and said so")
}

func TestProvisionalAndRestatedPoints(t *testing.T) {
	q := timeline()
	q.Lines = q.Lines[:1]
	d, err := DrawTimeline(q, 800)
	all := parse(t, d, err)
	assert.Len(t, paths(t, all, "stroke restated"), 3, "one a panel")
	lighter := 0
	for _, e := range all {
		if e.attrs["class"] == "stroke c0" && e.attrs["stroke-opacity"] != "" {
			lighter++
		}
	}
	assert.Equal(t, 3, lighter)
}

func TestTextIsInside(t *testing.T) {
	for _, width := range []int{280, 960} {
		for _, draw := range []func() (Drawing, error){func() (Drawing, error) { return DrawRatios(ratios(), width) },
			func() (Drawing, error) { return DrawTimeline(timeline(), width) }} {
			d, err := draw()
			for _, e := range parse(t, d, err) {
				if e.name != "text" || e.text == "" {
					continue
				}
				x, err := strconv.ParseFloat(e.attrs["x"], 64)
				require.NoError(t, err)
				assert.GreaterOrEqual(t, x, -1.0, e.text)
				assert.LessOrEqual(t, x+style(ink, 0, 0).Width(e.text).Points(), float64(width)+1, e.text)
			}
		}
	}
}

func TestNothingToDraw(t *testing.T) {
	d, err := DrawRatios(Ratios{Promotions: []RatioGroup{{"P", []*RatioBar{nil}}}}, 300)
	assert.Contains(t, texts(parse(t, d, err), "text"), "no data")
	d, err = DrawCounts(Counts{}, 300)
	assert.Contains(t, texts(parse(t, d, err), "text"), "no data")
	d, err = DrawTimeline(Timeline{Lines: []Line{{Name: "P"}}}, 300)
	assert.Contains(t, texts(parse(t, d, err), "text"), "no data")
	d, err = DrawCounts(Counts{Log: true, Promotions: []Count{{Name: "P"}}}, 300)
	parse(t, d, err)
	d, err = DrawRatios(Ratios{Periods: []string{"a"}, Promotions: []RatioGroup{{"P",
		[]*RatioBar{{Ratio: number(0), Low: number(0), High: number(0)}}}}}, 300)
	parse(t, d, err)
}

func TestEqualInputGivesEqualBytes(t *testing.T) {
	a, _ := DrawRatios(ratios(), 600)
	b, _ := DrawRatios(ratios(), 600)
	one, err := a.SVG()
	require.NoError(t, err)
	two, err := b.SVG()
	require.NoError(t, err)
	assert.Equal(t, string(one), string(two))
}

func TestPNG(t *testing.T) {
	d, err := DrawCounts(counts(true), 400)
	require.NoError(t, err)
	text, err := d.PNG()
	require.NoError(t, err)
	image, err := png.Decode(bytes.NewReader(text))
	require.NoError(t, err)
	assert.Equal(t, 800, image.Bounds().Dx())
}

func TestTimeTicks(t *testing.T) {
	labels := func(from, to time.Time, most int) (all []string) {
		for _, tick := range timeTicks(from, to, most) {
			all = append(all, tick.Label)
		}
		return all
	}
	assert.Equal(t, []string{"12:00", "12:15", "12:30", "12:45", "13:00"}, labels(noon, noon.Add(time.Hour), 4))
	assert.Equal(t, []string{"12:00", "18:00", "2 Nov", "06:00", "12:00"}, labels(noon, noon.Add(24*time.Hour), 4))
	assert.Equal(t, []string{"12:00:00", "12:00:30", "12:01:00"}, labels(noon, noon.Add(time.Minute), 2))
	assert.LessOrEqual(t, len(labels(noon, noon.AddDate(1, 0, 0), 8)), 16)
}
