package scenarios

import (
	"bytes"
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"time"
)

// partsOf adds up an order's lines by promotion. The first malformed line says
// why; a total that overflows counts where it does.
func partsOf(raw json.RawMessage) (map[string]amounts, string) {
	var lines []map[string]json.RawMessage
	if err := json.Unmarshal(raw, &lines); err != nil {
		panic(err) // wrongType has looked at it
	}
	limit := big.NewInt(math.MaxInt64)
	parts, units, micros := map[string]amounts{}, new(big.Int), new(big.Int)
	for _, l := range lines {
		promotion := text(l["Promotion"])
		if promotion == "" {
			continue // whatever its amounts are
		}
		quantity := number(l["Quantity"])
		if quantity == nil || quantity.Sign() < 0 || !quantity.IsInt() {
			return nil, "bad_quantity"
		}
		price := number(l["UnitPrice"])
		if price == nil || price.Sign() < 0 {
			return nil, "bad_unit_price"
		}
		rounded := roundToEven(new(big.Rat).Mul(price, big.NewRat(1e6, 1)))
		amount := new(big.Int).Mul(rounded, quantity.Num())
		if units.Add(units, quantity.Num()).Cmp(limit) > 0 || rounded.Cmp(limit) > 0 ||
			micros.Add(micros, amount).Cmp(limit) > 0 {
			return nil, "overflow"
		}
		p := parts[promotion]
		parts[promotion] = amounts{p.lines + 1, p.units + quantity.Num().Int64(), p.micros + amount.Int64()}
	}
	return parts, ""
}

func roundToEven(r *big.Rat) *big.Int {
	twice := new(big.Int).Lsh(r.Num(), 1)
	low := new(big.Int).Quo(r.Num(), r.Denom())
	odd := new(big.Int).Add(new(big.Int).Lsh(low, 1), big.NewInt(1)) // 2·low + 1
	order := twice.Cmp(new(big.Int).Mul(odd, r.Denom()))             // r against low + 1/2
	if order > 0 || order == 0 && low.Bit(0) == 1 {
		low.Add(low, big.NewInt(1))
	}
	return low
}

// layouts are those of a time with a zone, and without one.
var layouts = []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07",
	"2006-01-02T15:04Z07:00", "2006-01-02T15:04:05UTC", "2006-01-02T15:04:05", "2006-01-02T15:04"}

func timeOf(raw json.RawMessage) (int64, string) {
	value := scalar(raw)
	if value == "" {
		return 0, "no_timestamp"
	}
	if amount := number(raw); amount != nil {
		return sinceEpoch(amount)
	}
	if len(value) > 10 && value[10] == ' ' {
		value = value[:10] + "T" + value[11:]
	}
	value = strings.ReplaceAll(strings.ToUpper(value), " ", "")
	for _, layout := range layouts {
		t, err := time.Parse(layout, value)
		switch {
		case err != nil:
		case t.Before(time.Unix(0, 0)) || !t.Before(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)):
			return 0, "year_range"
		default:
			return t.UnixMilli(), ""
		}
	}
	return 0, "bad_timestamp"
}

// sinceEpoch looks for the unit, seconds to nanoseconds, that makes a number a time of this
// century.
func sinceEpoch(amount *big.Rat) (int64, string) {
	toMillis := []*big.Rat{big.NewRat(1000, 1), big.NewRat(1, 1), big.NewRat(1, 1000), big.NewRat(1, 1_000_000)}
	for _, unit := range toMillis {
		scaled := new(big.Rat).Mul(amount, unit)
		whole := new(big.Int).Quo(scaled.Num(), scaled.Denom())
		if !whole.IsInt64() {
			continue
		}
		if year := time.UnixMilli(whole.Int64()).UTC().Year(); year >= 2000 && year <= 2100 {
			return whole.Int64(), ""
		}
	}
	return 0, "bad_timestamp"
}

// wrongType names the first field that has another type than it should.
func wrongType(stream string, fields map[string]json.RawMessage) string {
	if stream == "clicks" {
		return mistyped(fields, "EventId", anyText, "Event", `"`, "EventType", `"`, "Timestamp", anyText)
	}
	if wrong := mistyped(fields, "OrderId", anyText, "OrderLines", "["); wrong != "" {
		return wrong
	}
	var lines []json.RawMessage
	json.Unmarshal(fields["OrderLines"], &lines)
	for _, raw := range lines {
		var line map[string]json.RawMessage
		if json.Unmarshal(raw, &line) != nil || line == nil {
			return "OrderLines"
		}
		wrong := mistyped(line, "Promotion", `"`)
		if wrong == "" && text(line["Promotion"]) != "" {
			wrong = mistyped(line, "Quantity", anyText, "UnitPrice", anyText)
		}
		if wrong != "" {
			return wrong
		}
	}
	return mistyped(fields, "Timestamp", anyText)
}

// anyText is what texts and numbers start with.
const anyText = `"-0123456789`

// mistyped names the first field that starts with another character than it may. starts
// holds names, each followed by those characters.
func mistyped(fields map[string]json.RawMessage, starts ...string) string {
	for i := 0; i < len(starts); i += 2 {
		value := fields[starts[i]]
		if !absent(value) && !strings.Contains(starts[i+1], string(value[:1])) {
			return starts[i]
		}
	}
	return ""
}

func absent(raw json.RawMessage) bool { return len(raw) == 0 || bytes.Equal(raw, []byte("null")) }

func text(raw json.RawMessage) (s string) {
	json.Unmarshal(raw, &s)
	return s
}

// scalar is a text, or a number as it is spelled.
func scalar(raw json.RawMessage) string {
	if s := text(raw); s != "" || absent(raw) || raw[0] == '"' || !strings.Contains(anyText, string(raw[:1])) {
		return s
	}
	return string(raw)
}

// number is a number, or what a text holds that could stand in its place; nil for none.
func number(raw json.RawMessage) *big.Rat {
	var n json.Number // takes texts, too, that are numbers, and the empty one
	if absent(raw) || json.Unmarshal(raw, &n) != nil || n == "" {
		return nil
	}
	r, _ := new(big.Rat).SetString(n.String())
	return r
}
