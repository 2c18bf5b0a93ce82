package event

import (
	"fmt"
	"strings"
	"testing"
	"unsafe"

	"adtoorder/io/record"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reasons returns why a payload is malformed as a click and as an order.
func reasons(payload string) (ofClick, ofOrder string) {
	_, _, ofClick = click(newParser(), of(payload))
	_, _, ofOrder = order(newParser(), of(payload))
	return ofClick, ofOrder
}

func TestPayloadsThatAreNoJSONObject(t *testing.T) {
	const good = `{"EventType":"Promotion","Event":"P1","Timestamp":"2026-11-01T00:00:00Z","OrderLines":[]}`
	for _, payload := range []string{
		"", " ", "\r", "null", "true", "5", "nan", `"a"`, "[]", "[" + good + "]",
		"{", "}", "{}}", "{},", "{,}", `{"a"}`, `{"a":}`, `{"a" 1}`, `{"a":1,}`, `{"a":1 "b":2}`, `{:1}`, `{1:1}`,
		`{a:1}`, `{'a':1}`,
		good[:len(good)-1], good[1:], good + good, good + " x", good + "\x00", "\x00" + good, "\ufeff" +
			good, good + ",",
		"\v" + good, good + "\f", "\u00a0" + good, "// c\n" + good, "/**/" + good,
		strings.Replace(good, "{", "{\x01", 1), strings.Replace(good, `"Event"`, "\"Eve\tnt\"", 1),
	} {
		ofClick, ofOrder := reasons(payload)
		assert.Equal(t, NotJSONObject, ofClick, "%q", payload)
		assert.Equal(t, NotJSONObject, ofOrder, "%q", payload)
	}
}

// places are payloads with a value at every kind of place: a known field, an
// unknown one, one that a later one of its name replaces, in what is nested.
var places = []string{
	`{"UserId":%s}`, `{"EventType":%s}`, `{"Timestamp":%s}`, `{"Other":%s}`, `{"OrderLines":%s}`,
	`{"Timestamp":%s,"Timestamp":"2026-11-01T00:00:00Z"}`, `{"Other":%s,"Other":1}`,
	`{"Other":{"a":[1,%s]}}`, `{"OrderLines":%s,"OrderLines":[]}`, `{"OrderLines":[%s]}`,
	`{"OrderLines":[{"Quantity":%s}]}`,
	`{"OrderLines":[{"Quantity":1,"UnitPrice":%s}]}`, `{"OrderLines":[{"Promotion":%s}]}`,
	`{"OrderLines":[{"ItemId":%s}]}`,
	`{"OrderLines":[{"Other":%s}]}`, `{"OrderLines":[{"Quantity":%s,"Quantity":1,"UnitPrice":1}]}`, `{"OrderLines":[{"Quantity":-1},{"Quantity":%s}]}`,
	`{"OrderLines":[{"Other":[{"a":%s}]}]}`, `{"OrderLines":{"a":%s}}`,
}

func TestValuesThatAreNoJSON(t *testing.T) {
	for _, value := range []string{
		"01", "-01", "+1", "-", "--1", "1.", ".5", "-.5", "1e", "1e+", "1.e1", "0x1", "1_0", "1-2", "1+2", "1.2.3",
		"1e5e5", "1e5.0", "0e+-1",
		"nan", "NaN", "-nan", "+nan", "inf", "Inf", "-inf", "Infinity", "-Infinity",
		"tru", "True", "nul", "undefined", "a", "'a'", "1 2", "[1,]", "[,1]", "[1", "]", "{]", `{"a":1,}`, `{"a"}`,
		"[1 2]",
		"\"\x00\"", "\"\x01\"", "\"\t\"", "\"\n\"", "\"\r\"", "\"\x1f\"", `"`, `"\"`, `"\q"`, `"\u"`, `"\u12"`,
		`"\u12G4"`, `"\U0041"`, `"\x41"`, `"\'"`, `"\ `,
		// control characters beside escapes
		"\"\x010\\\"\"", "\"\\\"\x01\"", "\"\\\\\x01\"", "\"\x01\\u0041\"", "\"\\\x01\"",
		"{\"\x01\":1}", "{\"\\\"\x01\":1}", "{\"\\q\":1}", "[\"\\\"\",\"\x01\"]", "/**/1",
	} {
		for _, place := range places {
			payload := fmt.Sprintf(place, value)
			ofClick, ofOrder := reasons(payload)
			assert.Equal(t, NotJSONObject, ofClick, "%q", payload)
			assert.Equal(t, NotJSONObject, ofOrder, "%q", payload)
		}
	}
}

func TestUnknownFieldsAreIgnored(t *testing.T) {
	deep := strings.Repeat(`{"a":[`, 148) + "1" + strings.Repeat("]}", 148)
	for _, value := range []string{
		"0", "-0", "-0.0", "17", "1e5", "1E+05", "1.5e-7", "1e400", strings.Repeat("9", 1000), "true", "false", "null",
		`""`, `"a"`, "\"\x7f\"", `"é€😀"`, `"\"\\\/\b\f\n\r\t"`, `"\u0000\u00e9\u20AC\ud83d\ude00"`, `"\ud800"`, `"\\"`,
		`"\\\""`,
		"[]", "{}", "[[],{}]", `{"Timestamp":5,"OrderLines":5,"":{"b":[1,{"c":null}]}}`, deep, " [ 1 , 2 ] ", "\t\r\n1\t\r\n",
	} {
		for _, name := range []string{"Other", "", "timestamp", "EVENTTYPE", "eventid", "Event ", "orderlines",
			"Quantity"} {
			payload := fmt.Sprintf(`{"Timestamp":"2026-11-01T00:00:00Z",%q:%s,"EventType":"Promotion","Event":"P1",
				"OrderLines":[{"Quantity":1,"x":%s,"quantity":{},"UnitPrice":1}]}`, name, value, value)
			ofClick, ofOrder := reasons(payload)
			assert.Empty(t, ofClick, payload)
			assert.Empty(t, ofOrder, payload)
		}
	}
}

// The limit keeps a payload from using up the stack.
func TestObjectsMayBeNested300Deep(t *testing.T) {
	for depth, want := range map[int]string{298: NoTimestamp, 300: NotJSONObject, 100_000: NotJSONObject} {
		t.Run(fmt.Sprint(depth), func(t *testing.T) { // below the object itself
			ofClick, ofOrder := reasons(`{"Other":` + strings.Repeat("[", depth) + "1" +
				strings.Repeat("]", depth) + "}")
			assert.Equal(t, want, ofClick)
			assert.Equal(t, want, ofOrder)
		})
	}
}

func TestPayloadsThatWereNotReadWhole(t *testing.T) {
	good := of(`{"Timestamp":"2026-11-01T00:00:00Z","OrderLines":[]}`)
	cut, damaged, longest := good, good, good
	cut.Size = record.MaxSize + 1
	damaged.Damage = "corrupt_gzip"
	longest.Payload = append([]byte(strings.Repeat(" ", record.MaxSize-len(good.Payload))), good.Payload...)
	longest.Size = record.MaxSize
	for want, r := range map[string]record.Record{"": good, TooLong: cut, "corrupt_gzip": damaged} {
		_, _, ofClick := click(newParser(), r)
		_, _, ofOrder := order(newParser(), r)
		assert.Equal(t, []string{want, want}, []string{ofClick, ofOrder})
	}
	_, _, reason := click(newParser(), longest)
	assert.Empty(t, reason, "just as long as may be")
}

func TestPayloadsThatAreNoUTF8(t *testing.T) {
	for _, text := range []string{"\xff", "\x80", "\xc3", "\xed\xa0\x80", "\xc0\x80", "\xf4\x90\x80\x80"} {
		for _, payload := range []string{text, `{"Other":"` + text + `"}`, `{"` + text + `":1}`,
			`{"Timestamp":"2026-11-01T00:00:00Z"}` + text} {
			ofClick, ofOrder := reasons(payload)
			assert.Equal(t, InvalidUTF8, ofClick, "%q", payload)
			assert.Equal(t, InvalidUTF8, ofOrder, "%q", payload)
		}
	}
}

func TestParsersForgetTheRecordBefore(t *testing.T) {
	p := newParser()
	for range 3 {
		_, promotion, reason := click(p, of(`{"EventId":"E1","EventType":"Promotion","Event":"P1","Timestamp":"2026-11-01T00:00:00Z"}`))
		require.True(t, promotion)
		require.Empty(t, reason)
		_, _, reason = click(p, of(`{"Event":5,"Timestamp":"2026-11-01T00:00:00Z"}`))
		require.Equal(t, "wrong_type: Event", reason)
		c, promotion, reason := click(p, of(`{"Timestamp":"2026-11-01T00:00:00Z"}`))
		require.Equal(t, Click{Time: start0}, c)
		require.False(t, promotion)
		require.Empty(t, reason)
		_, _, reason = click(p, of(`{}`))
		require.Equal(t, NoTimestamp, reason)

		o, _, _ := order(p, of(`{"OrderId":"O1","Timestamp":"2026-11-01T00:00:00Z","OrderLines":[{"Promotion":"P1","Quantity":1,"UnitPrice":1},{}]}`))
		require.Equal(t, Order{ID: NewID([]byte("O1")), Time: start0, Parts: []Part{part("P1", 1, 1, 1_000_000)}}, o)
		_, _, reason = order(p, of(`{"Timestamp":"2026-11-01T00:00:00Z"}`))
		require.Equal(t, NoOrderLines, reason)
		o, _, reason = order(p, of(`{"Timestamp":"2026-11-01T00:00:00Z","OrderLines":[{"Quantity":1,"UnitPrice":1}]}`))
		require.Equal(t, Order{Time: start0}, o)
		require.Empty(t, reason)
	}
}

func TestNamesAreKeptOnce(t *testing.T) {
	p := newParser()
	name := func() *byte {
		c, _, _ := click(p, of(`{"EventType":"Promotion","Event":"P1",`+clickTime+`}`))
		return unsafe.StringData(c.Promotion)
	}
	assert.Same(t, name(), name())
}

func TestNamesOutliveTheirPayload(t *testing.T) {
	p := newParser()
	var clicks []Click
	const n = maxPromotions + 100 // more than are kept
	for i := range n {
		payload := []byte(fmt.Sprintf(`{"EventType":"Promotion","Event":"P%05d","Timestamp":"2026-11-01T00:00:00Z"}`, i))
		c, _, _ := click(p, record.Record{Payload: payload, Size: int64(len(payload))})
		clear(payload)
		clicks = append(clicks, c)
		require.LessOrEqual(t, len(p.promotion), maxPromotions)
	}
	for i, c := range clicks {
		require.Equal(t, fmt.Sprintf("P%05d", i), c.Promotion)
	}
}
