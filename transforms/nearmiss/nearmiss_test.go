package nearmiss

import (
	"strings"
	"testing"

	"adtoorder/transforms/ledger"

	"github.com/stretchr/testify/assert"
)

// misses looks at a record and returns what came close, as "path value -> wanted: mend".
func misses(stream, payload string) (all []string) {
	f := New(stream)
	f.Begin()
	f.LookAt([]byte(payload), false)
	for m := range f.Misses {
		all = append(all, m.String()+" | "+m.Mend)
	}
	return all
}

func TestClicks(t *testing.T) {
	const rest = `"UserId":"U1","Timestamp":"2026-11-01T00:00:00Z"`
	for name, c := range map[string]struct {
		payload string
		want    []string
	}{
		"ours":         {`{"EventId":"E1","Event":"P1","EventType":"Promotion",` + rest + `}`, nil},
		"another type": {`{"Event":"C301","EventType":"Checkout","id":"7",` + rest + `}`, nil},
		"a type in lower case": {`{"EventId":"E1","Event":"P1","EventType":"promotion",` + rest + `}`,
			[]string{`EventType "promotion" comes close to "Promotion" | types: promotion`}},
		"a type in other words": {`{"EventId":"E1","Event":"P1","EventType":"Promotion Clicked",` + rest + `}`,
			[]string{`EventType "Promotion Clicked" comes close to "Promotion" | types: "Promotion Clicked"`}},
		"a type with an underscore": {`{"EventId":"E1","Event":"P1","event_type":"Promotion",` + rest + `}`,
			[]string{`event_type comes close to EventType | type: event_type`}},
		"both": {`{"EventId":"E1","Event":"P1","event_type":"promo_click",` + rest + `}`,
			[]string{`event_type "promo_click" comes close to EventType "Promotion" | type: event_type; types: promo_click`}},
		"misspelt": {`{"EventId":"E1","Event":"P1","EvenType":"Promotion",` + rest + `}`,
			[]string{`EvenType comes close to EventType | type: EvenType`}},
		"a synonym that says nothing of promotions": {`{"EventId":"E1","Event":"P1","type":"track",` + rest + `}`, nil},
		"an id in camel case": {`{"eventId":"E1","Event":"P1","EventType":"Promotion",` + rest + `}`,
			[]string{`eventId comes close to EventId | id: eventId`}},
		"an empty id": {`{"EventId":"","id":"1","Event":"P1","EventType":"Promotion",` + rest + `}`, nil},
		"all in lower case": {`{"eventid":"E0","event":"P1","eventtype":"Promotion","timestamp":"x"}`, []string{
			`eventid comes close to EventId | id: eventid`, `event comes close to Event | promotion: event`,
			`eventtype comes close to EventType | type: eventtype`, `timestamp comes close to Timestamp | time: timestamp`}},
		"deeper": {`{"meta":{"event_id":"E0"},"data":{"promo.code":"P1","line":{"ts":1}},"EventType":"Promotion"}`, []string{
			`meta.event_id comes close to EventId | id: meta.event_id`,
			`data["promo.code"] comes close to Event | promotion: "data[\"promo.code\"]"`,
			`data.line.ts comes close to Timestamp | time: data.line.ts`}},
		"an order": {`{"OrderId":"O1","Timestamp":"x","OrderLines":[{"ItemId":"I1"}]}`, []string{"records are orders | "}},
		"Segment": {`{"messageId":"m","event":"Promotion Clicked","properties":{},"timestamp":"x"}`,
			[]string{"records have the shape of segment | --clicks_map segment"}},
		"no JSON":   {`{"EventId`, nil},
		"no object": {`["promotion"]`, nil},
	} {
		t.Run(name, func(t *testing.T) { assert.ElementsMatch(t, c.want, misses(ledger.Clicks, c.payload)) })
	}
}

func TestOrders(t *testing.T) {
	const start = `{"OrderId":"O1","Timestamp":"2026-11-01T00:00:00Z",`
	for name, c := range map[string]struct {
		payload string
		want    []string
	}{
		"ours":                 {start + `"OrderLines":[{"Promotion":"P1","UnitPrice":1,"Quantity":1}]}`, nil},
		"no promotion":         {start + `"OrderLines":[{"Promotion":"","Quantity":1,"UnitPrice":1},{"campaign":"x"}]}`, nil},
		"no lines":             {start + `"OrderLines":[]}`, nil},
		"in lower case":        {start + `"OrderLines":[{"promotion":"P1","UnitPrice":1,"Quantity":1}]}`, []string{`OrderLines[].promotion comes close to OrderLines[].Promotion | promotion: line.promotion`}},
		"PromotionId":          {start + `"OrderLines":[{"ItemId":"I","PromotionId":"P1","UnitPrice":1,"Quantity":1}]}`, []string{`OrderLines[].PromotionId comes close to OrderLines[].Promotion | promotion: line.PromotionId`}},
		"of a second line":     {start + `"OrderLines":[{"promo":null,"UnitPrice":1,"Quantity":1},{"promo":"P1"}]}`, []string{`OrderLines[].promo comes close to OrderLines[].Promotion | promotion: line.promo`}},
		"of the order":         {start + `"Promotion":"P1","OrderLines":[{"ItemId":"I","UnitPrice":1,"Quantity":1}]}`, []string{`Promotion comes close to OrderLines[].Promotion | promotion: Promotion`}},
		"items beside nothing": {start + `"OrderLines":[],"items":[{"Promotion":"P1","UnitPrice":1,"Quantity":1}]}`, []string{`items comes close to OrderLines | lines: items`}},
		"amounts": {start + `"lineItems":[{"promo_code":"P1","price":1,"qty":1}]}`, []string{
			`lineItems comes close to OrderLines | lines: lineItems`, `lineItems[].promo_code comes close to OrderLines[].Promotion | promotion: line.promo_code`,
			`lineItems[].price comes close to OrderLines[].UnitPrice | price: line.price`, `lineItems[].qty comes close to OrderLines[].Quantity | quantity: line.qty`}},
		"a click": {`{"Event":"P1","EventType":"Promotion","Timestamp":"x"}`, []string{"records are clicks | "}},
		"of Shopify": {`{"id":1,"line_items":[{}],"discount_codes":[]}`, []string{
			"records have the shape of shopify | --orders_map shopify"}},
	} {
		t.Run(name, func(t *testing.T) { assert.ElementsMatch(t, c.want, misses(ledger.Orders, c.payload)) })
	}
}

// Whatever stands in a record, looking at it is bounded.
func TestWhatIsLookedAtIsBounded(t *testing.T) {
	f := New(ledger.Clicks)
	for batch := range 3 * everyBatch {
		f.Begin()
		for range 2 * firstLooks {
			if f.Wants(false) {
				f.LookAt([]byte(`{"EventType":"promotion"}`), false)
			}
		}
		assert.EqualValues(t, firstLooks+(batch+1)/everyBatch, f.Looked)
	}
	assert.True(t, f.Wants(true))
	f.LookAt([]byte(`{"EventType":"Promotion","event_id":"1"}`), true)
	assert.EqualValues(t, firstLooks+3+1, f.Looked, "events without an id have a share of their own")
	assert.EqualValues(t, 1, f.Misses[Miss{Wanted: "EventId", Found: "event_id", Mend: "id: event_id"}])

	f = New(ledger.Clicks)
	f.left[noEvents] = 2 * maxMisses
	for i := range 2 * maxMisses {
		f.LookAt([]byte(`{"EventType":"promo`+strings.Repeat("_", i)+`"}`), false)
	}
	assert.LessOrEqual(t, len(f.Misses), maxMisses)
	f.LookAt([]byte(strings.Repeat(`{"a":`, 10_000)), false)
	f.LookAt([]byte(`{"`+strings.Repeat("x", maxPayload)+`":1}`), false)
}

func TestMisspelt(t *testing.T) {
	for other, want := range map[string]bool{"timestamp": false, "timestmp": true, "timestampx": true,
		"timestomp": true,
		"tiemstamp": true, "temistamp": false, "time": false, "": false, "imestamp": true, "xtimestampx": false} {
		assert.Equal(t, want, isMisspelt(other, "timestamp"), other)
		assert.Equal(t, want, isMisspelt("timestamp", other), other)
	}
}
