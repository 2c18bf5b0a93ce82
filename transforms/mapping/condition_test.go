package mapping

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/valyala/fastjson"
)

func TestConditions(t *testing.T) {
	const record = `{"event":"Order Completed","n":5,"test":false,"agent":"Googlebot/2.1","null":null,"empty":"",
		"codes":[{"code":"A"},{"code":"B"}],"items":[]}`
	for where, want := range map[string]bool{
		"{event: Order Completed}":                       true,
		"{event: order completed}":                       false,
		"{event: [x, Order Completed]}":                  true,
		"{event: [x, y]}":                                false,
		"{n: 5}":                                         true,
		"{n: 5.0}":                                       false,
		"{n: '5'}":                                       true,
		"{test: false}":                                  true,
		"{test: true}":                                   false,
		"{none: ''}":                                     false,
		"{empty: ''}":                                    true,
		"{event: {present: true}}":                       true,
		"{event: {present: false}}":                      false,
		"{none: {present: false}}":                       true,
		"{null: {present: true}}":                        false,
		"{empty: {present: true}}":                       false,
		"{items: {present: true}}":                       true,
		"{agent: {matches: '(?i)BOT'}}":                  true,
		"{agent: {matches: '^bot'}}":                     false,
		"{n: {matches: '^[0-9]$'}}":                      true,
		"{none: {matches: '.*'}}":                        false,
		"{event: {not: x}}":                              true,
		"{event: {not: [x, Order Completed]}}":           false,
		"{none: {not: x}}":                               true,
		"{agent: {not: {matches: bot}}}":                 false,
		"{agent: {not: {matches: spider}}}":              true,
		"{'codes[*].code': B}":                           true,
		"{'codes[*].code': C}":                           false,
		"{'codes[*].code': {not: C}}":                    true,
		"{event: Order Completed, n: 5}":                 true,
		"{event: Order Completed, n: 6}":                 false,
		"[{event: x}, {n: 5}]":                           true,
		"[{event: x}, {n: 6}]":                           false,
		"[{event: Order Completed, n: 6}, {test: true}]": false,
		"all": true,
	} {
		r := readerOf(t, "orders: {where: "+where+"}", Orders)
		r.Begin(fastjson.MustParse(record))
		assert.Equal(t, want, r.IsMeant(), where)
	}
}

// Without type, types and where, clicks are of the type Promotion, as ours are.
func TestTypes(t *testing.T) {
	for fields, want := range map[string]string{
		"{}":                               "own",
		"{id: id}":                         "own",
		"{type: kind}":                     "kind",
		"{types: [promo, ad]}":             "promo",
		"{type: kind, types: ad}":          "",
		"{where: all}":                     "own promo kind none",
		"{where: {kind: Promotion}}":       "kind",
		"{where: all, types: promo}":       "promo",
		"{where: {a: 1}, type: EventType}": "own",
	} {
		r := readerOf(t, "clicks: "+fields, Clicks)
		got := ""
		for _, one := range []struct{ name, record string }{{"own", `{"EventType":"Promotion","a":1}`},
			{"promo", `{"EventType":"promo"}`}, {"kind", `{"kind":"Promotion"}`}, {"none", `{}`}} {
			if r.Begin(fastjson.MustParse(one.record)); r.IsMeant() {
				got += " " + one.name
			}
		}
		assert.Equal(t, want, trimmed(got), fields)
	}
}

func trimmed(text string) string {
	if text == "" {
		return ""
	}
	return text[1:]
}

// The first reason that a record gives, in the order of the map.
func TestExclude(t *testing.T) {
	r := readerOf(t, `orders:
  exclude:
    test order: {test: true}
    bot: [{agent: {matches: bot}}, {agent: {present: false}}]
    a: {test: true}
`, Orders)
	for record, want := range map[string]string{
		`{"test":true,"agent":"bot"}`: "test order", `{"test":false,"agent":"robot"}`: "bot",
		`{}`: "bot", `{"agent":"Firefox"}`: "",
	} {
		r.Begin(fastjson.MustParse(record))
		assert.Equal(t, want, r.Excluded(), record)
	}
}
