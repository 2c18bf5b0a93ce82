package event

import (
	"bytes"
	"encoding/json"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A strict reading of both records by encoding/json, slow and independent of
// the parsers: it tells what they have to find.

// object returns an object's fields, of one name the last; ok tells whether data
// is a JSON object.
func object(data []byte) (fields map[string]json.RawMessage, ok bool) {
	if !json.Valid(data) || len(bytes.TrimLeft(data, " \t\r\n")) == 0 || bytes.TrimLeft(data, " \t\r\n")[0] != '{' {
		return nil, false
	}
	in := json.NewDecoder(bytes.NewReader(data))
	if _, err := in.Token(); err != nil {
		return nil, false
	}
	fields = map[string]json.RawMessage{}
	for in.More() {
		name, err := in.Token()
		if err != nil {
			return nil, false
		}
		var value json.RawMessage
		if in.Decode(&value) != nil {
			return nil, false
		}
		fields[name.(string)] = value
	}
	return fields, true
}

// typed returns the fields that are there, and not null; right tells whether
// each begins as its type does.
func typed(fields map[string]json.RawMessage, begins map[string]string) (there map[string]json.RawMessage, right bool) {
	there, right = map[string]json.RawMessage{}, true
	for name, first := range begins {
		value := fields[name]
		if len(value) == 0 || string(value) == "null" {
			continue
		}
		there[name] = value
		right = right && strings.IndexByte(first, value[0]) >= 0
	}
	return there, right
}

func text(value json.RawMessage) (text string) {
	if value != nil && json.Unmarshal(value, &text) != nil {
		panic(string(value))
	}
	return text
}

var rfc3339 = regexp.MustCompile(`^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|([+-])(\d\d):(\d\d))$`)

// timeWant reads a time by the words of RFC 3339, without leap seconds.
func timeWant(text string) (ms int64, reason string) {
	if text == "" {
		return 0, NoTimestamp
	}
	m := rfc3339.FindStringSubmatch(text)
	if m == nil {
		return 0, BadTimestamp
	}
	n := make([]int, len(m))
	for i := range m {
		n[i], _ = strconv.Atoi(m[i])
	}
	zone := time.Duration(n[10])*time.Hour + time.Duration(n[11])*time.Minute
	if m[9] == "-" {
		zone = -zone
	}
	local := time.Date(n[1], time.Month(n[2]), n[3], n[4], n[5], n[6], 0, time.UTC)
	if local.Format("2006-01-02T15:04:05") != text[:19] || n[10] > 23 || n[11] > 59 {
		return 0, BadTimestamp // such as the 31st of November
	}
	at := local.Add(-zone)
	if at.Year() < 1970 || at.Year() > 9999 {
		return 0, BadYear
	}
	fraction, _ := strconv.Atoi((strings.TrimPrefix(m[7], ".") + "000")[:3])
	return at.UnixMilli() + int64(fraction), ""
}

// open judges what both records have in common.
func openWant(data []byte, begins map[string]string) (fields map[string]json.RawMessage, ms int64, reason string) {
	if !utf8.Valid(data) {
		return nil, 0, InvalidUTF8
	}
	all, ok := object(data)
	if !ok {
		return nil, 0, NotJSONObject
	}
	fields, right := typed(all, begins)
	if timestamp := fields["Timestamp"]; timestamp == nil || timestamp[0] == '"' {
		ms, reason = timeWant(text(timestamp))
	}
	if !right {
		reason = WrongType
	}
	return fields, ms, reason
}

func clickWant(data []byte) (c Click, promotion bool, reason string) {
	fields, ms, reason := openWant(data, map[string]string{"EventId": `"`, "UserId": `"`, "Device": `"`, "Event": `"`,
		"EventType": `"`, "Timestamp": `"`})
	c.Time = ms
	if reason != "" || text(fields["EventType"]) != "Promotion" {
		return c, false, reason
	}
	if text(fields["Event"]) == "" {
		return c, false, NoEvent
	}
	c.ID, c.Promotion = NewID([]byte(text(fields["EventId"]))), text(fields["Event"])
	return c, true, ""
}

func orderWant(data []byte) (o Order, promotion bool, reason string) {
	fields, ms, reason := openWant(data, map[string]string{"OrderId": `"`, "UserId": `"`, "Timestamp": `"`,
		"OrderLines": "["})
	o.Time = ms
	if reason == InvalidUTF8 || reason == NotJSONObject {
		return o, false, reason
	}
	linesReason, lines, total := NoOrderLines, []json.RawMessage(nil), [2]*big.Int{new(big.Int), new(big.Int)}
	if value := fields["OrderLines"]; value != nil && value[0] == '[' {
		linesReason = ""
		_ = json.Unmarshal(value, &lines)
	}
	parts := map[string]Part{}
	for _, l := range lines {
		name, units, micros, lineReason := lineWant(l)
		switch {
		case lineReason == WrongType:
			return o, false, WrongType
		case linesReason != "":
		case lineReason != "":
			linesReason = lineReason
		case !total[0].Add(total[0], units).IsInt64() || !total[1].Add(total[1], micros).IsInt64():
			linesReason = Overflow
		case name != "":
			p := parts[name]
			parts[name] = part(name, p.Lines+1, p.Units+units.Int64(), p.RevenueMicros+micros.Int64())
		}
	}
	if reason == "" {
		reason = linesReason
	}
	if reason != "" {
		return o, false, reason
	}
	o.ID = NewID([]byte(text(fields["OrderId"])))
	for _, name := range sortedNames(parts) {
		o.Parts = append(o.Parts, parts[name])
	}
	return o, len(parts) > 0, ""
}

func lineWant(data []byte) (promotion string, units, micros *big.Int, reason string) {
	const digit = "-0123456789"
	all, ok := object(data)
	fields, right := typed(all, map[string]string{"ItemId": `"`, "Promotion": `"`, "UnitPrice": digit,
		"Quantity": digit})
	if !ok || !right {
		return "", nil, nil, WrongType
	}
	quantity, exact, fits := amountWant(fields["Quantity"], 0)
	if quantity == nil || quantity.Sign() < 0 || !exact {
		return "", nil, nil, BadQuantity
	}
	price, _, priceFits := amountWant(fields["UnitPrice"], 6)
	if price == nil || price.Sign() < 0 {
		return "", nil, nil, BadUnitPrice
	}
	if !fits || !priceFits {
		return "", nil, nil, Overflow
	}
	units, price2 := rounded(quantity), rounded(price)
	if micros = new(big.Int).Mul(units, price2); !units.IsInt64() || !price2.IsInt64() || !micros.IsInt64() {
		return "", nil, nil, Overflow
	}
	return text(fields["Promotion"]), units, micros, ""
}

// amountWant returns a number times a power of ten, nil for none. One that is
// far too large or small to be computed is ±2 with fits false, or ±10⁻⁹.
func amountWant(value json.RawMessage, shift int) (amount *big.Rat, exact, fits bool) {
	if value == nil {
		return nil, false, false
	}
	digits, power, _ := strings.Cut(strings.ToLower(string(value)), "e")
	exponent, err := strconv.Atoi(strings.TrimPrefix(power, "+"))
	far := power != "" && (err != nil || exponent > 5_000 || exponent < -5_000)
	if amount, _ = new(big.Rat).SetString(digits); amount.Sign() == 0 {
		return amount, true, true
	}
	sign := big.NewRat(int64(amount.Sign()), 1)
	if far && strings.HasPrefix(power, "-") {
		return sign.Mul(sign, big.NewRat(1, 1e9)), false, true
	}
	if far {
		return sign.Mul(sign, big.NewRat(2, 1)), true, false
	}
	amount, _ = new(big.Rat).SetString(string(value))
	amount.Mul(amount, new(big.Rat).SetInt(pow10(shift)))
	return amount, amount.IsInt(), true
}

// rounded rounds to the nearest integer, ties to even.
func rounded(amount *big.Rat) *big.Int {
	below := new(big.Int).Div(amount.Num(), amount.Denom())
	rest := new(big.Rat).Sub(amount, new(big.Rat).SetInt(below))
	if half := rest.Cmp(big.NewRat(1, 2)); half > 0 || half == 0 && below.Bit(0) == 1 {
		below.Add(below, big.NewInt(1))
	}
	return below
}
