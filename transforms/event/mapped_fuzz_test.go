package event

import (
	"os"
	"testing"

	"adtoorder/io/record"
	"adtoorder/transforms/mapping"

	"github.com/stretchr/testify/require"
)

// fuzzedMap uses all that maps know.
const fuzzedMap = `
  within: [payload.after, after, detail, $]
  where: [{"a.b[0].c": 1, "*x*": {present: true}}, {"l[*]": {matches: "^[a-z]+$"}}, {$.op: {not: [d, t]}}]
  exclude: {bot: {"l[k=v].w": {matches: bot}}, delete: [{$.op: d}, {$: {present: false}}], gone: {"*.deleted": true}}
  none: ["-"]
  id: [id, "ids[*].id", '["a.b"]']
  time: [at, $.ts, "*at*"]
`

// FuzzMapped reads any payload by maps that use all that maps know, and by all presets:
// none of them panics, and what is an event is whole.
func FuzzMapped(f *testing.F) {
	for _, payload := range []string{segmentClick, segmentOrder, clickWithID, usualOrder, "null", "{}", "",
		`{"payload":{"after":{"id":1,"at":5,"items":"[{\"promo\":\"P1\",\"n\":{\"scale\":1,\"value\":\"Cg==\"}}]"}},"op":"c"}`,
		`{"a":{"b":[{"c":1}]},"x":"y","l":["abc",{"k":"v","w":"bot"}],"items":{"promo":1,"price":"B88=","n":2}}`,
	} {
		f.Add([]byte(payload))
	}
	for _, v := range values {
		f.Add([]byte(`{"id":` + v + `,"at":` + v + `,"items":[{"promo":` + v + `,"n":` + v + `,"price":` + v + `}]}`))
	}
	clicks, orders := map[string]*parser{}, map[string]*parser{}
	add := func(to map[string]*parser, name, file, stream string) {
		if text, err := mapping.Read(file, stream); err == nil {
			to[name] = newParser()
			require.NoError(f, to[name].readBy(Reading{Map: text, Zone: "Asia/Kathmandu"}))
		}
	}
	for name, more := range map[string]string{
		"plain": "", "minor": "  price_scale: 18\n  time_format: us\n",
		"base64": "  price_format: base64\n  time_format: '%d/%m/%Y %T'\n",
		"rows":   "  rows: lines\n  line_id: [no, line.no]\n  time_zone: America/New_York\n",
	} {
		file := f.TempDir() + "/map.yaml"
		text := "clicks:" + fuzzedMap + "  promotion: [promo, \"items[*].promo\"]\norders:" + fuzzedMap + more +
			"  lines: items\n  promotion: [line.promo, promo]\n" +
			"  quantity: [line.n, 1]\n  price: [line.price, price, 0]\n"
		require.NoError(f, os.WriteFile(file, []byte(text), 0o644))
		add(clicks, name, file, mapping.Clicks)
		add(orders, name, file, mapping.Orders)
		require.NotNil(f, orders[name], text)
	}
	for _, name := range mapping.Presets() {
		add(clicks, name, name, mapping.Clicks)
		add(orders, name, name, mapping.Orders)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		r := record.Record{Payload: payload, Size: int64(len(payload)), Source: "a"}
		for name, p := range clicks {
			var c Click
			result := c.parseMapped(p, r)
			mustBeWhole(t, name, result, c.Promotion != "")
			require.Equal(t, result.time, p.clickTime(&r), name)
		}
		for name, p := range orders {
			var o Order
			result := o.parseMapped(p, r)
			mustBeWhole(t, name, result, len(o.Parts) > 0)
			require.Equal(t, result.time, p.orderTime(&r), name)
			for _, part := range o.Parts {
				require.True(t, part.Promotion != "" && part.Lines > 0 && part.Units >= 0 && part.RevenueMicros >= 0)
			}
		}
	})
}

// mustBeWhole fails where a result contradicts itself.
func mustBeWhole(t *testing.T, name string, result parsed, has bool) {
	t.Helper()
	require.Equal(t, result.promotion && !result.filtered(), has, name)
	require.True(t, result.time >= 0 && result.time < year10000, name)
}
