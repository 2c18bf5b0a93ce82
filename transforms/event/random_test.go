package event

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// writer makes random payloads: mostly sound ones, with any value at any place
// now and then, and sometimes a broken byte.
type writer struct{ *rand.Rand }

func (w writer) one(of ...string) string { return of[w.IntN(len(of))] }

// sound returns one of the values that a field should have, or any.
func (w writer) sound(of ...string) string {
	if w.IntN(8) == 0 {
		return w.one(values...)
	}
	return w.one(of...)
}

// object joins some fields in a random order, a few of them twice.
func (w writer) object(fields ...func() string) string {
	var all []string
	for _, field := range fields {
		for range []int{0, 1, 1, 1, 1, 1, 1, 2}[w.IntN(8)] {
			all = append(all, field())
		}
	}
	w.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return "{" + strings.Join(all, ",") + "}"
}

func (w writer) field(name string, sound ...string) func() string {
	return func() string { return fmt.Sprintf(`"%s":%s`, name, w.sound(sound...)) }
}

func (w writer) time() func() string {
	return w.field("Timestamp", `"2026-11-01T00:00:00Z"`, `"2026-11-01T05:30:00.123456+05:30"`,
		`"1970-01-01T00:00:00.999Z"`, `"9999-12-31T23:59:59-00:00"`,
		`"1969-12-31T23:59:59.999Z"`, `"2026-11-31T00:00:00Z"`,
		`"2026-11-01 00:00:00"`, `"2026-11-01T00:00:00.123456"`, `"2026-11-01t05:30+0530"`, `"2016-12-31T23:59:60Z"`,
		"1793491200", "1793491200.123456", "1793491200000", `"1793491200000000"`, "1793491200000000000")
}

func (w writer) click() string {
	return w.object(w.time(), w.field("EventId", `"E1"`, `""`, "42", `"42"`), w.field("UserId", `"U1"`, "5"),
		w.field("Device", `"mobile"`),
		w.field("Event", `"P1"`, `"P2"`), w.field("EventType", `"Promotion"`, `"Promotion"`,
			`"Search"`), w.field("Other", "1", `"x"`))
}

func (w writer) order() string {
	lines := func() string {
		if w.IntN(20) == 0 {
			return `"OrderLines":` + w.one(values...)
		}
		var all []string
		for range w.IntN(5) {
			all = append(all, w.object(w.field("ItemId", `"I1"`), w.field("Promotion", `"P1"`, `"P2"`, `""`),
				w.field("Other", "{}"),
				w.field("UnitPrice", "1", "19.99", `"19.99"`, "0.0000015", "4611686018427.387904", "-3"),
				w.field("Quantity", "1", "2", `"2"`, `"2.0"`, "2e0", "100", "1.35")))
		}
		return `"OrderLines":[` + strings.Join(all, ",") + "]"
	}
	return w.object(w.time(), w.field("OrderId", `"O1"`, `""`, "9007199254740993"), w.field("UserId", `"U1"`),
		w.field("Other", "[]"),
		lines)
}

// broken changes a byte of some payloads.
func (w writer) broken(payload string) []byte {
	b := []byte(payload)
	if w.IntN(4) == 0 {
		b[w.IntN(len(b))] = "\x00\x01\t\n \"\\,:[]{}0-.eEuP\xc3\xff"[w.IntN(22)]
	}
	return b
}

func TestRandomPayloads(t *testing.T) {
	const seed = 1
	w := writer{rand.New(rand.NewPCG(seed, 0))}
	p, outcomes := newParser(), map[string]int{}
	for range 30_000 {
		ofClick, ofOrder := mustReadAs(t, p, w.broken(w.click()), w.broken(w.order()))
		outcomes["click "+ofClick]++
		outcomes["order "+ofOrder]++
	}
	for _, reason := range []string{"", InvalidUTF8, NotJSONObject, NoTimestamp, BadTimestamp, BadYear,
		"wrong_type: Timestamp"} {
		require.Greater(t, outcomes["click "+reason], 20, "click %s", reason)
		require.Greater(t, outcomes["order "+reason], 20, "order %s", reason)
	}
	for _, field := range []string{"click EventId", "click Event", "click EventType", "order OrderId",
		"order OrderLines",
		"order Promotion", "order UnitPrice", "order Quantity"} {
		stream, name, _ := strings.Cut(field, " ")
		require.Greater(t, outcomes[stream+" wrong_type: "+name], 20, field)
	}
	for _, reason := range []string{"click " + NoEvent, "order " + NoOrderLines, "order " + BadQuantity, "order " +
		BadUnitPrice, "order " + Overflow} {
		require.Greater(t, outcomes[reason], 20, reason)
	}
}
