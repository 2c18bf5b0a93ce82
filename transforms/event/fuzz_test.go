package event

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"
)

func sortedNames(parts map[string]Part) []string { return slices.Sorted(maps.Keys(parts)) }

// values are what fields are given, to start from: fuzzing joins and breaks them.
var values = []string{
	`"P601"`, `"2026-11-01T00:00:00.000Z"`, `"2026-11-01T00:00:00,5+24:00"`, `"1969-12-31T23:59:59-00:01"`,
	`"Promotion"`, `""`, "null", "true", "[]", "{}", `[{"a":[01]}]`,
	"0", "-0", "2.0", "2e0", "1.5", "-0.0000001", "19.99", "1e3", "1E-7", "1e400", "1e-400", "1e999999999",
	"9223372036854.775807", "nan", "1-2",
	`"\u0050\ud83d\ude00\"\\"`, "\"\x010\\\"\"", `"\ud800"`, `{"Quantity":1,"UnitPrice":1,"Promotion":"P1"}`,
	"\"\xff\"",
	`"2026-11-01 00:00:00"`, `"2026-11-01t00:00z"`, `"2016-12-31 23:59:60 UTC"`, `"2026-11-01T00:00:00.123456+0530"`,
	`"2026-11-01T00:00:00-08"`, "1793491200", "1793491200.123", `"1793491200000"`, "1.793491200e9", "1793491200000000",
	`"1793491200000000000"`, "20261101", `"2"`, `"2.0"`, `"19.99"`, `"1,000"`, `"$5"`, `"-3"`, `"1E400"`, `" 1"`, "42",
	`"42"`, "9007199254740993",
}

// comparable tells whether a payload is one that the parsers promise to read as
// encoding/json does: not nested deeper than they allow.
func comparable(payload []byte) bool {
	return bytes.Count(payload, []byte("["))+bytes.Count(payload, []byte("{")) < 290
}

func FuzzClick(f *testing.F) {
	f.Add([]byte(`{"EventId":"E1","UserId":"U17","Device":"mobile","Event":"P601","EventType":"Promotion","Timestamp":"2026-11-01T00:00:00.000Z"}`))
	f.Add([]byte(`{"Event":"P1","\u0045vent":5,"x":{"Event":[1,null]},"EventType":"Search","Timestamp":"2026-11-01T05:30:00+05:30"}` + "\r"))
	for _, v := range values {
		f.Add([]byte(`{"Event":` + v + `,"EventType":"Promotion","Timestamp":"2026-11-01T00:00:00Z"}`))
		f.Add([]byte(`{"Event":"P1","Event\u0054ype":` + v + `,"Timestamp":` + v + `,"Device":null,"Other":` + v + `}`))
	}
	p := newParser()
	f.Fuzz(func(t *testing.T, payload []byte) {
		if !comparable(payload) {
			return
		}
		mustReadAs(t, p, payload, payload)
	})
}

func FuzzOrder(f *testing.F) {
	f.Add([]byte(`{"OrderId":"O1","UserId":"U17","Timestamp":"2026-11-01T00:03:20.000Z","OrderLines":[{"ItemId":"I12","Promotion":"P601","UnitPrice":19.99,"Quantity":2}]}`))
	f.Add([]byte(orderOf(line("P2", "1", "1"), line("P1", "0.0000025", "3"), line("P2", "1e-400", "0"), "null")))
	f.Add([]byte(orderOf(line("P1", `"19.99"`, `"2.0"`), line("", "-3", "1"), `{"ItemId":"gift"}`)))
	for _, v := range values {
		f.Add([]byte(orderOf(line("P1", v, "1"), line("P1", "1", v), `{"Promotion":`+v+`,"Quantity":1,"UnitPrice":1}`)))
		f.Add([]byte(`{"OrderId":` + v + `,"Timestamp":` + v + `,"OrderLines":` + v + `}`))
		f.Add([]byte(orderOf(`{"Quantity":`+v+`,"Quantity":1,"UnitPrice":1,"ItemId":null,"Other":`+v+`}`, v)))
	}
	p := newParser()
	f.Fuzz(func(t *testing.T, payload []byte) {
		if !comparable(payload) {
			return
		}
		mustReadAs(t, p, payload, payload)
	})
}

// Whatever the scanner takes, the parser reads as it does.
func FuzzScannerAgreesWithParser(f *testing.F) {
	const sound = `"EventType":"Promotion","Event":"P1",` + usualTime + `,"OrderLines":[]`
	for _, payload := range append(unusualPayloads, usualClick, clickWithID, noPromotion, usualOrder, orderOfNoOne) {
		f.Add([]byte(strings.ReplaceAll(payload, "%s", sound)))
	}
	for _, v := range append(values, "01", "1.", ".5", "9223372036854775807", "999999999999.9", `"\ud800"`,
		`"2026-02-29T00:00:00Z"`, `"2024-02-29T23:59:59.1234Z"`) {
		f.Add([]byte(orderOf(line("P1", v, "1"), line("P1", "1", v),
			`{"Promotion":`+v+`,"Quantity":1,"UnitPrice":1,"x":`+v+`}`)))
		f.Add([]byte(`{"EventId":` + v + `,"x":` + v + `,"EventType":"Promotion","Event":` + v + `,"Timestamp":` + v +
			`,"OrderLines":[]}`))
	}
	p := newParser()
	f.Fuzz(func(t *testing.T, payload []byte) {
		r := of(string(payload))
		r.Source, r.Repeats = "/a", true // so that each event has an id
		click(p, r)
		order(p, r)
	})
}
