package event

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"adtoorder/io/record"

	"github.com/stretchr/testify/assert"
)

const clickTime = `"Timestamp":"2026-11-01T00:00:00.250Z"`

func TestClick(t *testing.T) {
	promotion := func(id, name string) Click {
		return Click{ID: NewID([]byte(id)), Time: start0 + 250, Promotion: name}
	}
	other := Click{Time: start0 + 250}
	for name, test := range map[string]struct {
		payload   string
		want      Click
		promotion bool
	}{
		"a promotion": {
			`{"UserId":"U17","Device":"mobile","Event":"P601","EventType":"Promotion",` + clickTime + `}`, promotion("", "P601"), true},
		"with an id":       {`{"EventId":"E1","Event":"P601","EventType":"Promotion",` + clickTime + `}`, promotion("E1", "P601"), true},
		"in another order": {`{` + clickTime + `,"EventType":"Promotion","Event":"P601","EventId":"E1"}`, promotion("E1", "P601"), true},
		"with white space": {" \t\n{ \"Event\" : \"P601\" ,\r\n\"EventType\":\"Promotion\"," + clickTime +
			" } \r", promotion("", "P601"), true},
		"fields in place":   {`{"EventId":"E1","EventType":"Checkout","Event":"C301",` + clickTime + `}`, other, false},
		"no type":           {`{"Event":"P601",` + clickTime + `}`, other, false},
		"null for a type":   {`{"Event":"P601","EventType":null,` + clickTime + `}`, other, false},
		"an empty type":     {`{"Event":"P601","EventType":"",` + clickTime + `}`, other, false},
		"a type near to it": {`{"Event":"P601","EventType":"promotion",` + clickTime + `}`, other, false},
		"a space behind it": {`{"Event":"P601","EventType":"Promotion ",` + clickTime + `}`, other, false},
		"no event, no need": {`{"EventType":"Search",` + clickTime + `}`, other, false},
		"null for others": {
			`{"EventId":null,"UserId":null,"Device":null,"Event":"P601","EventType":"Promotion",` + clickTime + `}`, promotion("", "P601"), true},
		"an empty id":          {`{"EventId":"","Event":"P601","EventType":"Promotion",` + clickTime + `}`, promotion("", "P601"), true},
		"names case-sensitive": {`{"Event":"P601","event":"P602","EVENT":5,"EventType":"Promotion",` + clickTime + `}`, promotion("", "P601"), true},
		"the last of a name": {
			`{"Event":"P1","EventType":"Search","Timestamp":"x","Event":"P2","EventType":"Promotion",` + clickTime + `}`, promotion("", "P2"), true},
		"the last of a name, of another type before": {
			`{"Event":5,"EventType":{},"Timestamp":[],"EventId":1,"EventId":"E1","Event":"P2","EventType":"Promotion",` + clickTime + `}`, promotion("E1", "P2"), true},
		"a name with escapes": {`{"\u0045vent":"P601","Event\u0054ype":"Promotion",` + clickTime + `}`, promotion("", "P601"), true},
		"a name once escaped": {`{"\u0045vent":"P1","Event":"P2","EventType":"Promotion",` + clickTime + `}`, promotion("", "P2"), true},
		"values with escapes": {`{"EventId":"\u0045\u0031","Event":"P\"\\\/\b\f\n\r\t","EventType":"Pro\u006dotion",` + clickTime + `}`, promotion("E1", "P\"\\/\b\f\n\r\t"), true},
		"beyond the base plane": {`{"Event":"\ud83d\ude00\u00e9\u20ac","EventType":"Promotion",` + clickTime + `}`,
			promotion("", "😀é€"), true},
		"the same without": {`{"Event":"😀é€","EventType":"Promotion",` + clickTime + `}`, promotion("", "😀é€"),
			true},
		"a time with escapes": {`{"Event":"P1","EventType":"Promotion","Timestamp":"2026-11-01\u005400:00:00.250\u005a"}`, promotion("", "P1"), true},
		"numbers for ids": {`{"EventId":42,"UserId":5,"Device":6.5,"Event":"P1","EventType":"Promotion",` + clickTime + `}`,
			promotion("42", "P1"), true},
		"beyond 2^53": {`{"EventId":9007199254740993,"Event":"P1","EventType":"Promotion",` + clickTime + `}`,
			promotion("9007199254740993", "P1"), true},
		"other numbers": {`{"EventId":-1.50e3,"Event":"P1","EventType":"Promotion",` + clickTime + `}`,
			promotion("-1.50e3", "P1"), true},
		"zero": {`{"EventId":0,"Event":"P1","EventType":"Promotion",` + clickTime + `}`, promotion("0", "P1"), true},
		"two numbers": {`{"EventId":42,"Timestamp":1793491200250,"Event":"P1","EventType":"Promotion"}`,
			promotion("42", "P1"), true},
		"anything for what nothing computes with": {`{"UserId":{"a":1},"Device":[true,null],"Event":"P1",` +
			`"EventType":"Promotion",` + clickTime + `}`, promotion("", "P1"), true},
		"a space for a name": {`{"Event":" ","EventType":"Promotion",` + clickTime + `}`, promotion("", " "),
			true},
		"nul for a name": {`{"Event":"\u0000","EventType":"Promotion",` + clickTime + `}`, promotion("", "\x00"), true},
	} {
		t.Run(name, func(t *testing.T) {
			got, isPromotion, reason := click(newParser(), of(test.payload))
			assert.Empty(t, reason)
			assert.Equal(t, test.promotion, isPromotion)
			assert.Equal(t, test.want, got)
		})
	}
}

func TestMalformedClicks(t *testing.T) {
	promotion := `"EventType":"Promotion","Event":"P1",` + clickTime
	for name, test := range map[string]struct {
		payload, reason string
		time            int64 // where it is known
	}{
		"nothing":            {`{}`, NoTimestamp, 0},
		"no time":            {`{"EventType":"Promotion","Event":"P1"}`, NoTimestamp, 0},
		"null for a time":    {`{"EventType":"Promotion","Event":"P1","Timestamp":null}`, NoTimestamp, 0},
		"an empty time":      {`{"EventType":"Promotion","Event":"P1","Timestamp":""}`, NoTimestamp, 0},
		"a time that is not": {`{"EventType":"Promotion","Event":"P1","Timestamp":"yesterday"}`, BadTimestamp, 0},
		"before 1970":        {`{"EventType":"Promotion","Event":"P1","Timestamp":"1969-12-31T23:59:59Z"}`, BadYear, 0},
		"of no promotion":    {`{"EventType":"Search","Timestamp":"x"}`, BadTimestamp, 0},
		"a time then none":   {`{` + promotion + `,"Timestamp":null}`, NoTimestamp, 0},
		"no event":           {`{"EventType":"Promotion",` + clickTime + `}`, NoEvent, start0 + 250},
		"null for an event":  {`{"EventType":"Promotion","Event":null,` + clickTime + `}`, NoEvent, start0 + 250},
		"an empty event":     {`{"EventType":"Promotion","Event":"",` + clickTime + `}`, NoEvent, start0 + 250},
		"an event then none": {`{` + promotion + `,"Event":null}`, NoEvent, start0 + 250},
		"in lower case":      {`{"EventType":"Promotion","event":"P1",` + clickTime + `}`, NoEvent, start0 + 250},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, reason := click(newParser(), of(test.payload))
			assert.Equal(t, test.reason, reason)
			assert.Equal(t, test.time, got.Time)
		})
	}
	for _, field := range []string{"EventId", "Event", "EventType"} {
		for _, value := range []string{"5", "true", "false", "{}", "[]", `["a"]`, "1e5"} {
			if _, isNumber := strconv.ParseFloat(value, 64); isNumber == nil && field == "EventId" {
				continue
			}
			got, _, reason := click(newParser(), of(fmt.Sprintf(`{%s,%q:%s}`, promotion, field, value)))
			assert.Equal(t, "wrong_type: "+field, reason, value)
			assert.EqualValues(t, start0+250, got.Time, "the time is known")
			got, _, reason = click(newParser(), of(fmt.Sprintf(`{"Timestamp":[],%q:%s}`, field, value)))
			assert.Equal(t, "wrong_type: "+field, reason, value)
			assert.Zero(t, got.Time)
		}
	}
	for _, value := range []string{"true", "{}", "[]", "[2026,11,1]", `{"$date":"2026-11-01T00:00:00Z"}`} {
		got, _, reason := click(newParser(), of(`{"EventType":"Search","Timestamp":`+value+`}`))
		assert.Equal(t, "wrong_type: Timestamp", reason, value)
		assert.Zero(t, got.Time)
	}
}

// fault is one thing that can be wrong, and what is then said.
type fault struct {
	reason string
	change func(payload string, r *record.Record) string
}

// faults are those of any record, in the order in which they are looked for.
var faults = []fault{
	{"corrupt_gzip", func(p string, r *record.Record) string { r.Damage = "corrupt_gzip"; return p }},
	{TooLong, func(p string, r *record.Record) string { r.Size = record.MaxSize + 1; return p }},
	{InvalidUTF8, func(p string, _ *record.Record) string { return p + `"x":"` + "\xff" + `",` }},
	{NotJSONObject, func(p string, _ *record.Record) string { return p + `"x":01,` }},
	{WrongType, func(p string, _ *record.Record) string { return p + `"EventId":[],"OrderId":[],` }},
}

// checkPrecedence checks each set of faults: the first tells the reason. fields
// gives each reason that they lead to, in their order too.
func checkPrecedence(t *testing.T, parse func(record.Record) string, fields [][2]string) {
	for set := range 1 << len(faults) {
		for _, f := range fields {
			r := record.Record{}
			payload, want := "{", f[1]
			for i := len(faults) - 1; i >= 0; i-- {
				if set&(1<<i) != 0 {
					payload, want = faults[i].change(payload, &r), faults[i].reason
				}
			}
			r.Payload = []byte(payload + f[0] + "}")
			r.Size = max(r.Size, int64(len(r.Payload)))
			reason, _, _ := strings.Cut(parse(r), ":")
			assert.Equal(t, want, reason, string(r.Payload))
		}
	}
}

func TestTheFirstReasonOfAClickCounts(t *testing.T) {
	const none = `"EventType":"Promotion"`
	checkPrecedence(t, func(r record.Record) string {
		_, _, reason := click(newParser(), r)
		return reason
	}, [][2]string{
		{none, NoTimestamp},
		{none + `,"Timestamp":"x"`, BadTimestamp},
		{none + `,"Timestamp":"1969-01-01T00:00:00Z"`, BadYear},
		{none + `,` + clickTime, NoEvent},
		{none + `,"Event":"P1",` + clickTime, ""},
	})
}
