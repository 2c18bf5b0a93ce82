package event

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
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

// typed returns the fields that are there, and not null, and the first name whose value
// begins as none of its types does. begins holds names, each followed by what its types
// begin with.
func typed(fields map[string]json.RawMessage, begins ...string) (there map[string]json.RawMessage, wrong string) {
	there = map[string]json.RawMessage{}
	for i := 0; i < len(begins); i += 2 {
		name, first := begins[i], begins[i+1]
		value := fields[name]
		if len(value) == 0 || string(value) == "null" {
			continue
		}
		there[name] = value
		if wrong == "" && strings.IndexByte(first, value[0]) < 0 {
			wrong = name
		}
	}
	return there, wrong
}

// What texts and numbers begin with.
const (
	quote   = `"`
	numeral = "-0123456789"
)

// scalarWant returns what a text holds, and what a number is spelled as.
func scalarWant(value json.RawMessage) string {
	if len(value) > 0 && value[0] != '"' {
		return string(value)
	}
	return text(value)
}

func text(value json.RawMessage) (text string) {
	if value != nil && json.Unmarshal(value, &text) != nil {
		panic(string(value))
	}
	return text
}

// openWant judges what both records have in common.
func openWant(data []byte, begins ...string) (fields map[string]json.RawMessage, wrong string, want parsed) {
	if !utf8.Valid(data) {
		return nil, "", parsed{reason: InvalidUTF8}
	}
	all, ok := object(data)
	if !ok {
		return nil, "", parsed{reason: NotJSONObject}
	}
	fields, wrong = typed(all, begins...)
	if timestamp := fields["Timestamp"]; timestamp == nil || strings.IndexByte(quote+numeral, timestamp[0]) >= 0 {
		want.time, want.assumed, want.reason = timeWant(scalarWant(timestamp))
	}
	return fields, wrong, want
}

func clickWant(data []byte) (c Click, want parsed) {
	fields, wrong, want := openWant(data, "EventId", quote+numeral, "Event", quote, "EventType", quote,
		"Timestamp", quote+numeral)
	c.Time = want.time
	if wrong != "" {
		want.reason = WrongType + ": " + wrong
	}
	if want.reason != "" || text(fields["EventType"]) != "Promotion" {
		return c, want
	}
	if text(fields["Event"]) == "" {
		want.reason = NoEvent
		return c, want
	}
	c.ID, c.Promotion = NewID([]byte(scalarWant(fields["EventId"]))), text(fields["Event"])
	want.promotion = true
	return c, want
}

func orderWant(data []byte) (o Order, want parsed) {
	fields, wrong, want := openWant(data, "OrderId", quote+numeral, "OrderLines", "[", "Timestamp", quote+numeral)
	o.Time = want.time
	if want.reason == InvalidUTF8 || want.reason == NotJSONObject {
		return o, want
	}
	linesReason, lines, total := NoOrderLines, []json.RawMessage(nil), [2]*big.Int{new(big.Int), new(big.Int)}
	if value := fields["OrderLines"]; value != nil && value[0] == '[' {
		linesReason = ""
		_ = json.Unmarshal(value, &lines)
	}
	parts := map[string]Part{}
	for _, l := range lines {
		name, units, micros, lineWrong, lineReason := lineWant(l)
		if wrong == "" || wrong == "Timestamp" { // which is looked at last
			wrong = cmp.Or(lineWrong, wrong)
		}
		switch {
		case linesReason != "" || lineWrong != "" || name == "":
		case lineReason != "":
			linesReason = lineReason
		case !total[0].Add(total[0], units).IsInt64() || !total[1].Add(total[1], micros).IsInt64():
			linesReason = Overflow
		default:
			p := parts[name]
			parts[name] = part(name, p.Lines+1, p.Units+units.Int64(), p.RevenueMicros+micros.Int64())
		}
	}
	if want.reason = cmp.Or(want.reason, linesReason); wrong != "" {
		want.reason = WrongType + ": " + wrong
	}
	if want.reason != "" {
		return o, want
	}
	o.ID = NewID([]byte(scalarWant(fields["OrderId"])))
	for _, name := range sortedNames(parts) {
		o.Parts = append(o.Parts, parts[name])
	}
	want.promotion = len(parts) > 0
	return o, want
}

func lineWant(data []byte) (promotion string, units, micros *big.Int, wrong, reason string) {
	all, ok := object(data)
	if !ok {
		return "", nil, nil, "OrderLines", ""
	}
	if fields, wrong := typed(all, "Promotion", quote); wrong != "" || text(fields["Promotion"]) == "" {
		return "", nil, nil, wrong, ""
	}
	fields, wrong := typed(all, "Promotion", quote, "Quantity", quote+numeral, "UnitPrice", quote+numeral)
	if wrong != "" {
		return "", nil, nil, wrong, ""
	}
	promotion = text(fields["Promotion"])
	quantity, exact, fits := amountWant(fields["Quantity"], 0)
	if quantity == nil || quantity.Sign() < 0 || !exact {
		return promotion, nil, nil, "", BadQuantity
	}
	price, _, priceFits := amountWant(fields["UnitPrice"], 6)
	if price == nil || price.Sign() < 0 {
		return promotion, nil, nil, "", BadUnitPrice
	}
	if !fits || !priceFits {
		return promotion, nil, nil, "", Overflow
	}
	units, price2 := rounded(quantity), rounded(price)
	if micros = new(big.Int).Mul(units, price2); !units.IsInt64() || !price2.IsInt64() || !micros.IsInt64() {
		return promotion, nil, nil, "", Overflow
	}
	return promotion, units, micros, "", ""
}

// amountWant returns a number, or a text of one, times a power of ten, nil for none. One that is
// far too large or small to be computed is ±2 with fits false, or ±10⁻⁹.
func amountWant(value json.RawMessage, shift int) (amount *big.Rat, exact, fits bool) {
	number := scalarWant(value)
	if !numberWant.MatchString(number) {
		return nil, false, false
	}
	digits, power, _ := strings.Cut(strings.ToLower(number), "e")
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
	amount, _ = new(big.Rat).SetString(number)
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
