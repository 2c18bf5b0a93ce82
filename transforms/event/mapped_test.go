package event

import (
	"fmt"
	"os"
	"testing"

	"adtoorder/io/record"
	"adtoorder/io/window"
	"adtoorder/transforms/ledger"
	"adtoorder/transforms/mapping"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// byMap returns a parser by a map of a stream, given as text.
func byMap(t testing.TB, text, stream string) *parser {
	t.Helper()
	name := t.TempDir() + "/map.yaml"
	require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	p := newParser()
	require.NoError(t, p.readBy(readingOf(t, name, stream)))
	return p
}

// outcomeOf is what became of a record, in short.
func outcomeOf(result parsed) string {
	switch {
	case result.filtered():
		return "filtered " + result.reason
	case result.reason != "":
		return result.reason
	case !result.promotion:
		return "not_promotion"
	}
	return "event"
}

func TestMappedClicks(t *testing.T) {
	p := byMap(t, `clicks:
  where: {kind: click}
  exclude: {bot: {agent: {matches: bot}}}
  id: key
  time: at
  promotion: [ad.id, ad.name]
`, mapping.Clicks)
	const at = `"at":"2026-11-01T00:00:00Z"`
	for payload, want := range map[string]string{
		`{"kind":"click","key":"k",` + at + `,"ad":{"id":"P1"}}`:  "event",
		`{"kind":"click",` + at + `,"ad":{"id":71}}`:              "event",
		`{"kind":"click",` + at + `,"ad":{"name":"P1"}}`:          "event",
		`{"kind":"click",` + at + `,"ad":{}}`:                     "no_event",
		`{"kind":"click",` + at + `,"ad":{"id":["P1"]}}`:          "wrong_type: promotion",
		`{"kind":"click",` + at + `,"key":true,"ad":{"id":"P1"}}`: "wrong_type: id",
		`{"kind":"click","at":{},"ad":{"id":"P1"}}`:               "wrong_type: time",
		`{"kind":"click","ad":{"id":"P1"}}`:                       "no_timestamp",
		`{"kind":"click","at":"soon","ad":{"id":"P1"}}`:           "bad_timestamp",
		`{"kind":"view","at":"soon"}`:                             "not_promotion",
		`{}`:                                                      "not_promotion",
		`{"kind":"click","agent":"bot","at":"soon"}`:              "filtered bot",
		`{"kind":"view","agent":"bot"}`:                           "not_promotion",
		`null`:                                                    "not_json_object",
		`[]`:                                                      "not_json_object",
		`"text"`:                                                  "not_json_object",
		`{"kind":"click"`:                                         "not_json_object",
		``:                                                        "not_json_object",
		"\xff":                                                    "invalid_utf8",
		`{"kind":"click","key":NaN,` + at + `,"ad":{"id":"P1"}}`:                             "not_json_object",
		`{"kind":"cl\ick",` + at + `,"ad":{"id":"P1"}}`:                                      "not_json_object",
		"{\"kind\":\"click\"," + at + ",\"ad\":{\"id\":\"P\x01\"}}":                          "not_json_object",
		`{"kind":"click",` + at + `,"ad":{"id":"\u0050\u0031"},"url":"https:\/\/x.example"}`: "event",
		`{"kind":"click",` + at + `,"ad":"{\"id\":\"P1\"}"}`:                                 "event",
	} {
		var c Click
		assert.Equal(t, want, outcomeOf(c.parseMapped(p, of(payload))), payload)
		if want == "event" {
			assert.EqualValues(t, start0, c.Time)
			assert.Contains(t, []string{"P1", "71"}, c.Promotion)
		}
	}
	var c Click
	require.True(t, c.parseMapped(p, of(`{"kind":"click","key":9007199254740993,`+at+`,"ad":{"id":"P1"}}`)).promotion)
	assert.Equal(t, Click{ID: NewID([]byte("9007199254740993")), Time: start0, Promotion: "P1"}, c)
	damaged := of("{}")
	damaged.Damage = "corrupt_gzip"
	assert.Equal(t, "corrupt_gzip", c.parseMapped(p, damaged).reason)
	long := of("{}")
	long.Size = record.MaxSize + 1
	assert.Equal(t, TooLong, c.parseMapped(p, long).reason)
}

func TestMappedOrders(t *testing.T) {
	p := byMap(t, `orders:
  id: key
  time: at
  lines: items
  promotion: [line.promo, promo]
  quantity: [line.n, 1]
  price: [line.net, line.gross]
  price_scale: 2
`, mapping.Orders)
	for items, want := range map[string]string{
		`[{"promo":"P1","n":2,"net":150}]`:                              "event {1 2 3000000}",
		`[{"promo":"P1","net":"150"},{"promo":"P1","n":"2","gross":1}]`: "event {2 3 1520000}",
		`[{"promo":"P1","n":1.0,"net":1.5e2}]`:                          "event {1 1 1500000}",
		`[{"promo":"P1","net":0.00005}]`:                                "event {1 1 0}",
		`[{"promo":"P1","net":0.00015}]`:                                "event {1 1 2}",
		`[{"promo":"P1","net":1},{"net":"free"},{"promo":"","n":-1}]`:   "event {1 1 10000}",
		`[{"n":1,"net":100}],"promo":"P1"`:                              "event {1 1 1000000}",
		`{"promo":"P1","net":100}`:                                      "event {1 1 1000000}",
		`"[{\"promo\":\"P1\",\"net\":100}]"`:                            "event {1 1 1000000}",
		`[{"promo":"P1","net":{"scale":3,"value":"B88="}}]`:             "event {1 1 1999000}",
		`[{"promo":"P1","n":{"scale":1,"value":"Cg=="},"net":100}]`:     "event {1 1 1000000}",
		`[{"promo":"P1","n":{"scale":1,"value":"Cw=="},"net":100}]`:     "bad_quantity",
		`[]`:                            "not_promotion",
		`[{"n":1,"net":100}]`:           "not_promotion",
		`[5,"x",null]`:                  "not_promotion",
		`5`:                             "no_order_lines",
		`null`:                          "no_order_lines",
		`[{"promo":"P1"}]`:              "bad_unit_price",
		`[{"promo":"P1","net":-1}]`:     "bad_unit_price",
		`[{"promo":"P1","net":"1,00"}]`: "bad_unit_price",
		`[{"promo":"P1","net":{"scale":3,"value":"?"}}]`:                    "bad_unit_price",
		`[{"promo":"P1","net":{}}]`:                                         "bad_unit_price",
		`[{"promo":"P1","n":0.5,"net":1}]`:                                  "bad_quantity",
		`[{"promo":"P1","n":-1,"net":1}]`:                                   "bad_quantity",
		`[{"promo":"P1","n":true,"net":1}]`:                                 "wrong_type: quantity",
		`[{"promo":"P1","n":1,"net":[]}]`:                                   "wrong_type: price",
		`[{"promo":["P1"],"n":1,"net":1}]`:                                  "wrong_type: promotion",
		`[{"promo":"P1","n":9223372036854775807,"net":100}]`:                "overflow",
		`[{"promo":"P1","n":1,"net":1e30}]`:                                 "overflow",
		`[{"promo":"P1","n":1,"net":9e14},{"promo":"P1","n":9,"net":9e14}]`: "overflow",
		`[{"promo":"P1","n":1,"net":{"scale":40,"value":"B88="}}]`:          "event {1 1 0}",
		`[{"promo":"P1","n":1,"net":{"scale":-40,"value":"B88="}}]`:         "overflow",
		`[{"promo":"P1","n":1,"net":{"scale":0.5,"value":"B88="}}]`:         "bad_unit_price",
	} {
		var o Order
		payload := `{"key":"k","at":"2026-11-01T00:00:00Z","items":` + items + `}`
		got := outcomeOf(o.parseMapped(p, of(payload)))
		if got == "event" {
			got += fmt.Sprint(" ", o.Parts[0].Amounts)
			assert.Equal(t, NewID([]byte("k")), o.ID)
			assert.Equal(t, ID{}, o.Piece)
		}
		assert.Equal(t, want, got, items)
	}
}

// Prices of Debezium's DECIMAL: bytes of an integer, in base64.
func TestMappedDecimals(t *testing.T) {
	p := byMap(t, "orders: {price_format: base64, price_scale: 3}", mapping.Orders)
	for price, want := range map[string]string{
		`"B88="`: "event 1999000", `"AA=="`: "event 0", `"AP8="`: "event 255000", `"/w=="`: "bad_unit_price",
		`"DeC2s6dj///"`: "bad_unit_price", `"1.5"`: "bad_unit_price",
		`"===="`: "bad_unit_price", `""`: "bad_unit_price",
		`1999`: "event 1999000", `"DeC2s6dj//8="`: "event 999999999999999999000", `null`: "bad_unit_price",
	} {
		var o Order
		payload := orderOf(`{"Promotion":"P1","Quantity":1,"UnitPrice":` + price + `}`)
		got := outcomeOf(o.parseMapped(p, of(payload)))
		if got == "event" {
			got += fmt.Sprint(" ", o.Parts[0].RevenueMicros)
		}
		if want == "event 999999999999999999000" {
			want = "overflow"
		}
		assert.Equal(t, want, got, price)
	}
}

func TestMappedTimes(t *testing.T) {
	const noon = start0 + 12*60*60*1000
	for _, test := range []struct {
		fields, at string
		want       int64
		assumed    Assumption
		reason     string
	}{
		{"", `"2026-11-01T00:00:00Z"`, start0, NothingAssumed, ""},
		{"", `"2026-11-01 00:00:00"`, start0, NoZone, ""},
		{"", `1793491200000000`, start0, Microseconds, ""},
		{"time_zone: Europe/Berlin", `"2026-11-01 01:00"`, start0, NothingAssumed, ""},
		{"time_zone: Europe/Berlin", `"2026-11-01T00:00:00.5Z"`, start0 + 500, NothingAssumed, ""},
		{"time_zone: Europe/Berlin", `"2026-07-01 02:00"`, 1782864000000, NothingAssumed, ""},
		{"time_zone: Asia/Tokyo", `"1970-01-01 00:00"`, 0, NothingAssumed, BadYear},
		{"time_format: rfc3339", `"2026-11-01T00:00:00Z"`, start0, NothingAssumed, ""},
		{"time_format: rfc3339", `1793491200`, 0, NothingAssumed, BadTimestamp},
		{"time_format: s", `1793491200`, start0, NothingAssumed, ""},
		{"time_format: s", `"1793491200.9999"`, start0 + 999, NothingAssumed, ""},
		{"time_format: s", `1.7934912e9`, start0, NothingAssumed, ""},
		{"time_format: s", `5`, 5000, NothingAssumed, ""},
		{"time_format: s", `0`, 0, NothingAssumed, ""},
		{"time_format: s", `0.0`, 0, NothingAssumed, ""},
		{"time_format: s", `0e999999999`, 0, NothingAssumed, ""},
		{"time_format: s", `-1`, 0, NothingAssumed, BadYear},
		{"time_format: s", `253402300800`, 0, NothingAssumed, BadYear},
		{"time_format: s", `253402300799`, 253402300799000, NothingAssumed, ""},
		{"time_format: s", `1e400`, 0, NothingAssumed, BadYear},
		{"time_format: ms", `1793491200000`, start0, NothingAssumed, ""},
		{"time_format: us", `"1793491200000999"`, start0, NothingAssumed, ""},
		{"time_format: ns", `1793491200001000000`, start0 + 1, NothingAssumed, ""},
		{"time_format: ns", `7`, 0, NothingAssumed, ""},
		{"time_format: ms", `"2026-11-01T00:00:00Z"`, 0, NothingAssumed, BadTimestamp},
		{"time_format: 02/01/2006 15:04", `"01/11/2026 12:00"`, noon, NoZone, ""},
		{"time_format: 02/01/2006 15:04", `"2026-11-01T00:00:00Z"`, 0, NothingAssumed, BadTimestamp},
		{"time_format: '%d/%m/%Y %H:%M', time_zone: America/New_York", `"31/10/2026 20:00"`, start0,
			NothingAssumed, ""},
		{"time_format: '%d/%b/%Y:%T %z', time_zone: America/New_York", `"01/Nov/2026:01:00:00 +0100"`, start0,
			NothingAssumed, ""},
		{"time_format: '%Y-%m-%dT%TZ', time_zone: Asia/Tokyo", `"2026-11-01T12:00:00.25Z"`, noon + 250,
			NothingAssumed, ""},
		{"time_format: '%Y%m%d%H%M%S'", `20261101120000`, noon, NoZone, ""},
		{"time_format: 02/01/2006 15:04", `"01/11/1969 12:00"`, 0, NothingAssumed, BadYear},
	} {
		var c Click
		p := byMap(t, "clicks: {id: id, "+test.fields+"}", mapping.Clicks)
		got := c.parseMapped(p, of(`{"EventType":"Promotion","Event":"P1","Timestamp":`+test.at+`}`))
		want := parsed{time: test.want, assumed: test.assumed, reason: test.reason, promotion: test.reason == ""}
		assert.Equal(t, want, got, "%s %s", test.fields, test.at)
	}
}

// The zone of times that have none, without a map and with one that says nothing of it.
func TestZones(t *testing.T) {
	for at, want := range map[string]int64{
		"2026-11-01 01:00:00": start0, "2026-11-01T00:00:00Z": start0, "2026-11-01T01:00": start0,
		"2026-10-31T20:00:00-04:00": start0, "2026-07-01 02:00:00": 1782864000000,
	} {
		click := of(`{"EventId":"E1","Event":"P1","EventType":"Promotion","Timestamp":"` + at + `"}`)
		odd := of(`{"EventId":"E1","Event":"P1","EventType":"Promotion","x":{},"Timestamp":"` + at + `"}`)
		for _, reading := range []Reading{{Zone: "Europe/Berlin"},
			{Zone: "Europe/Berlin", Map: readingOf(t, "debezium", mapping.Clicks).Map}} {
			d := NewClicks(minutes)
			require.NoError(t, d.ReadBy(reading))
			d.Decode([]record.Record{click, odd}, func(c *Click) { assert.Equal(t, want, c.Time, at) },
				func(r Reject) { t.Error(r.Reason) })
			assert.Equal(t, []int64{want, want}, timesOf(t, ledger.Clicks, reading)(nil, []record.Record{click, odd}))
			assert.Equal(t, "without a zone, taken as Europe/Berlin", d.Describe(NoZone))
			assert.Equal(t, Seconds.String(), d.Describe(Seconds))
		}
	}
	assert.Error(t, NewClicks(minutes).ReadBy(Reading{Zone: "Berlin"}))
	assert.Error(t, NewClicks(minutes).ReadBy(Reading{Map: "no map"}))
}

// What is booked of records that a map leaves out, and at what time.
func TestFilteredRecordsAreBooked(t *testing.T) {
	p := NewOrders(window.Policy{Size: 60_000_000_000})
	require.NoError(t, p.ReadBy(readingOf(t, "debezium", mapping.Orders)))
	got := decodeBatch(p, of(`{"before":{"OrderId":"O1","Timestamp":"2026-11-01T00:00:00Z"},"after":null,"op":"d"}`),
		of("null"), of(orderOf(line("P1", "1", "1"))))
	assert.Len(t, got.events, 1)
	assert.Empty(t, got.rejects)
	assert.Equal(t, map[string]int64{fmt.Sprint(start0, " {orders filtered delete}"): 1,
		"0 {orders filtered tombstone}": 1}, got.bookings)
}

// From an unbounded source they are booked where no runner drops them, however old they
// are, and are no rejects.
func TestFilteredRecordsOfUnboundedSources(t *testing.T) {
	p := NewOrders(minutes)
	require.NoError(t, p.ReadBy(readingOf(t, "debezium", mapping.Orders)))
	deleted := of(`{"before":{"OrderId":"O1","Timestamp":"2026-11-01T00:00:00Z"},"after":null,"op":"d"}`)
	deleted.Time, deleted.Watermark = start0+3_600_000, start0+3_660_000
	got := decodeBatch(p, deleted)
	assert.Empty(t, got.events)
	assert.Empty(t, got.rejects)
	assert.Equal(t, map[string]int64{fmt.Sprint(start0+3_660_000, " {orders filtered delete}"): 1}, got.bookings)
}

// Pieces of an order are told apart by what the map names, otherwise by where they stand.
func TestPieces(t *testing.T) {
	pieceOf := func(p *parser, payload, source string, offset int64) (order, piece ID) {
		r := of(payload)
		r.Source, r.Offset = source, offset
		var o Order
		require.True(t, o.parseMapped(p, r).promotion, payload)
		return o.ID, o.Piece
	}
	const fields = `"Timestamp":"2026-11-01T00:00:00Z","Promotion":"P1","Quantity":1,"UnitPrice":1}`
	byPlace := byMap(t, "orders: {rows: lines}", mapping.Orders)
	byName := byMap(t, "orders: {rows: lines, line_id: [no, line.row]}", mapping.Orders)
	order, here := pieceOf(byPlace, `{"OrderId":"O1",`+fields, "a", 1)
	assert.Equal(t, NewID([]byte("O1")), order)
	_, again := pieceOf(byPlace, `{"OrderId":"O1",`+fields, "a", 1)
	assert.Equal(t, here, again)
	seen := map[ID]bool{{}: true, here: true}
	for _, other := range []struct {
		p       *parser
		payload string
		offset  int64
	}{
		{byPlace, `{"OrderId":"O1",`, 2}, {byPlace, `{"OrderId":"O2",`, 1}, {byName, `{"OrderId":"O1","no":1,`, 1},
		{byName, `{"OrderId":"O1","no":2,`, 1}, {byName, `{"OrderId":"O1","row":3,`, 1},
		{byName, `{"OrderId":"O2","no":1,`, 1},
	} {
		_, piece := pieceOf(other.p, other.payload+fields, "a", other.offset)
		assert.False(t, seen[piece], "%s at %d", other.payload, other.offset)
		seen[piece] = true
	}
	_, one := pieceOf(byName, `{"OrderId":"O1","no":1,`+fields, "a", 1)
	_, same := pieceOf(byName, `{"OrderId":"O1","no":"1",`+fields, "b", 7)
	assert.Equal(t, one, same, "wherever it stands")
	_, none := pieceOf(byPlace, `{`+fields, "a", 1)
	assert.Equal(t, ID{}, none, "an order without an id")
}

// Reading by a map does not allocate.
func TestMappedDoesNotAllocate(t *testing.T) {
	clicks, orders := NewClicks(minutes), NewOrders(minutes)
	require.NoError(t, clicks.ReadBy(readingOf(t, "segment", mapping.Clicks)))
	require.NoError(t, orders.ReadBy(readingOf(t, "segment", mapping.Orders)))
	click, order := []record.Record{of(segmentClick)}, []record.Record{of(segmentOrder)}
	read := 0
	useClick, useOrder := func(*Click) { read++ }, func(*Order) { read++ }
	reject := func(r Reject) { t.Error(r.Reason) }
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		clicks.Decode(click, useClick, reject)
		orders.Decode(order, useOrder, reject)
	}))
	assert.Equal(t, 202, read)
}
