package table

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// source is a file of some content.
func source(stream, path string, size int64) Source {
	return Source{Stream: stream, Path: path, Size: size, Sum: 7}
}

// origin is that of two files of clicks and one of orders, changed as told.
func origin(change func(*Origin)) Origin {
	o := Origin{Window: time.Minute, Format: "parquet", Layout: "hour", Sources: []Source{
		source("clicks", "/a", 10), source("clicks", "/b", 20),
		source("orders", "/a", 30)}}
	if change != nil {
		change(&o)
	}
	return o
}

func TestMissing(t *testing.T) {
	for name, test := range map[string]struct {
		run, stored Origin
		want        string
	}{
		"nothing is stored":           {origin(nil), Origin{}, ""},
		"nothing, with other windows": {origin(nil), Origin{Window: time.Hour, Format: "jsonl"}, ""},
		"what is forgotten, in another format": {origin(nil),
			Origin{Window: time.Minute, Format: "jsonl", Forgotten: &Forgotten{}}, "has jsonl files, not parquet"},
		"the same sources": {origin(nil), origin(nil), ""},
		"a source more":    {origin(nil), origin(func(o *Origin) { o.Sources = o.Sources[1:] }), ""},
		"a source that has grown": {origin(nil), origin(func(o *Origin) { o.Sources[1].Size = 19 }),
			"has rows from /b as it was before it changed"},
		"a source that has shrunk": {origin(nil), origin(func(o *Origin) { o.Sources[1].Size = 21 }),
			"has rows from /b as it was before it changed"},
		"a source of other content": {origin(nil), origin(func(o *Origin) { o.Sources[1].Sum = 8 }),
			"has rows from /b as it was before it changed"},
		"a source that was not looked into": {origin(nil), origin(func(o *Origin) { o.Sources[1].Sum = 0 }), ""},
		"a source less": {origin(func(o *Origin) { o.Sources = o.Sources[:2] }), origin(nil),
			"has rows from other orders: /a"},
		"a source of the other stream": {origin(func(o *Origin) { o.Sources[2].Stream = "clicks" }), origin(nil),
			"has rows from other orders: /a"},
		"a source in place of another": {origin(func(o *Origin) { o.Sources[0].Path = "/0" }), origin(nil),
			"has rows from other clicks: /a"},
		"no sources": {Origin{Window: time.Minute, Format: "parquet"}, origin(nil), "has rows from other clicks: /a"},
		"other windows": {origin(nil), origin(func(o *Origin) { o.Window = time.Hour }),
			"has windows of 1h0m0s, not of 1m0s"},
		"another map": {origin(func(o *Origin) { o.Flags = map[string]string{"clicks_map": "a"} }),
			origin(func(o *Origin) { o.Flags = map[string]string{"clicks_map": "b"} }),
			"has rows of records that were read with another --clicks_map"},
		"a map where there was none": {origin(func(o *Origin) { o.Flags = map[string]string{"orders_map": "a"} }),
			origin(nil), "has rows of records that were read with another --orders_map"},
		"no zone where there was one": {origin(nil),
			origin(func(o *Origin) { o.Flags = map[string]string{"timezone": "a"} }),
			"has rows of records that were read with another --timezone"},
		"another format": {origin(nil), origin(func(o *Origin) { o.Format = "jsonl" }), "has jsonl files, not parquet"},
		"other windows and other format": {origin(nil),
			origin(func(o *Origin) { o.Window, o.Format = time.Hour, "jsonl" }), "has windows of 1h0m0s, not of 1m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, test.run.Missing(test.stored))
		})
	}
}

func TestWith(t *testing.T) {
	stored := Origin{Window: time.Hour, Format: "jsonl", Layout: "hour", Sources: []Source{
		source("clicks", "/0", 1), source("clicks", "/b", 99),
		source("orders", "/a", 3), source("orders", "/z", 4)}}
	run := origin(nil)
	both := run.With(stored)
	assert.Equal(t, Origin{Window: time.Minute, Format: "parquet", Layout: "hour", Sources: []Source{
		source("clicks", "/0", 1), source("clicks", "/a", 10), source("clicks", "/b", 20), source("clicks", "/b", 99),
		source("orders", "/a", 3), source("orders", "/a", 30), source("orders", "/z", 4),
	}}, both, "both versions of a source that has changed")
	assert.Equal(t, origin(nil), run, "unchanged")
	assert.Equal(t, run, run.With(Origin{}))
	assert.Equal(t, run, run.With(run))
	assert.Empty(t, both.Missing(run))
	assert.NotEmpty(t, run.Missing(both), "rows of the old version stay")
}

func TestOriginAsJSON(t *testing.T) {
	text, err := json.Marshal(origin(func(o *Origin) { o.Format, o.Layout = "", "" }))
	require.NoError(t, err)
	assert.JSONEq(t, `{"window_ns":60000000000,"sources":[{"stream":"clicks","path":"/a","bytes":10,"sum":7},
		{"stream":"clicks","path":"/b","bytes":20,"sum":7},{"stream":"orders","path":"/a","bytes":30,"sum":7}]}`, string(text))
	var read Origin
	require.NoError(t, json.Unmarshal(text, &read))
	assert.Equal(t, origin(func(o *Origin) { o.Format, o.Layout = "", "" }), read)
}
