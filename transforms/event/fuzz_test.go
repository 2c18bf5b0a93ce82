package event

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
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
		want, wantPromotion, wantReason := clickWant(payload)
		got, promotion, reason := click(p, of(string(payload)))
		require.Equal(t, wantReason, reason, "%q", payload)
		require.Equal(t, want.Time, got.Time, "%q", payload)
		require.Equal(t, wantPromotion, promotion, "%q", payload)
		require.Equal(t, want, got, "%q", payload)
	})
}

func FuzzOrder(f *testing.F) {
	f.Add([]byte(`{"OrderId":"O1","UserId":"U17","Timestamp":"2026-11-01T00:03:20.000Z","OrderLines":[{"ItemId":"I12","Promotion":"P601","UnitPrice":19.99,"Quantity":2}]}`))
	f.Add([]byte(orderOf(line("P2", "1", "1"), line("P1", "0.0000025", "3"), line("P2", "1e-400", "0"), "null")))
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
		want, wantPromotion, wantReason := orderWant(payload)
		got, promotion, reason := order(p, of(string(payload)))
		require.Equal(t, wantReason, reason, "%q", payload)
		require.Equal(t, want.Time, got.Time, "%q", payload)
		if reason == "" {
			require.Equal(t, wantPromotion, promotion, "%q", payload)
			require.Equal(t, want, got, "%q", payload)
		}
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
