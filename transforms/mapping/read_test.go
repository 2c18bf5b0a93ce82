package mapping

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWrongMaps(t *testing.T) {
	for text, want := range map[string]string{
		"":                                             "is empty; must have a section clicks, or orders, or both",
		"clicks:":                                      "clicks: found nothing; must be fields with paths",
		"clicks: [a]":                                  "clicks: found a list in line 1; must be fields with paths",
		"[a]":                                          "found a list in line 1; must be names with values",
		"clicks: {}\nother: {}":                        "has other beside its sections",
		"orders: {}":                                   "says nothing of clicks; leave --clicks_map out",
		"clicks: {Id: a}":                              "clicks.Id: is not known; must be one of id, promotion, time,",
		"clicks: {lines: a}":                           "clicks.lines: is not known",
		"clicks: {id: a, id: b}":                       "clicks.id: is there twice",
		"clicks: {id: [[a]]}":                          "clicks.id: found a list in line 1; must be a text, or a list",
		"clicks: {id: {a: b}}":                         "clicks.id: found names with values in line 1",
		"clicks: {id: []}":                             "clicks.id: found an empty list",
		"clicks: {id: }":                               "clicks.id: found nothing",
		"clicks: {id: 5}":                              "clicks.id: found the number 5; must be a path",
		"clicks: {id: a..b}":                           `clicks.id: the path "a..b" has an empty name`,
		"clicks: {id: .a}":                             `clicks.id: the path ".a" has an empty name`,
		"clicks: {id: a.}":                             `clicks.id: the path "a." has an empty name`,
		"clicks: {id: ''}":                             `clicks.id: the path "" has an empty name`,
		"clicks: {id: 'a[0'}":                          `clicks.id: the path "a[0" has a bracket that does not end`,
		"clicks: {id: 'a]'}":                           `clicks.id: the path "a]" has an empty name, or half a bracket`,
		"clicks: {id: 'a[-1]'}":                        `clicks.id: the path "a[-1]" has [-1]; must be an index from 0`,
		"clicks: {id: 'a[x]'}":                         `clicks.id: the path "a[x]" has [x]; must be an index`,
		"clicks: {id: 'a[0]b'}":                        `clicks.id: the path "a[0]b" has "b" behind a bracket`,
		"clicks: {id: line.a}":                         `clicks.id: the path "line.a" must begin at the record`,
		"orders: {id: line.a}\nclicks: {}":             `orders.id: the path "line.a" must begin at the record`,
		"clicks: {id: =a}":                             `clicks.id: the path "=a" must begin at the record`,
		"clicks: {promotion: a, time: b}":              "clicks.where: is not there, nor are type and types",
		"clicks: {where: {}}":                          "clicks.where: found nothing",
		"clicks: {where: some}":                        `clicks.where: found "some"; must be paths with values`,
		"clicks: {where: {line.a: b}}":                 `clicks.where: the path "line.a" begins at an order's line`,
		"clicks: {where: {a..b: b}}":                   `clicks.where: the path "a..b" has an empty name`,
		"clicks: {where: {a: {b: c}}}":                 `clicks.where: the path "a": found b; must be a text`,
		"clicks: {where: {a: {present: 5}}}":           `clicks.where: the path "a": present: found "5"; must be true or false`,
		"clicks: {where: {a: {matches: '('}}}":         `clicks.where: matches, at the path "a": error parsing regexp`,
		"clicks: {where: {a: {matches: ''}}}":          `clicks.where: the path "a": matches: found an empty text`,
		"clicks: {where: {a: {not: {not: b}}}}":        `clicks.where: the path "a": found not; must be`,
		"clicks: {where: {a: {not: {present: true}}}}": `clicks.where: the path "a": found present; must be`,
		"clicks: {where: {a: {matches: b, present: true}}}": `clicks.where: the path "a": found 2 conditions`,
		"clicks: {exclude: {bot: {a..b: c}}}":               `clicks.exclude, bot: the path "a..b" has an empty name`,
		"clicks: {exclude: [a]}":                            "clicks.exclude: found a list in line 1; must be reasons",
		"clicks: {exclude: {bot: x}}":                       `clicks.exclude: bot: found "x"; must be paths`,
		"clicks: {exclude: {'': {a: b}}}":                   "clicks.exclude: found a reason without a name",
		"clicks: {time_zone: Berlin}":                       `clicks.time_zone: found "Berlin"; must be the name of a time zone`,
		"clicks: {time_zone: Local}":                        `clicks.time_zone: found "Local"; must be the name`,
		"clicks: {time_format: DD/MM/YYYY}":                 `clicks.time_format: found "DD/MM/YYYY"; must be rfc3339, s,`,
		"clicks: {types: {a: b}}":                           "clicks.types: found names with values",
		"clicks: {}\norders: {rows: orders}":                `orders.rows: found "orders"; must be lines, or left out`,
		"clicks: {}\norders: {line_id: a}":                  "orders.line_id: is for orders that have a row a line",
		"clicks: {}\norders: {price_scale: 19}":             `orders.price_scale: found "19"; must be how many digits`,
		"clicks: {}\norders: {price_scale: two}":            `orders.price_scale: found "two"; must be how many digits`,
		"clicks: {}\norders: {price_format: cents}":         `orders.price_format: found "cents"; must be decimal or base64`,
		"clicks: {}\norders: {quantity: [1, line.a]}":       "orders.quantity: found the number 1 before a path",
		"clicks: {}\norders: {quantity: -1}":                "orders.quantity: found the number -1",
		"clicks: {id: [a[0].b, c]}":                         "is no YAML: did not find expected ',' or ']'; put paths",
		"clicks: {id: *a}":                                  "is no YAML: unknown anchor 'a' referenced; put paths",
	} {
		_, err := read(t, text, Clicks)
		if assert.Error(t, err, text) {
			assert.Truef(t, strings.HasPrefix(err.Error(), want), "of %q\ngot  %s\nwant %s", text, err, want)
			assert.NotContains(t, err.Error(), "\n", text)
		}
	}
}

func TestNoMaps(t *testing.T) {
	dir := t.TempDir()
	large := dir + "/large.jsonl"
	require.NoError(t, os.WriteFile(large, bytes.Repeat([]byte("{}\n"), maxFile), 0o644))
	for name, want := range map[string]string{
		"segmnt":       "is no file, and no preset; must be a file (YAML or JSON), or one of cloudevents, debezium,",
		dir:            "is no map: must be a file",
		large:          "is no map: must be a file",
		"../path.go":   "is no file",
		"shopify.yaml": "is no file",
	} {
		_, err := Read(name, Clicks)
		assert.ErrorContains(t, err, want, name)
	}
	_, err := Read("shopify", Clicks)
	assert.EqualError(t, err, "says nothing of clicks; leave --clicks_map out, or give a map with a section clicks")
	_, err = Compile("{")
	assert.Error(t, err)
}

// A map's text depends on what it says, not on how that is written.
func TestTheSameMap(t *testing.T) {
	want, err := read(t, "# Ours.\nclicks:\n  id: [a, b]\n  where:\n    kind: 'x'\n    n: 5\n  types: [t]\n", Clicks)
	require.NoError(t, err)
	for _, text := range []string{
		"clicks: {types: t, where: {kind: [x], n: '5'}, id: [a, b]}",
		`{"clicks": {"id": ["a", "b"], "types": ["t"], "where": {"kind": "x", "n": 5}}}`,
		"\ufeff{\r\n\t\"orders\": {},\n\t\"clicks\": {\"id\": [\"a\",\t\"b\"]," +
			"\"types\":\"t\",\"where\":[{\"kind\":\"x\",\"n\":5}]}}",
		"id: [a, b]\nwhere: {kind: x, n: 5}\ntypes: t\n",
		"clicks:\n  id: &ids [a, b]\n  types: t\n  where: {kind: x, n: 5}\norders:\n  id: *ids\n",
	} {
		got, err := read(t, text, Clicks)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
		assert.Equal(t, Hash(want), Hash(got))
	}
	other, err := read(t, "clicks: {id: [b, a], where: {kind: x, n: 5}, types: t}", Clicks)
	require.NoError(t, err)
	assert.NotEqual(t, Hash(want), Hash(other))
	assert.Len(t, Hash(other), 16)
	assert.Empty(t, Hash(""))
}

func TestPresets(t *testing.T) {
	assert.Equal(t, "cloudevents debezium ga4 segment shopify snowplow woocommerce", strings.Join(Presets(), " "))
	for _, name := range Presets() {
		content, known := Preset(name)
		require.True(t, known)
		sections, err := parseFile(content, Orders)
		require.NoError(t, err, name)
		assert.Contains(t, sections, Orders, name)
		for stream := range sections {
			text, err := Read(name, stream)
			require.NoError(t, err)
			_, err = Compile(text)
			require.NoError(t, err)
		}
	}
	_, known := Preset("../mapping")
	assert.False(t, known)
}

// The examples of the manual are maps.
func TestTheManualsExamples(t *testing.T) {
	manual, err := os.ReadFile("README.md")
	require.NoError(t, err)
	examples := 0
	for _, block := range strings.Split("\n"+string(manual), "\n\n    ") {
		var lines []string
		for _, line := range strings.Split("    "+block, "\n") {
			if line != "" && !strings.HasPrefix(line, "    ") {
				break
			}
			lines = append(lines, strings.TrimPrefix(line, "    "))
		}
		text := strings.Join(lines, "\n")
		if strings.HasPrefix(text, "clicks:") || strings.HasPrefix(text, "orders:") {
			examples++
			_, err := parseFile([]byte(text), Clicks)
			assert.NoError(t, err, text)
		}
	}
	assert.Equal(t, 3, examples)
}
