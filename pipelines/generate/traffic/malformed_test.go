package traffic

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Why a strict reader refuses each kind: for the fault that its name tells and
// for no other.
var refusals = map[string]string{
	"not JSON":             "invalid character 'c' looking for beginning of value",
	"truncated":            "unexpected end of JSON input",
	"array":                "cannot unmarshal array",
	"invalid UTF-8":        "invalid UTF-8",
	"wrong type":           "cannot unmarshal number into Go struct field",
	"no Timestamp":         "no Timestamp",
	"unparsable Timestamp": `parsing time "yesterday"`,
	"year out of range":    "before 1970",
	"no Event":             `Event: EventType:Promotion`,
	"no OrderLines":        "OrderLines:[]",
	"no Quantity":          "no Quantity",
	"negative Quantity":    "Quantity below 1",
	"fractional Quantity":  "cannot unmarshal number 1.5",
	"no UnitPrice":         "no UnitPrice",
	"negative UnitPrice":   "UnitPrice below 0",
	"NaN UnitPrice":        "invalid character 'N'",
	"overflow":             "revenue overflows",
}

func TestMalformedClicks(t *testing.T) {
	assert.Len(t, malformedClicks, 9)
	checkRefused(t, malformedClicks, func(p []byte) error { _, _, err := parseClick(p); return err })
}

func TestMalformedOrders(t *testing.T) {
	assert.Len(t, malformedOrders, 16)
	checkRefused(t, malformedOrders, func(p []byte) error { _, _, err := parseOrder(p); return err })
}

func checkRefused(t *testing.T, kinds []malformation, parse func([]byte) error) {
	seen := map[string]bool{}
	for _, m := range kinds {
		assert.False(t, seen[m.name], "%s stands twice", m.name)
		seen[m.name] = true
		line := m.appendTo(nil, "M000001", "2026-11-01T00:00:00.000Z")
		assert.NotContains(t, string(line), "$")
		assert.NotContains(t, string(line), "\n")
		want := refusals[m.name]
		if m.name == "not JSON" && bytes.HasPrefix(line, []byte("order")) {
			want = "invalid character 'o' looking for beginning of value"
		}
		assert.NotEmpty(t, want, m.name)
		assert.ErrorContains(t, parse(line), want, m.name)
	}
}
