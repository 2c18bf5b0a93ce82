package scenarios

import (
	"bytes"
	"encoding/json"
	"math"
	"math/big"
	"slices"
	"strings"
	"time"
)

// partsOf adds up an order's lines by promotion. The first malformed line says
// why; a total that overflows counts where it does.
func partsOf(raw json.RawMessage) (map[string]amounts, string) {
	var lines []map[string]json.RawMessage
	if err := json.Unmarshal(raw, &lines); err != nil {
		panic(err) // wrongTypes has looked at it
	}
	limit := big.NewInt(math.MaxInt64)
	parts, units, micros := map[string]amounts{}, new(big.Int), new(big.Int)
	for _, l := range lines {
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
		if promotion := text(l["Promotion"]); promotion != "" {
			p := parts[promotion]
			parts[promotion] = amounts{p.lines + 1, p.units + quantity.Num().Int64(), p.micros + amount.Int64()}
		}
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

func timeOf(raw json.RawMessage) (int64, string) {
	value := text(raw)
	if value == "" {
		return 0, "no_timestamp"
	}
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return 0, "bad_timestamp"
	}
	if t.Before(time.Unix(0, 0)) || !t.Before(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)) {
		return 0, "year_range"
	}
	return t.UnixMilli(), ""
}

// wrongTypes tells whether a known field has another type than it should.
func wrongTypes(stream string, fields map[string]json.RawMessage) bool {
	known := map[string]string{"UserId": `"`, "Timestamp": `"`, "Device": `"`, "Event": `"`, "EventType": `"`,
		"EventId": `"`}
	if stream == "orders" {
		known = map[string]string{"UserId": `"`, "Timestamp": `"`, "OrderId": `"`, "OrderLines": `[`}
	}
	if mistyped(fields, known) {
		return true
	}
	var lines []json.RawMessage
	if stream == "orders" && !absent(fields["OrderLines"]) {
		json.Unmarshal(fields["OrderLines"], &lines)
	}
	return slices.ContainsFunc(lines, func(raw json.RawMessage) bool {
		var line map[string]json.RawMessage
		return json.Unmarshal(raw, &line) != nil || line == nil ||
			mistyped(line, map[string]string{"ItemId": `"`, "Promotion": `"`, "UnitPrice": "-0123456789",
				"Quantity": "-0123456789"})
	})
}

// mistyped tells whether a field starts with another character than it may.
func mistyped(fields map[string]json.RawMessage, starts map[string]string) bool {
	for name, start := range starts {
		if !absent(fields[name]) && !strings.Contains(start, string(fields[name][:1])) {
			return true
		}
	}
	return false
}

func absent(raw json.RawMessage) bool { return len(raw) == 0 || bytes.Equal(raw, []byte("null")) }

func text(raw json.RawMessage) (s string) {
	json.Unmarshal(raw, &s)
	return s
}

func number(raw json.RawMessage) *big.Rat {
	if absent(raw) {
		return nil
	}
	r, _ := new(big.Rat).SetString(string(raw))
	return r
}
