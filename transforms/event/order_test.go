package event

import (
	"fmt"
	"strings"
	"testing"

	"adtoorder/io/record"
	"adtoorder/transforms/ledger"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// orderOf returns the payload of an order with lines.
func orderOf(lines ...string) string {
	return `{"OrderId":"O1","UserId":"U17","Timestamp":"2026-11-01T00:00:00Z","OrderLines":[` + strings.Join(lines, ",") + `]}`
}

// line returns a line.
func line(promotion, unitPrice, quantity string) string {
	return fmt.Sprintf(`{"ItemId":"I12","Promotion":%q,"UnitPrice":%s,"Quantity":%s}`, promotion, unitPrice, quantity)
}

func TestOrder(t *testing.T) {
	for name, test := range map[string]struct {
		lines []string
		want  []Part
	}{
		"no lines": {nil, nil},
		"a line":   {[]string{line("P601", "19.99", "2")}, []Part{part("P601", 1, 2, 39_980_000)}},
		"two lines of one promotion": {[]string{line("P1", "1.5", "2"), line("P1", "0.000001", "3")},
			[]Part{part("P1", 2, 5, 3_000_003)}},
		"promotions are sorted": {[]string{line("P2", "1", "1"), line("P10", "2", "1"), line("P2", "3", "1"), line("P1",
			"4", "1")}, []Part{part("P1", 1, 1, 4_000_000), part("P10", 1, 1, 2_000_000), part("P2", 2, 2, 4_000_000)}},
		"lines of no promotion": {[]string{line("", "1", "1"), line("P1", "1", "1"), `{"UnitPrice":1,"Quantity":1}`,
			`{"Promotion":null,"UnitPrice":1,"Quantity":1}`}, []Part{part("P1", 1, 1, 1_000_000)}},
		"only lines of no promotion": {[]string{line("", "1", "1")},
			nil},
		"nothing bought":   {[]string{line("P1", "1", "0")}, []Part{part("P1", 1, 0, 0)}},
		"for nothing":      {[]string{line("P1", "0", "5")}, []Part{part("P1", 1, 5, 0)}},
		"zero with a sign": {[]string{line("P1", "-0", "-0"), line("P1", "-0.0", "-0e5")}, []Part{part("P1", 2, 0, 0)}},
		"an integer in other words": {[]string{line("P1", "1", "2.0"), line("P1", "1", "2e0"),
			line("P1", "1", "0.2E+1"), line("P1", "1", "20e-1")}, []Part{part("P1", 4, 8, 8_000_000)}},
		"the price is rounded first": {[]string{line("P1", "0.0000014", "1000000")},
			[]Part{part("P1", 1, 1_000_000, 1_000_000)}},
		"ties to even, down": {[]string{line("P1", "0.0000025", "1")},
			[]Part{part("P1", 1, 1, 2)}},
		"ties to even, up": {[]string{line("P1", "0.0000015", "1")},
			[]Part{part("P1", 1, 1, 2)}},
		"beyond a tie": {[]string{line("P1", "0.00000250000000000000000000000001", "1")}, []Part{part("P1", 1, 1, 3)}},
		"amounts as texts": {[]string{line("P1", `"19.99"`, `"2"`), line("P1", `"1e-6"`, `"2.0"`),
			line("P1", `"-0"`, `"1E0"`)},
			[]Part{part("P1", 3, 5, 39_980_002)}},
		"amounts of no promotion": {[]string{line("", "-3", "1"), line("", "2", "1.35"), `{"ItemId":"gift"}`, "{}",
			line("", `"$5"`, "[1]"), `{"Promotion":null,"UnitPrice":{"a":1},"Quantity":true}`, line("", "1e400", "1"),
			line("P1", "1", "1"), line("", "9223372036854", "9e18")}, []Part{part("P1", 1, 1, 1_000_000)}},
		"an item of any type": {[]string{`{"ItemId":{"sku":[5]},"Quantity":2,"UnitPrice":1,"Promotion":"P1"}`,
			`{"ItemId":5,"Quantity":2,"UnitPrice":1,"Promotion":"P1"}`}, []Part{part("P1", 2, 4, 4_000_000)}},
		"a tiny price": {[]string{line("P1", "1e-400", "1"), line("P1", "0.0000001", "1")},
			[]Part{part("P1", 2, 2, 0)}},
		"a price with an exponent": {[]string{line("P1", "1E-6", "1"), line("P1", "1.5e3", "1")},
			[]Part{part("P1", 2, 2, 1_500_000_001)}},
		"the highest price": {[]string{line("P1", "9223372036854.775807", "1")},
			[]Part{part("P1", 1, 1, 9223372036854775807)}},
		"the highest quantity": {[]string{line("P1", "0", "9223372036854775807")},
			[]Part{part("P1", 1, 9223372036854775807, 0)}},
		"the highest total": {[]string{line("P1", "9223372036854.775806", "1"), line("P2", "0.000001", "1")},
			[]Part{part("P1", 1, 1, 9223372036854775806), part("P2", 1, 1, 1)}},
		"fields in any order, unknown": {[]string{`{"Quantity":2,"Colour":{"a":[1]},"UnitPrice":1,"Promotion":"P1"}`}, []Part{part("P1", 1, 2, 2_000_000)}},
		"names case-sensitive":         {[]string{`{"quantity":9,"Quantity":2,"UNITPRICE":"x","UnitPrice":1,"promotion":5,"Promotion":"P1"}`}, []Part{part("P1", 1, 2, 2_000_000)}},
		"the last of a name":           {[]string{`{"Quantity":9,"Quantity":2,"UnitPrice":9,"UnitPrice":1,"Promotion":"P9","Promotion":"P1"}`}, []Part{part("P1", 1, 2, 2_000_000)}},
		"of another type before":       {[]string{`{"Quantity":"9","Quantity":2,"UnitPrice":{},"UnitPrice":1,"Promotion":5,"Promotion":"P1","ItemId":1,"ItemId":"I"}`}, []Part{part("P1", 1, 2, 2_000_000)}},
		"a name with escapes":          {[]string{`{"Quant\u0069ty":2,"UnitPrice":1,"Promotion":"P\u0031"}`}, []Part{part("P1", 1, 2, 2_000_000)}},
		"the item does not matter":     {[]string{`{"ItemId":null,"Quantity":2,"UnitPrice":1,"Promotion":"P1"}`}, []Part{part("P1", 1, 2, 2_000_000)}},
		"no field of the line before": {[]string{line("P1", "5", "5"), `{"UnitPrice":1,"Quantity":1}`},
			[]Part{part("P1", 1, 5, 25_000_000)}},
		"many lines of many promotions": {many(100), manyParts(100)},
	} {
		t.Run(name, func(t *testing.T) {
			got, promotion, reason := order(newParser(), of(orderOf(test.lines...)))
			assert.Empty(t, reason)
			assert.Equal(t, len(test.want) > 0, promotion)
			assert.Equal(t, Order{ID: NewID([]byte("O1")), Time: start0, Parts: test.want}, got)
		})
	}
}

// many returns two lines of each of n promotions.
func many(n int) (lines []string) {
	for i := range 2 * n {
		lines = append(lines, line(fmt.Sprintf("P%03d", i*7%n), "1", "1"))
	}
	return lines
}

func manyParts(n int) (parts []Part) {
	for i := range n {
		parts = append(parts, part(fmt.Sprintf("P%03d", i), 2, 2, 2_000_000))
	}
	return parts
}

func TestLastOrderLinesCount(t *testing.T) {
	const head = `{"Timestamp":"2026-11-01T00:00:00Z",`
	for payload, reason := range map[string]string{
		head + `"OrderLines":[` + line("P1", "1", "1") + `],"OrderLines":[]}`:  "",
		head + `"OrderLines":5,"OrderLines":[]}`:                               "",
		head + `"OrderLines":[5,{"Quantity":-1}],"OrderLines":[]}`:             "",
		head + `"OrderLines":[],"OrderLines":null}`:                            NoOrderLines,
		head + `"OrderLines":[],"OrderLines":{}}`:                              "wrong_type: OrderLines",
		head + `"OrderLines":[],"OrderLines":[` + line("P1", "1", "-1") + `]}`: BadQuantity,
		head + `"OrderLines":[01],"OrderLines":[]}`:                            NotJSONObject,
	} {
		t.Run(payload, func(t *testing.T) {
			got, promotion, is := order(newParser(), of(payload))
			assert.Equal(t, reason, is)
			if reason == "" {
				assert.False(t, promotion)
				assert.Empty(t, got.Parts)
			}
		})
	}
}

func TestMalformedOrders(t *testing.T) {
	const good = `{"Promotion":"P1","UnitPrice":1,"Quantity":1}`
	for reason, payloads := range map[string][]string{
		NoOrderLines: {`{"Timestamp":"2026-11-01T00:00:00Z"}`, `{"Timestamp":"2026-11-01T00:00:00Z","OrderLines":null}`, `{"Timestamp":"2026-11-01T00:00:00Z","orderLines":[]}`},
		"wrong_type: OrderId": {
			`{"Timestamp":"2026-11-01T00:00:00Z","OrderLines":[],"OrderId":true}`,
			`{"Timestamp":"2026-11-01T00:00:00Z","OrderLines":{},"OrderId":[5]}`, // the first of them
		},
		"wrong_type: OrderLines": {
			`{"Timestamp":"2026-11-01T00:00:00Z","OrderLines":{}}`, `{"Timestamp":"2026-11-01T00:00:00Z","OrderLines":""}`,
			`{"Timestamp":"2026-11-01T00:00:00Z","OrderLines":5}`,
			orderOf("null"), orderOf("5"), orderOf(`"a"`), orderOf("[]"), orderOf("true"), orderOf(good, "null", good),
			orderOf(line("P1", "1", "-1"), "5"),
		},
		"wrong_type: Promotion": {
			orderOf(`{"Promotion":5,"UnitPrice":1,"Quantity":1}`), orderOf(`{"Promotion":["P1"]}`),
			orderOf(good, `{"Promotion":5,"UnitPrice":{},"Quantity":-1}`),
			orderOf(line("P1", "1", "-1"), `{"Promotion":{}}`),
		},
		"wrong_type: UnitPrice": {
			orderOf(line("P1", "true", "1")), orderOf(line("P1", `{"amount":"19.99","currency":"USD"}`, "1")),
			orderOf(line("P1", "[19.99]", "-1")),
		},
		"wrong_type: Quantity": {
			orderOf(line("P1", "1", "[1]")), orderOf(line("P1", "-1", "false")),
			orderOf(line("P1", "[]", `{"value":1}`)),
		},
		BadQuantity: {
			orderOf(`{"Promotion":"P1"}`), orderOf(`{"Promotion":"P1","UnitPrice":1}`),
			orderOf(line("P1", "1", "null")),
			orderOf(line("P1", "1", `""`)), orderOf(line("P1", "1", `"1,000"`)), orderOf(line("P1", "1", `"-1"`)),
			orderOf(line("P1", "1", `"1.5"`)), orderOf(line("P1", "1", `" 1"`)), orderOf(line("P1", "1", `"1 "`)),
			orderOf(line("P1", "1", `"+1"`)), orderOf(line("P1", "1", `"0x10"`)), orderOf(line("P1", "1", `"NaN"`)),
			orderOf(line("P1", "1", "1.5")),
			orderOf(line("P1", "1", "0.5")), orderOf(line("P1", "1", "1e-1")), orderOf(line("P1", "1", "1e-400")),
			orderOf(line("P1", "1", "-0.0000001")),
			orderOf(line("P1", "1", "-1e400")), orderOf(line("P1", "1", "9223372036854775807.5")),
			orderOf(good, line("P1", "1", "-1"), good),
			orderOf(`{"Promotion":"P1","UnitPrice":1,"Quantity":1,"Quantity":null}`),
		},
		BadUnitPrice: {
			orderOf(`{"Promotion":"P1","Quantity":1}`), orderOf(line("P1", "null", "1")),
			orderOf(line("P1", "-1", "1")),
			orderOf(line("P1", `""`, "1")), orderOf(line("P1", `"19,99"`, "1")), orderOf(line("P1", `"$19.99"`, "1")),
			orderOf(line("P1", `"1.234,56"`, "1")), orderOf(line("P1", `"19.99 USD"`, "1")),
			orderOf(line("P1", `".5"`, "1")),
			orderOf(line("P1", `"-1"`, "1")), orderOf(line("P1", "-0.0000001", "1")),
			orderOf(line("P1", "-1e-400", "1")), orderOf(line("P1", "-1e400", "1")), orderOf(line("P1", "-1", "0")),
			orderOf(good, line("P1", "-0.01", "1")),
		},
		Overflow: {
			orderOf(line("P1", "9223372036854.775808", "1")), orderOf(line("P1", "9223372036854.7758075", "1")),
			orderOf(line("P1", "1e400", "1")), orderOf(line("P1", "1e999999999", "1")),
			orderOf(line("P1", "1e999999999", "0")), orderOf(line("P1", "0", "9223372036854775808")),
			orderOf(line("P1", "0", "1e400")), orderOf(line("P1", "0", "1e99999999999999999999")),
			orderOf(line("P1", "4611686018427.387904", "2")), orderOf(line("P1", "0.000002", "9223372036854775807")),
			orderOf(line("P1", "9e12", "9e18")), orderOf(line("P1", `"9e12"`, `"9e18"`)),
			// their total
			orderOf(line("P1", "9223372036854.775807", "1"), line("P2", "0.000001", "1")),
			orderOf(line("P1", "0", "9223372036854775807"), line("P2", "0", "1")),
			orderOf(many2("P1", "9223372036854.775807", 3)...),
		},
		"": {orderOf(good), orderOf()},
	} {
		t.Run(reason, func(t *testing.T) {
			for _, payload := range payloads {
				got, _, is := order(newParser(), of(payload))
				assert.Equal(t, reason, is, payload)
				assert.EqualValues(t, start0, got.Time, "the time is known")
			}
		})
	}
}

// part returns what an order has of a promotion.
func part(promotion string, lines, units, revenueMicros int64) Part {
	return Part{promotion, Amounts{Lines: lines, Units: units, RevenueMicros: revenueMicros}}
}

// many2 returns n lines of one price.
func many2(promotion, unitPrice string, n int) (lines []string) {
	for range n {
		lines = append(lines, line(promotion, unitPrice, "1"))
	}
	return lines
}

func TestTheFirstReasonOfAnOrderCounts(t *testing.T) {
	const at, bad = `"Timestamp":"2026-11-01T00:00:00Z",`, `"OrderLines":[{"Promotion":"P1","Quantity":-1,"UnitPrice":-1}]`
	checkPrecedence(t, func(r record.Record) string {
		_, _, reason := order(newParser(), r)
		return reason
	}, [][2]string{
		{bad, NoTimestamp},
		{`"Timestamp":"x",` + bad, BadTimestamp},
		{`"Timestamp":"1969-01-01T00:00:00Z",` + bad, BadYear},
		{at + `"Other":1`, NoOrderLines},
		{at + bad, BadQuantity},
		{at + `"OrderLines":[{"Promotion":"P1","Quantity":1.5,"UnitPrice":1e30}]`, BadQuantity},
		{at + `"OrderLines":[{"Promotion":"P1","Quantity":1e30,"UnitPrice":-1}]`, BadUnitPrice},
		{at + `"OrderLines":[{"Promotion":"P1","Quantity":1e30,"UnitPrice":1}]`, Overflow},
		{at + `"OrderLines":[{"Promotion":"P1","Quantity":1,"UnitPrice":-1},{"Promotion":"P1","Quantity":-1,"UnitPrice":1}]`, BadUnitPrice}, // the first line's
		{at + `"OrderLines":[]`, ""},
	})
}

// A row of a table has the fields of one line in place of OrderLines, and is a piece of its order.
func TestRowsOfOrders(t *testing.T) {
	row := func(fields string) string {
		return `{"OrderId":"O1","Timestamp":"2026-11-01T00:00:00Z",` + fields + `}`
	}
	d := NewOrders(minutes)
	first := of(row(`"Promotion":"P1","UnitPrice":"10.50","Quantity":"2"`))
	second := of(row(`"Promotion":"P1","UnitPrice":5,"Quantity":1`))
	second.Offset = 100
	got := decodeBatch(d, first, second, of(row(`"Promotion":"","UnitPrice":"free"`)),
		of(row(`"UnitPrice":5,"Quantity":1`)),
		of(row(`"Promotion":"P1","UnitPrice":5`)), of(row(`"Promotion":"P1","OrderLines":[]`)),
		of(row(`"Promotion":null,"UnitPrice":5`)))
	require.Len(t, got.events, 2)
	for i, want := range []Amounts{{1, 2, 21_000_000}, {1, 1, 5_000_000}} {
		assert.Equal(t, NewID([]byte("O1")), got.events[i].ID)
		assert.Equal(t, []Part{{"P1", want}}, got.events[i].Parts)
		assert.NotZero(t, got.events[i].Piece)
	}
	assert.NotEqual(t, got.events[0].Piece, got.events[1].Piece)
	booked := func(outcome, reason string) string {
		return fmt.Sprint(start0, " ", ledger.Entry{Stream: ledger.Orders, Outcome: outcome, Reason: reason})
	}
	assert.Equal(t, map[string]int64{booked(ledger.NotPromotion, ""): 3, booked(ledger.Malformed, NoOrderLines): 1,
		booked(ledger.Malformed, BadQuantity): 1,
	}, got.bookings)
	whole := decodeBatch(d, of(orderOf(line("P1", "1", "1"))))
	assert.Zero(t, whole.events[0].Piece, "an order with lines is whole, also after a row")
}
