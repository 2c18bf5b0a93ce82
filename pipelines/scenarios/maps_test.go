package scenarios

import (
	"maps"
	"os"
	"testing"

	"adtoorder/io/progress"
	"adtoorder/pipelines/engine"
	"adtoorder/transforms/ledger"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The inputs in testdata/maps are in shapes of other systems; a folder without clicks, or
// without orders, has the others beside our own.
func TestMapsOfOtherSystems(t *testing.T) {
	type totals = map[string]engine.Total
	type outcomes = map[ledger.Entry]int64
	clicks, orders := ledger.Clicks, ledger.Orders
	entry := func(stream, outcome, reason string) ledger.Entry {
		return ledger.Entry{Stream: stream, Outcome: outcome, Reason: reason}
	}
	ownClicks := outcomes{entry(clicks, ledger.Read, ""): 4, entry(clicks, ledger.Counted, ""): 4}
	for _, test := range []struct {
		folder, clicksMap, ordersMap string
		promotions                   totals
		records                      outcomes
	}{
		{"segment", "segment", "segment", totals{"PROMO_7": {5, 2, 19_300_000}, "7": {1, 0, 0},
			"SUMMER": {0, 1, 11_000_000}}, outcomes{
			entry(clicks, ledger.Read, ""): 9, entry(clicks, ledger.Counted, ""): 6,
			entry(clicks, ledger.Duplicate, ""): 1, entry(clicks, ledger.NotPromotion, ""): 1,
			entry(clicks, ledger.Malformed, "no_event"): 1,
			entry(orders, ledger.Read, ""):              5, entry(orders, ledger.Counted, ""): 3, entry(orders, ledger.NotPromotion, ""): 2}},
		{"ga4", "ga4", "ga4", totals{"P1": {3, 3, 69_000_000}, "Autumn sale": {1, 0, 0}}, outcomes{
			entry(clicks, ledger.Read, ""): 6, entry(clicks, ledger.Counted, ""): 4, entry(clicks, ledger.NotPromotion, ""): 2,
			entry(orders, ledger.Read, ""): 4, entry(orders, ledger.Counted, ""): 3, entry(orders, ledger.Duplicate, ""): 1}},
		{"shopify", "", "shopify", totals{"P1": {4, 0, 0}, "SPRING30": {0, 3, 3 * 208_900_000},
			"AUTUMN": {0, 1, 208_900_000}}, outcomes{
			entry(orders, ledger.Read, ""): 7, entry(orders, ledger.Counted, ""): 4, entry(orders, ledger.Duplicate, ""): 1,
			entry(orders, ledger.Filtered, "test order"): 1, entry(orders, ledger.NotPromotion, ""): 1}},
		{"woocommerce", "", "woocommerce", totals{"P1": {4, 0, 0}, "10off": {0, 3, 3 * 9_333_333}}, outcomes{
			entry(orders, ledger.Read, ""): 4, entry(orders, ledger.Counted, ""): 3, entry(orders, ledger.NotPromotion, ""): 1}},
		{"debezium", "debezium", "debezium", totals{"P1": {4, 3, 9_000_000}}, outcomes{
			entry(orders, ledger.Read, ""): 8, entry(orders, ledger.Counted, ""): 3, entry(orders, ledger.Duplicate, ""): 1,
			entry(orders, ledger.Filtered, "delete"): 2, entry(orders, ledger.Filtered, "tombstone"): 1,
			entry(orders, ledger.Filtered, "message"): 1}},
		{"decimals", "", "map.yaml", totals{"P1": {4, 4, 3 * (19_990_000 + 1_234_567_890_120_000 + 1_999_000)}}, outcomes{
			entry(orders, ledger.Read, ""): 5, entry(orders, ledger.Counted, ""): 4,
			entry(orders, ledger.Malformed, "bad_unit_price"): 1}},
		{"cloudevents", "cloudevents", "cloudevents", totals{"P1": {2, 3, 3 * 39_980_000}}, outcomes{
			entry(clicks, ledger.Read, ""): 4, entry(clicks, ledger.Counted, ""): 2, entry(clicks, ledger.Duplicate, ""): 1,
			entry(clicks, ledger.NotPromotion, ""): 1,
			entry(orders, ledger.Read, ""):         3, entry(orders, ledger.Counted, ""): 3}},
		{"snowplow", "snowplow", "snowplow", totals{"P1": {4, 2, 60_000_000}}, outcomes{
			entry(clicks, ledger.Read, ""): 6, entry(clicks, ledger.Counted, ""): 4, entry(clicks, ledger.NotPromotion, ""): 2,
			entry(orders, ledger.Read, ""): 2, entry(orders, ledger.Counted, ""): 2}},
		{"glue", "map.yaml", "map.yaml", totals{"P1": {4, 3, 3_000_000}}, outcomes{
			entry(clicks, ledger.Read, ""): 5, entry(clicks, ledger.Counted, ""): 4, entry(clicks, ledger.NotPromotion, ""): 1,
			entry(orders, ledger.Read, ""): 3, entry(orders, ledger.Counted, ""): 3}},
		{"both", "", "map.yaml", totals{"P1": {4, 2, 79_960_000}}, outcomes{
			entry(clicks, ledger.Read, ""): 6, entry(clicks, ledger.Counted, ""): 4, entry(clicks, ledger.NotPromotion, ""): 2,
			entry(orders, ledger.Read, ""): 6, entry(orders, ledger.Counted, ""): 2, entry(orders, ledger.NotPromotion, ""): 4}},
		{"rows", "", "map.yaml", totals{"P1": {4, 2, 58_000_000}, "P2": {0, 1, 2_000_000}}, outcomes{
			entry(orders, ledger.Read, ""): 7, entry(orders, ledger.Counted, ""): 6, entry(orders, ledger.NotPromotion, ""): 1}},
		{"flat_rows", "", "map.yaml", totals{"P1": {4, 2, 58_000_000}, "P2": {0, 1, 2_000_000}}, outcomes{
			entry(orders, ledger.Read, ""): 8, entry(orders, ledger.Counted, ""): 6, entry(orders, ledger.Duplicate, ""): 1,
			entry(orders, ledger.NotPromotion, ""): 1}},
		{"near", "map.yaml", "map.yaml", totals{"P1": {2, 3, 30_000_000}}, outcomes{
			entry(clicks, ledger.Read, ""): 6, entry(clicks, ledger.Counted, ""): 2, entry(clicks, ledger.Duplicate, ""): 2,
			entry(clicks, ledger.Filtered, "bot"): 2,
			entry(orders, ledger.Read, ""):        4, entry(orders, ledger.Counted, ""): 3,
			entry(orders, ledger.Filtered, "staff"): 1}},
	} {
		t.Run(test.folder, func(t *testing.T) {
			if _, any := test.records[entry(clicks, ledger.Read, "")]; !any {
				for e, n := range ownClicks {
					test.records[e] = n
				}
			}
			lakes := map[string]map[string]string{}
			for _, runner := range engine.Embedded {
				f := mapped(t, runner, test.folder, test.clicksMap, test.ordersMap)
				got, err := start(t, f)
				require.NoError(t, err)
				assert.Equal(t, test.promotions, got.Promotions)
				assert.Equal(t, test.records, got.Ledger)
				assert.Equal(t, inWarehouse(t, f), inLake(t, f))
				lakes[runner] = filesIn(t, f.Lake)
			}
			assert.True(t, maps.Equal(lakes["prism"], lakes["direct"]), "all runners leave the same bytes")
		})
	}
}

// mapped returns flags that read a folder of testdata/maps by maps: presets, or a file in it.
func mapped(t *testing.T, runner, folder, clicksMap, ordersMap string) engine.Flags {
	t.Helper()
	f := place(t, runner)
	dir := "../../testdata/maps/"
	name := func(file, other string) []string {
		if _, err := os.Stat(dir + folder + "/" + file); err != nil {
			return []string{dir + other}
		}
		return []string{dir + folder + "/" + file}
	}
	f.Clicks = name("clicks.jsonl", "own/clicks.jsonl")
	f.Orders = name("orders.jsonl", folder+"/clicks.jsonl")
	if f.Clicks[0] == dir+"own/clicks.jsonl" {
		clicksMap = ""
	}
	path := func(name string) string {
		if name == "map.yaml" {
			return dir + folder + "/" + name
		}
		return name
	}
	f.ClicksMap, f.OrdersMap = path(clicksMap), path(ordersMap)
	return f
}

// A lake and a warehouse belong to the maps that their rows were read by.
func TestAnotherMapIsRefused(t *testing.T) {
	f := mapped(t, "direct", "near", "map.yaml", "map.yaml")
	_, err := start(t, f)
	require.NoError(t, err)
	lake := filesIn(t, f.Lake)
	_, err = start(t, f)
	require.NoError(t, err)
	assert.True(t, maps.Equal(lake, filesIn(t, f.Lake)), "the same maps, the same bytes")

	same := f
	same.OrdersMap = t.TempDir() + "/same.json"
	text := `{"orders": {"price_scale": 2, "lines": "items", "id": ["orderId"], "promotion": ["line.Promotion", "PromotionId"],
		"exclude": {"staff": {"user.mail": {"matches": "@shop\\.example$"}}}}}`
	require.NoError(t, os.WriteFile(same.OrdersMap, []byte(text), 0o644))
	_, err = start(t, same)
	require.NoError(t, err, "a map that says the same")

	for flag, change := range map[string]func(*engine.Flags){
		"clicks_map": func(f *engine.Flags) { f.ClicksMap = "" },
		"orders_map": func(f *engine.Flags) { f.OrdersMap = "segment" },
		"timezone":   func(f *engine.Flags) { f.Timezone = "Europe/Berlin" },
	} {
		other := f
		change(&other)
		_, err = start(t, other)
		assert.ErrorContains(t, err, "has rows of records that were read with another --"+flag)
		assert.True(t, maps.Equal(lake, filesIn(t, f.Lake)), "nothing has changed")
		other.Replace = true
		_, err = start(t, other)
		require.NoError(t, err)
		f = other
		f.Replace, lake = false, filesIn(t, f.Lake)
	}
}

// A time without a zone is one of --timezone, and that is said.
func TestTimezone(t *testing.T) {
	click := `{"EventId":"E1","Event":"P1","EventType":"Promotion","Timestamp":"2026-11-01T01:00:00"}`
	order := `{"OrderId":"O1","Timestamp":"2026-11-01 01:00:00","OrderLines":[{"Promotion":"P1","UnitPrice":1,"Quantity":1}]}`
	for zone, want := range map[string]string{"UTC": "2026-11-01T01:00:00Z", "Europe/Berlin": "2026-11-01T00:00:00Z",
		"Asia/Kathmandu": "2026-10-31T19:15:00Z"} {
		for _, runner := range engine.Embedded {
			f := framed(t, runner, "a.jsonl", click, order)
			f.Timezone = zone
			_, err := start(t, f)
			require.NoError(t, err)
			rows := inWarehouse(t, f).Conversions
			require.Len(t, rows, 1)
			assert.Equal(t, want, rows[0].WindowStart.String())
			assert.Positive(t, progress.Assumptions()[progress.Assumption{Stream: ledger.Orders,
				What: "without a zone, taken as " + zone}])
		}
	}
	f := framed(t, "direct", "a.jsonl", click, order)
	f.Timezone = "Berlin"
	_, err := engine.Parse(t.Context(), f)
	assert.EqualError(t, err, "--timezone=Berlin: must be the name of a time zone, such as Europe/Berlin or UTC")
}
