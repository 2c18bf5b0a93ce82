package event

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"strings"
	"testing"

	"adtoorder/io/record"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const usualTime = `"Timestamp":"2026-11-01T18:00:01.020Z"`

func TestUsualRecordsAreScanned(t *testing.T) {
	for _, payload := range []string{
		usualClick, clickWithID, noPromotion, `{` + usualTime + `}`, `{"Event":"",` + usualTime + `}`,
		`{` + usualTime + `,"EventType":"Promotion","Event":"P1"}`,
		`{"EventId":null,"EventType":null,` + usualTime + `,"Event":null}`,
		` { "EventType": "Promotion" , "Event": "P1",` + "\r\n\t" + usualTime + " } \r",
		`{"a":"b","c":1,"d":-0.5,"e":true,"f":false,"g":null,"":"",` + usualTime + `,"z":20}`,
		`{"EventTypes":"x","event":5,"Timestamps":6,` + usualTime + `}`,
		`{"EventId": 42,"UserId":5,"Device":0.5,` + usualTime + `}`,
		`{"Timestamp":1793491200}`, `{"Timestamp": 1793491200.25}`, `{"Timestamp":"1793491200000"}`,
		`{"Timestamp":"2026-11-01 00:00:00"}`, `{"Timestamp":"2026-11-01T01:00:00+0100"}`,
		"{\"UserId\":\"\x7f ~ a name that is longer than a few words\"," + usualTime + "}",
	} {
		assert.NotNil(t, scannedClick(newParser(), of(payload)), payload)
		click(newParser(), of(payload))
	}
	for _, payload := range []string{
		usualOrder, orderOfNoOne, orderOf(),
		orderOf(line("P2", "1", "2"), line("P1", "0.000001", "0"), line("P2", "3.5", "1")),
		`{"OrderLines": [ { "Quantity": 2 , "UnitPrice": 0.5 } , {"Promotion":null,"UnitPrice":1,"Quantity":1,"x":"y"} ] ,` + usualTime + `}`,
		`{"OrderLines":[],"Currency":"EUR",` + usualTime + `}`,
		`{"OrderLines":[{"ItemId":"gift"},{"ItemId":5},{"Quantity":1},{"UnitPrice":"1"}],"OrderId":5,"Timestamp":"1793491200"}`,
		orderOf(line("P1", `"19.99"`, ` "2"`)),
	} {
		assert.NotNil(t, scannedOrder(newParser(), of(payload)), payload)
		order(newParser(), of(payload))
	}
}

// unusualPayloads are left to the parser, both as clicks and as orders: %s stands for
// what makes both sound.
var unusualPayloads = []string{
	"", " ", "{", "}", "{}", "[%s]", "{%s}}", "{%s} x", "{%s}\x00", "{%s,}", "{,%s}", "{%s", "\ufeff{%s}",
	"{%s}{%s}", "\v{%s}",
	`{%s,"UserId":"a","UserId":"a"}`, `{%s,"Timestamp":null}`, `{%s,"UserId":true}`, `{%s,"UserId":{}}`,
	`{%s,"UserId":-5}`, `{%s,"UserId":5x}`,
	`{%s,"UserId" :"a"}`,
	`{%s,"x":01}`, `{%s,"x":1.}`, `{%s,"x":.5}`, `{%s,"x":-}`, `{%s,"x":- 1}`, `{%s,"x":+1}`, `{%s,"x":1e3}`,
	`{%s,"x":-.5}`, `{%s,"x":--1}`,
	`{%s,"x":nul}`, `{%s,"x":nulls}`, `{%s,"x":NaN}`, `{%s,"x":}`, `{%s,"x"}`, `{%s,"x":"}`,
	`{%s,"x":"\u0000"}`, `{%s,"x":"\ud800"}`, `{%s,"x":"\"}`,
	"{%s,\"x\":\"\x00\"}", "{%s,\"x\":\"\x1f 234567\"}", "{%s,\"x\":\"1234567\x1f\"}", "{%s,\"x\":\"\xff\"}",
	`{%s,"x":"é"}`, "{%s,\"\x01\":1}",
	`{%s,"x":[]}`, `{%s,"x":{"a":[1]}}`, `{%s,"Us\u0065rId":"a"}`,
	`{%s,"x":` + strings.Repeat("[", 400) + strings.Repeat("]", 400) + `}`,
	`{%s "x":1}`, `{%s,"x":1 "y":2}`, `{%s;"x":1}`, `{%s,x:1}`, `{%s,'x':1}`, `{%s,"x":'1'}`, `{%s,"x"::1}`,
}

func TestWhatIsUnusualIsLeftToTheParser(t *testing.T) {
	const sound = `"EventType":"Promotion","Event":"P1",` + usualTime + `,"OrderLines":[]`
	for _, payload := range unusualPayloads {
		payload = strings.ReplaceAll(payload, "%s", sound)
		assert.Nil(t, scannedClick(newParser(), of(payload)), "%q", payload)
		assert.Nil(t, scannedOrder(newParser(), of(payload)), "%q", payload)
	}
	for _, fields := range []string{`"EventType":"Promotion",` + usualTime, `"EventType":"Promotion","Event":"",` +
		usualTime, `"Event":"P1"`, `"Event":5,` + usualTime, `"EventType":5,` + usualTime, `"Timestamp":5`,
		`"Timestamp":"x"`,
		`"Timestamp":17934912e2`, `"Timestamp":01793491200`, `"Timestamp":null`} {
		assert.Nil(t, scannedClick(newParser(), of("{"+fields+"}")), fields)
	}
	for _, l := range []string{
		"", "5", "null", "[]", "{}", "}", `{"Promotion":"P1","Quantity":1}`, `{"Promotion":"P1","UnitPrice":1}`,
		line("P1", "1", "1.0"), line("P1", `"1`, "1"), line("P1", `"1,0"`, "1"), line("P1", "1", `""`),
		line("P1", `"01"`, "1"), line("P1", `" 1"`, "1"), line("P1", `"1e3"`, "1"), line("", "-1", "1"),
		line("P1", "1", "-1"), line("P1", "1e3", "1"), line("P1", "01", "1"),
		line("P1", "1.", "1"), line("P1", ".5", "1"), line("P1", "-0", "1"), line("P1", "1", "null"),
		line("P1", "true", "1"), line("P1", "0.0000015", "1"),
		line("P1", "999999999999", "999999999999"), line("P1", "1", strings.Repeat("9", 30)),
		`{"Quantity":1,"UnitPrice":1,"UnitPrice":1}`,
		`{"Quantity":1,"UnitPrice":1,"Promotion":5}`, `{"Quantity":1,"UnitPrice":1,"x":{}}`,
		`{"Quantity":1,"UnitPrice":1},`, `{"Quantity":1,"UnitPrice":1`,
	} {
		payload := orderOf("{\"Quantity\":1,\"UnitPrice\":1}", l)
		assert.Nil(t, scannedOrder(newParser(), of(payload)), payload)
	}
	assert.Nil(t, scannedOrder(newParser(), of("{"+usualTime+"}")))
	assert.Nil(t, scannedOrder(newParser(), of("{"+usualTime+`,"OrderLines":null}`)))
	for _, r := range []record.Record{{Damage: "corrupt_gzip"}, {Size: record.MaxSize + 1}} {
		r.Payload = []byte(`{"OrderLines":[],` + usualTime + `}`)
		assert.Nil(t, scannedClick(newParser(), r))
		assert.Nil(t, scannedOrder(newParser(), r))
	}
}

func TestEndsOfPlainTexts(t *testing.T) {
	for c := range 256 {
		isEnd := c < ' ' || c == '"' || c == '\\' || c > 0x7f
		for at := range 8 {
			for _, behind := range []byte{0, ' ', '!', '"', '#', '[', ']', 0x7f, 0x80, 0xa0, 0xff} {
				text := bytes.Repeat([]byte{'~'}, 8)
				text[at] = byte(c)
				if at < 7 {
					text[at+1] = behind
				}
				found := ends(binary.LittleEndian.Uint64(text))
				if want := at*8 + 7; isEnd {
					require.Equal(t, want, bits.TrailingZeros64(found), "%q", text)
				} else {
					require.Greater(t, bits.TrailingZeros64(found), want, "%q", text)
				}
			}
		}
	}
}

// Each part of a payload ends within some token, or before the object does.
func TestThePartsOfUsualPayloads(t *testing.T) {
	p := newParser()
	for _, payload := range []string{clickWithID, usualOrder, `{"x":-1.5,"y":null,"z":true,"a":"b",` + usualTime +
		`,"OrderLines":[]} `} {
		for end := range len(payload) - 1 {
			part := payload[:end]
			assert.Nil(t, scannedClick(p, of(part)), part)
			assert.Nil(t, scannedOrder(p, of(part)), part)
		}
		click(p, of(payload))
		order(p, of(payload))
	}
}

// usualClick and usualOrder make payloads of the usual shape.
func (w writer) usualClick() string {
	return fmt.Sprintf(`{"EventId":"E%d","UserId":"U%d","Device":%s,"Event":"P%d","EventType":%s,%s}`, w.IntN(1e6), w.IntN(1e4),
		w.one(`"mobile"`, "null"), w.IntN(100), w.one(`"Promotion"`, `"Search"`), w.one(usualTime,
			`"Timestamp": "2026-11-02T05:06:07Z"`, `"Timestamp":"2026-11-02 05:06:07.5"`, `"Timestamp":1793491200000`))
}

func (w writer) usualOrder() string {
	var lines []string
	for range w.IntN(4) {
		lines = append(lines, line(w.one("P1", "P2", ""), w.one("19.99", "5", "0.5", `"19.99"`),
			fmt.Sprint(w.IntN(10))))
	}
	return fmt.Sprintf(`{"OrderId":"O%d","UserId":"U%d",%s,"OrderLines":[%s]}`, w.IntN(1e6), w.IntN(1e4), usualTime, strings.Join(lines, ","))
}

// mutated changes a payload a little, at up to three places.
func (w writer) mutated(payload string) string {
	const odd = "\x00\x01\x1f\t\n\r \"\\,:[]{}0123456789-+.eEuUPTZnd\x7f\x80\xc3\xa9\xff"
	for range w.IntN(4) {
		at := w.IntN(len(payload))
		end := at + w.IntN(min(len(payload)-at, 12))
		switch w.IntN(5) {
		case 0:
			i := w.IntN(len(odd))
			payload = payload[:at] + odd[i:i+1] + payload[at+1:]
		case 1:
			i := w.IntN(len(odd))
			payload = payload[:at] + odd[i:i+1] + payload[at:]
		case 2:
			payload = payload[:at] + payload[min(end, len(payload)-1):]
		case 3:
			payload = payload[:at] + payload[at:end] + payload[at:]
		case 4:
			payload = payload[:at] + w.one(values...) + payload[end:]
		}
	}
	return payload
}

func TestScannerAgreesWithParserOnMutations(t *testing.T) {
	const seed = 2
	w := writer{rand.New(rand.NewPCG(seed, 0))}
	p, taken := newParser(), map[string]int{}
	note := func(kind, mutant, origin string, scanned bool) {
		if scanned {
			taken[fmt.Sprintf("%s, changed %t", kind, mutant != origin)]++
		}
	}
	for range 50_000 {
		origin := w.usualClick()
		payload := w.mutated(origin)
		click(p, of(payload))
		note("click", payload, origin, scannedClick(p, of(payload)) != nil)
		origin = w.usualOrder()
		payload = w.mutated(origin)
		order(p, of(payload))
		note("order", payload, origin, scannedOrder(p, of(payload)) != nil)
	}
	for _, kind := range []string{"click, changed false", "click, changed true", "order, changed false",
		"order, changed true"} {
		require.Greater(t, taken[kind], 2_000, kind)
	}
}

func TestTheDecoderAllocatesNothingForUsualRecords(t *testing.T) {
	clicks, orders := NewClicks(minutes), NewOrders(minutes)
	clicks.Near, orders.Near = nil, nil // which look at a few of thousands
	noSample := of(noPromotion)
	noSample.Offset = sampledHead
	clickBatch := []record.Record{of(usualClick), of(clickWithID), noSample}
	orderBatch := []record.Record{of(usualOrder), of(orderOfNoOne)}
	events := 0
	useClick, useOrder := func(*Click) { events++ }, func(*Order) { events++ }
	reject := func(Reject) { t.Fail() }
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		clicks.Decode(clickBatch, useClick, reject)
		orders.Decode(orderBatch, useOrder, reject)
	}))
	assert.Equal(t, 101*4, events)
}
