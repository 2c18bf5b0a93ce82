package mapping

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fastjson"
)

// read reads a map of a stream, given as text.
func read(t testing.TB, text, stream string) (string, error) {
	t.Helper()
	name := t.TempDir() + "/map.yaml"
	require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	return Read(name, stream)
}

// readerOf returns a reader by a map, given as text.
func readerOf(t testing.TB, text, stream string) *Reader {
	t.Helper()
	canonical, err := read(t, text, stream)
	require.NoError(t, err, text)
	m, err := Compile(canonical)
	require.NoError(t, err, text)
	return NewReader(m)
}

func TestPaths(t *testing.T) {
	const record = `{"a":{"b":{"c":"deep"}},"n":12345678901234567890,"yes":true,"null":null,"empty":"","minus":"-",
		"list":[{"k":"x","v":"1"},{"k":"y","w":"2"},"text",[7]],"a.b":"a column","dotted.name":"another",
		"json":"{\"in\":[{\"side\":\"found\"}]}","no json":"{oops","promo_click_1":{"p":"P1"},"line":"of our own",
		"\u0065scaped":"e","x*y":"star"}`
	for path, want := range map[string]string{
		"a.b.c":                   "deep",
		"$.a.b.c":                 "deep",
		"a.b":                     "", // an object
		`["a.b"]`:                 "a column",
		"dotted.name":             "another",
		"$.dotted.name":           "",
		"n":                       "12345678901234567890",
		"yes":                     "true",
		"null":                    "",
		"empty":                   "",
		"minus":                   "",
		"none":                    "",
		"a.b.c.d":                 "",
		"list[0].v":               "1",
		"list[1].v":               "",
		"list[2]":                 "text",
		"list[3][0]":              "7",
		"list[4]":                 "",
		"list[99999999].v":        "",
		"list[*].v":               "1",
		"list[*].w":               "2",
		"list[*]":                 "", // an object
		"list[*][*]":              "7",
		"list[k=y].w":             "2",
		`list[k="y"].w`:           "2",
		"list[k=z].w":             "",
		"list.k":                  "",
		"a[0]":                    "",
		"json.in[0].side":         "found",
		"json.in[*].side":         "found",
		"no json.x":               "",
		"no json":                 "{oops",
		"promo_*.p":               "P1",
		"*click*.p":               "P1",
		"*view*.p":                "",
		"promo_click_1*promo*.p":  "",
		"$.line":                  "of our own",
		"escaped":                 "e",
		`["x*y"]`:                 "star",
		"x*y":                     "star",
		"$":                       "",
		`list[k='x']["v"]`:        "1",
		`["a"]["b"].c`:            "deep",
		"a.*.c":                   "deep",
		`list[0]["k"]`:            "x",
		"json.in[0].side.further": "",
	} {
		r := readerOf(t, "clicks: {id: '"+strings.ReplaceAll(path, "'", "''")+"', none: ['-']}", Clicks)
		r.Begin(fastjson.MustParse(record))
		assert.Equal(t, want, string(r.Text(r.Find(r.ID, nil))), path)
	}
}

func TestTheFirstPathThatIsThere(t *testing.T) {
	r := readerOf(t, "clicks: {id: [a, b.c, d]}", Clicks)
	for record, want := range map[string]string{
		`{"a":"1","b":{"c":"2"},"d":"3"}`: "1", `{"a":null,"b":{"c":"2"},"d":"3"}`: "2",
		`{"a":"","d":"3"}`: "3", `{}`: "",
	} {
		r.Begin(fastjson.MustParse(record))
		assert.Equal(t, want, string(r.Text(r.Find(r.ID, nil))), record)
	}
}

// Each text that holds JSON is gone into once, however many there are.
func TestTextsThatHoldJSON(t *testing.T) {
	r := readerOf(t, "clicks: {id: [a.x, b.x], user: [b.y, a.y], promotion: '*.z'}", Clicks)
	for range 2 { // a reader lives longer than its record
		r.Begin(fastjson.MustParse(`{"a":"{\"y\":1}","b":"{\"x\":\"2\",\"y\":[]}","c":"{\"z\":\"3\"}"}`))
		for range 2 {
			assert.Equal(t, "2", string(r.Text(r.Find(r.ID, nil))))
			assert.Equal(t, fastjson.TypeArray, r.Find(r.User, nil).Type())
			assert.Equal(t, "3", string(r.Text(r.Find(r.Map.Promotion, nil))))
		}
		assert.Equal(t, 3, r.used)
	}
	many := "{" + strings.Repeat(`"n":"{}",`, 2*maxNested) + `"z":1}`
	r.Begin(fastjson.MustParse(many))
	assert.Nil(t, r.Find(r.Map.Promotion, nil))
	assert.Equal(t, 2*maxNested, r.used)
	lines := readerOf(t, "orders: {lines: OrderLines, promotion: line.p}", Orders)
	lines.Begin(fastjson.MustParse(`{"OrderLines":[` + strings.Repeat(`"{\"p\":\"a\"}",`, 99) + `"{\"p\":\"b\"}"]}`))
	all, _ := lines.Lines()
	named := lines.Promotions(nil, all)
	assert.Len(t, named, 100)
	assert.Equal(t, "b", string(lines.Text(named[99])))
	r.Begin(fastjson.MustParse("{}"))
	assert.LessOrEqual(t, len(r.nested), maxNested, "memory of unusual records is given back")
}

// Paths begin in the part of a record that within names; those with $ at the record.
func TestWithin(t *testing.T) {
	r := readerOf(t, "orders: {within: [payload.after, after, $], id: [id, $.op]}", Orders)
	for record, want := range map[string]string{
		`{"payload":{"after":{"id":"1"}},"after":{"id":"2"},"id":"3"}`: "1",
		`{"payload":{"after":null},"after":{"id":"2"},"id":"3"}`:       "2",
		`{"after":"{\"id\":\"4\"}","id":"3"}`:                          "4",
		`{"after":"no object","id":"3"}`:                               "3",
		`{"after":[],"op":"d"}`:                                        "d",
	} {
		r.Begin(fastjson.MustParse(record))
		assert.Equal(t, want, string(r.Text(r.Find(r.ID, nil))), record)
	}
	r = readerOf(t, "orders: {within: after, id: [id, $.op]}", Orders)
	r.Begin(fastjson.MustParse(`{"after":null,"id":"3","op":"d"}`))
	assert.Equal(t, "d", string(r.Text(r.Find(r.ID, nil))))
	r.Begin(nil)
	assert.Nil(t, r.Find(r.ID, nil))
}

func TestPromotionsOfLines(t *testing.T) {
	for _, test := range []struct{ paths, record, want string }{
		{"[line.p, order.p]", `{"lines":[{"p":"A"},{}],"order":{"p":"B"}}`, "A -"},
		{"[line.p, order.p]", `{"lines":[{"q":"A"},{}],"order":{"p":"B"}}`, "B B"},
		{"[order.p, line.p]", `{"lines":[{"p":"A"},{}],"order":{"p":"B"}}`, "B B"},
		{"[line.p, line.q, p]", `{"lines":[{"p":"A","q":"C"},{"q":"D"},{}],"p":"B"}`, "A D -"},
		{"[line.p]", `{"lines":{"p":"one line"}}`, "one line"},
		{"[line.p]", `{"lines":"[{\"p\":\"A\"}, 5]"}`, "A -"},
		{"[line.p, p]", `{"lines":[],"p":"B"}`, ""},
		{"line", `{"lines":["A","B"]}`, "A B"},
	} {
		r := readerOf(t, "orders: {lines: lines, promotion: "+test.paths+"}", Orders)
		r.Begin(fastjson.MustParse(test.record))
		lines, ok := r.Lines()
		require.True(t, ok, test.record)
		var got []string
		for _, v := range r.Promotions(nil, lines) {
			if v == nil {
				got = append(got, "-")
			} else {
				got = append(got, string(r.Text(v)))
			}
		}
		assert.Equal(t, test.want, strings.Join(got, " "), "%s of %s", test.paths, test.record)
	}
}

func TestLines(t *testing.T) {
	for _, test := range []struct {
		fields, record string
		want           int // -1 for no lines
	}{
		{"{}", `{"OrderLines":[{},{}]}`, 2},
		{"{}", `{"OrderLines":{}}`, 1},
		{"{}", `{"OrderLines":5}`, -1},
		{"{}", `{"OrderLines":"none"}`, -1},
		{"{}", `{}`, -1},
		{"{rows: lines}", `{"OrderLines":[{},{}]}`, 2},
		{"{rows: lines}", `{"OrderLines":[]}`, 0},
		{"{rows: lines}", `{}`, 1},
		{"{rows: lines, lines: a}", `{}`, -1},
		{"{lines: [a, b.c]}", `{"a":null,"b":{"c":[5]}}`, 1},
		{"{lines: $}", `{"a":1}`, 1},
	} {
		r := readerOf(t, "orders: "+test.fields, Orders)
		r.Begin(fastjson.MustParse(test.record))
		lines, ok := r.Lines()
		if !ok {
			lines = make([]*fastjson.Value, 0)
		}
		got := len(lines)
		if !ok {
			got = -1
		}
		assert.Equal(t, test.want, got, "%s of %s", test.fields, test.record)
	}
}

// What a record has is found without allocating.
func TestFindingDoesNotAllocate(t *testing.T) {
	r := readerOf(t, `clicks: {where: {type: track, "*x*": y}, exclude: {bot: {agent: {matches: bot}}}, id: [no, a.b, c],
		promotion: "list[k=y].w"}`, Clicks)
	record := fastjson.MustParse(
		`{"type":"track","axb":"y","agent":"Firefox","a":"{\"b\":5}","c":1,"list":[{"k":1},{"k":"y","w":"2"}]}`)
	allocations := testing.AllocsPerRun(100, func() {
		r.Begin(record)
		if !r.IsMeant() || r.Excluded() != "" || r.Find(r.ID, nil) == nil || r.Find(r.Map.Promotion, nil) == nil {
			t.Error("not found")
		}
	})
	assert.Zero(t, allocations)
}
