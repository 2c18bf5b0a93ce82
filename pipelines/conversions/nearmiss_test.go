package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tenClicks are ten clicks on promotion P7, a second apart, and fourOrders four orders of
// it, after a change of all texts.
func tenClicks(change ...string) string {
	var all strings.Builder
	for i := range 10 {
		fmt.Fprintf(&all, `{"EventId":"E%d","UserId":"U1","Event":"P7","EventType":"Promotion",`+
			`"Timestamp":"2026-11-01T00:00:0%dZ"}`+"\n", i, i)
	}
	return strings.NewReplacer(change...).Replace(all.String())
}

func fourOrders(change ...string) string {
	var all strings.Builder
	for i := range 4 {
		fmt.Fprintf(&all, `{"OrderId":"O%d","UserId":"U1","Timestamp":"2026-11-01T00:00:0%dZ","OrderLines":[`+
			`{"ItemId":"I1","Promotion":"P7","UnitPrice":2.5,"Quantity":1}]}`+"\n", i, i)
	}
	return strings.NewReplacer(change...).Replace(all.String())
}

// written writes both streams to files, and returns flags that read them.
func written(t *testing.T, clicks, orders string) []string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(dir+"/clicks.jsonl", []byte(clicks), 0o644))
	require.NoError(t, os.WriteFile(dir+"/orders.jsonl", []byte(orders), 0o644))
	return []string{"--clicks=" + dir + "/clicks.jsonl", "--orders=" + dir + "/orders.jsonl", "--warehouse=none"}
}

func TestNearMissesAreTold(t *testing.T) {
	const nothing = "conversions: nothing was counted of "
	for name, c := range map[string]struct {
		clicks, orders string
		want           []string // lines of the summary
		doubt          string   // last line on standard error, "" where the run ends with status 0
	}{
		"nothing near": {tenClicks(), fourOrders(), nil, ""},
		"a type in lower case": {tenClicks(`"Promotion"`, `"promotion"`), fourOrders(), []string{
			`clicks: EventType "promotion" comes close to "Promotion", in 10 of 10 looked at; ` +
				`in a map (--clicks_map): types: promotion`}, nothing + "10 clicks"},
		"the type's name": {tenClicks("EventType", "event_type"), fourOrders(), []string{
			"clicks: event_type comes close to EventType, in 10 of 10 looked at; " +
				"in a map (--clicks_map): type: event_type"}, nothing + "10 clicks"},
		"a line's promotion in lower case": {tenClicks(), fourOrders(`"Promotion"`, `"promotion"`), []string{
			"orders: OrderLines[].promotion comes close to OrderLines[].Promotion, in 4 of 4 looked at; " +
				"in a map (--orders_map): promotion: line.promotion"}, nothing + "4 orders"},
		"a line's PromotionId": {tenClicks(), fourOrders(`"Promotion"`, `"PromotionId"`), []string{
			"orders: OrderLines[].PromotionId comes close to OrderLines[].Promotion, in 4 of 4 looked at; " +
				"in a map (--orders_map): promotion: line.PromotionId"}, nothing + "4 orders"},
		"a promotion of the order": {tenClicks(),
			fourOrders(`"Promotion":"P7",`, "", `"UserId"`, `"Promotion":"P7","U"`), []string{
				"orders: Promotion comes close to OrderLines[].Promotion, in 4 of 4 looked at; " +
					"in a map (--orders_map): promotion: Promotion"}, nothing + "4 orders"},
		"items": {tenClicks(), fourOrders(`"OrderLines"`, `"OrderLines":[],"items"`), []string{
			"orders: items comes close to OrderLines, in 4 of 4 looked at; in a map (--orders_map): lines: items"},
			nothing + "4 orders"},
		"ids in camel case, twice": {strings.Repeat(tenClicks("EventId", "eventId"), 2),
			strings.Repeat(fourOrders("OrderId", "orderId"), 2), []string{
				"clicks: eventId comes close to EventId, in 20 of 20 looked at; in a map (--clicks_map): id: eventId",
				"orders: orderId comes close to OrderId, in 8 of 8 looked at; " +
					"in a map (--orders_map): id: orderId"}, ""},
		"swapped": {fourOrders(), tenClicks(), []string{"clicks: records are orders, in 4 of 4 looked at",
			"orders: records are clicks, in 10 of 10 looked at"}, "conversions: clicks and orders look swapped"},
		"both in both": {tenClicks() + fourOrders(), tenClicks() + fourOrders(), []string{
			"clicks: records are orders, in 4 of 4 looked at",
			"orders: records are clicks, in 10 of 10 looked at"}, ""},
		"another system": {tenClicks(),
			fourOrders("OrderLines", "properties", "OrderId", "event", "UserId", "messageId"), []string{
				"orders: records have the shape of segment, in 4 of 4 looked at; give --orders_map segment"},
			nothing + "4 orders"},
	} {
		for _, runner := range []string{"prism", "direct"} {
			t.Run(name+", on "+runner, func(t *testing.T) {
				lake := t.TempDir()
				status, out, errs := conversions(t, append(written(t, c.clicks, c.orders), "--lake="+lake,
					"--runner="+runner)...)
				for _, line := range c.want {
					assert.Contains(t, out, "\n  "+line+"\n")
				}
				assert.Equal(t, len(c.want), strings.Count(out, " looked at"), out)
				if c.doubt == "" {
					assert.Zero(t, status)
					return
				}
				assert.Equal(t, 3, status)
				lines := strings.Split(strings.TrimSpace(errs), "\n")
				assert.True(t, strings.HasPrefix(lines[len(lines)-1], c.doubt), errs)
				if strings.HasPrefix(c.doubt, nothing) {
					assert.Contains(t, errs, " at a first look: ", "a run says so before it begins")
				}
			})
		}
	}
}

func TestMaxMalformed(t *testing.T) {
	clicks := tenClicks("00:00:03Z", "noon") // one of ten
	for flag, want := range map[string]string{
		"--max_malformed=0.1":  "",
		"--max_malformed=0.09": "conversions: 10.00 % of 10 clicks are malformed, more than --max_malformed=0.09\n",
		"--window=1m":          "",
	} {
		for _, runner := range []string{"prism", "direct"} {
			t.Run(flag+" "+runner, func(t *testing.T) {
				status, out, errs := conversions(t, append(written(t, clicks, fourOrders()), "--lake="+t.TempDir(),
					"--runner="+runner, flag)...)
				assert.Equal(t, want, errs)
				assert.Equal(t, map[bool]int{true: 0, false: 3}[want == ""], status)
				assert.Contains(t, out, "\nResults:\n", "all is done")
			})
		}
	}
}

func TestPreview(t *testing.T) {
	lake := t.TempDir() + "/lake"
	clicks := tenClicks(`"Promotion"`, `"promo"`, "EventId", "eventId")
	orders := strings.TrimSpace(fourOrders("00:00:01Z", "noon"))
	flags := written(t, clicks, "["+strings.ReplaceAll(orders, "\n", ",")+"]")
	status, out, errs := conversions(t, append(flags, "--lake="+lake, "--warehouse=sqlite:"+lake+"/w.db",
		"--preview")...)
	assert.Zero(t, status)
	assert.Empty(t, errs)
	assert.NoDirExists(t, lake)
	for _, want := range []string{
		"/clicks.jsonl  plain text, an object a line  10 records of ",
		"/orders.jsonl  plain text, an array of objects  4 records of ",
		"  not_promotion  10  100.0 %\n",
		"  counted                   3  75.0 %\n  malformed, bad_timestamp  1  25.0 %\n",
		"  EventType  100.0 %  text  promo\n",
		"  OrderLines[].UnitPrice  100.0 %  number  2.5\n",
		"    " + strings.Split(clicks, "\n")[0] +
			"\n    = no click on a promotion: its EventType is not \"Promotion\"\n",
		"    = an order of \"P7\" 1 units for 2.50 at 2026-11-01T00:00:00.000Z\n",
		"  EventType \"promo\" comes close to \"Promotion\", in 10 of 10 records\n",
		"  clicks:\n    id: eventId\n    types: [promo]\n",
		"\nNothing was written, and nothing was taken from a source.\n",
	} {
		assert.Contains(t, out, want)
	}
	assert.NotContains(t, out, "--orders_map", "orders are as they should be")

	status, out, _ = conversions(t, flags[0], "--preview")
	assert.Zero(t, status)
	assert.NotContains(t, out, "--orders\n", "not of the sample")
	status, _, errs = conversions(t, "--clicks=/none/such", "--preview")
	assert.Equal(t, 2, status)
	assert.Contains(t, errs, "--clicks=/none/such: no file matches")
}
