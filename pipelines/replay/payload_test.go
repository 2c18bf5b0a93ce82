package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"adtoorder/io/record"
	"adtoorder/io/window"
	"adtoorder/pipelines/engine"
	"adtoorder/transforms/event"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func clickIDs(records []record.Record) (ids []event.ID) {
	event.NewClicks(window.Policy{Size: time.Minute}).Decode(records,
		func(c *event.Click) { ids = append(ids, c.ID) }, func(event.Reject) {})
	return ids
}

func orderIDs(records []record.Record) (ids []event.ID) {
	event.NewOrders(window.Policy{Size: time.Minute}).Decode(records,
		func(o *event.Order) { ids = append(ids, o.ID) }, func(event.Reject) {})
	return ids
}

func TestIDsFollowFromThePlace(t *testing.T) {
	assert.Equal(t, "replay:69fad3959bdd678369806faaff351ff8", idOf(of("clicks", "/in/clicks.jsonl", "1234", "x")),
		"the same for ever")
	seen := map[string]bool{}
	for _, r := range []engine.RejectRow{
		of("clicks", "/a", "1", ""), of("orders", "/a", "1", ""), of("clicks", "/b", "1", ""),
		of("clicks", "/a", "2", ""),
		of("clicks", "/a1", "", ""), of("clicks", "/", "a1", ""), of("click", "s/a", "1", ""),
	} {
		seen[idOf(r)] = true
	}
	assert.Len(t, seen, 7)
}

func TestIdentified(t *testing.T) {
	const click, order = "EventId", "OrderId"
	for payload, want := range map[string]string{ // # is where the id goes, _ the name of its field
		`{}`:                                    `{#}`,
		` { } `:                                 ` { #} `,
		`{"a":1}`:                               `{"a":1,#}`,
		"{\"a\":1 }\r\n":                        "{\"a\":1 ,#}\r\n",
		"{\n  \"a\": {\"_\": \"1\"}\n}":         "{\n  \"a\": {\"_\": \"1\"}\n,#}",
		`{"_":null,"a":"}"}`:                    `{"_":null,"a":"}",#}`,
		`{"_":"","a":[{}]}`:                     `{"_":"","a":[{}],#}`,
		`{"_": null }`:                          `{"_": null ,#}`,
		`{"_":"1","_":null}`:                    `{"_":"1","_":null,#}`,
		`{"_":5,"_":""}`:                        `{"_":5,"_":"",#}`,
		`{"\u0045ventId":"","\u004frderId":""}`: `{"\u0045ventId":"","\u004frderId":"",#}`,
		`{"eventid":"1","ORDERID":"1"}`:         `{"eventid":"1","ORDERID":"1",#}`,
		`{"a":01}`:                              `{"a":01}`,
		"{\"a\":\"\xff\"}":                      "{\"a\":\"\xff\",#}",

		`{"_":"1"}`:            `{"_":"1"}`,
		`{"_":null,"_":"1"}`:   `{"_":null,"_":"1"}`,
		`{"_":" "}`:            `{"_":" "}`,
		`{"_":5}`:              `{"_":5}`,
		`{"_":[]}`:             `{"_":[]}`,
		`{"a":1`:               `{"a":1`,
		`{} {}`:                `{} {}`,
		`[{}]`:                 `[{}]`,
		`null`:                 `null`,
		`"{}"`:                 `"{}"`,
		`{"a":"` + "\n" + `"}`: `{"a":"` + "\n" + `"}`,
		"\ufeff{}":             "\ufeff{}",
		"":                     "",
		"\xff":                 "\xff",
		`hello {}`:             `hello {}`,
	} {
		for stream, name := range map[string]string{"clicks": click, "orders": order} {
			r := of(stream, "/in", "17", strings.ReplaceAll(payload, `"_"`, `"`+name+`"`))
			before := string(r.Payload)
			id := fmt.Sprintf(`"%s":"%s"`, name, idOf(r))
			assert.Equal(t, strings.ReplaceAll(strings.ReplaceAll(want, "#", id), `"_"`, `"`+name+`"`),
				string(identified(r)))
			assert.Equal(t, before, string(r.Payload), "the row's own stays")
		}
	}
	assert.JSONEq(t, `{"OrderId":"1","EventId":"`+idOf(of("clicks", "/a", "1", ""))+`"}`,
		string(identified(of("clicks", "/a", "1", `{"OrderId":"1"}`))),
		"the other stream's id is none")
}

// A payload without an id gets one that is the same each time, and no other
// byte; replayed with it, it keeps it.
func TestRandomPayloads(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 5))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	added := 0
	for range 3000 {
		var fields []string
		for range random.IntN(5) {
			fields = append(fields, pick(`"EventId"`, `"a"`, `"EventI\u0064"`, `"Ü}"`)+pick(":", " :\n")+pick(`null`,
				`""`, `"E1"`, `7`, `{"EventId":"x"}`, `"}"`, `[ ]`))
		}
		payload := pick("", " ", "\n") + "{" + pick("", "\t") + strings.Join(fields, pick(",", ", ")) + pick("", " ") +
			"}" + pick("", " ", "x")
		r := of("clicks", "/in/"+pick("a", "b"), fmt.Sprint(random.IntN(1000)), payload)
		first := string(identified(r))
		require.Equal(t, first, string(identified(r)))
		again := r
		again.Source, again.Position, again.Payload = "/replay.jsonl", "0", []byte(first)
		require.Equal(t, first, string(identified(again)))
		if !json.Valid(r.Payload) {
			require.Equal(t, payload, first)
			continue
		}
		var got map[string]any
		require.NoError(t, json.Unmarshal([]byte(first), &got))
		require.NotContains(t, []any{nil, ""}, got["EventId"])
		if first != payload {
			added++
			rest := strings.Replace(first, `"EventId":"`+idOf(r)+`"`, "", 1)
			end := strings.LastIndex(payload, "}")
			require.Contains(t, []string{payload, payload[:end] + "," + payload[end:]}, rest)
		}
	}
	assert.Greater(t, added, 500)
}

func TestOneLine(t *testing.T) {
	assert.Equal(t, `{  "a": "\n\r"  }`, string(oneLine([]byte("{\r\n\"a\": \"\\n\\r\"\r\n}"))))
	broken := []byte("\xff\n\xfe")
	assert.Equal(t, "\xff \xfe", string(oneLine(broken)))
	assert.Equal(t, "\xff\n\xfe", string(broken))
}

// The engine's own parser must see the id, wherever a payload had none.
func TestTheEngineSeesTheID(t *testing.T) {
	click := `"Event":"P601","EventType":"Promotion","Timestamp":"2026-11-01T00:00:00Z"`
	order := `"Timestamp":"2026-11-01T00:00:00Z","OrderLines":[{"Promotion":"P601","UnitPrice":1,"Quantity":1}]`
	for _, test := range []struct {
		stream, name, fields string
		ids                  func([]record.Record) []event.ID
	}{
		{"clicks", "EventId", click, clickIDs},
		{"orders", "OrderId", order, orderIDs},
	} {
		var records []record.Record
		var want []event.ID
		for i, payload := range []string{
			`{F}`, `{"_":null,F}`, `{F,"_":null}`, `{"_":"",F}`, `{F,"_":""}`, "{ F \n}\r\n", `{"_":"E1",F,"_":null}`,
			`{"_":5,"_":null,F}`,
			`{"\u0045ventId":null,"\u004frderId":"",F}`, `{"x":"\ud800",F}`, `{"x":"}",F,"y":{"_":"E2"}}`,
		} {
			r := of(test.stream, "/in", fmt.Sprint(i), strings.NewReplacer("F", test.fields, `"_"`,
				`"`+test.name+`"`).Replace(payload))
			line := oneLine(identified(r))
			records = append(records, record.Record{Payload: line, Size: int64(len(line)), Source: "/replay.jsonl"})
			want = append(want, event.NewID([]byte(idOf(r))))
		}
		assert.Equal(t, want, test.ids(records), test.stream)
	}
}
