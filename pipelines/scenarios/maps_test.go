package scenarios

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"adtoorder/io/progress"
	"adtoorder/pipelines/engine"
	"adtoorder/transforms/conversion"
	"adtoorder/transforms/event"
	"adtoorder/transforms/ledger"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The inputs in testdata/maps are in shapes of other systems; a folder without clicks has
// orders beside clicks of our own.
func TestMapsOfOtherSystems(t *testing.T) {
	const ownClicks = "read 4, counted 4"
	for _, test := range []struct {
		folder, clicksMap, ordersMap string
		promotions                   string // name: clicks, orders, micros of revenue
		clicks, orders               string // their ledgers
	}{
		{"segment", "segment", "segment", "7: 1 0 0, PROMO_7: 5 2 19300000, SUMMER: 0 1 11000000",
			"read 9, counted 6, not_promotion 1, duplicate 1, malformed no_event 1",
			"read 5, counted 3, not_promotion 2"},
		{"ga4", "ga4", "ga4", "Autumn sale: 1 0 0, P1: 3 3 69000000",
			"read 6, counted 4, not_promotion 2", "read 4, counted 3, duplicate 1"},
		{"shopify", "", "shopify", "AUTUMN: 0 1 208900000, P1: 4 0 0, SPRING30: 0 3 626700000",
			ownClicks, "read 7, counted 4, not_promotion 1, filtered test order 1, duplicate 1"},
		{"woocommerce", "", "woocommerce", "10off: 0 3 27999999, P1: 4 0 0",
			ownClicks, "read 4, counted 3, not_promotion 1"},
		{"debezium", "", "debezium", "P1: 4 3 9000000", ownClicks,
			"read 8, counted 3, filtered delete 2, filtered message 1, filtered tombstone 1, duplicate 1"},
		{"decimals", "", "map.yaml", "P1: 4 4 3703703736327000",
			ownClicks, "read 5, counted 4, malformed bad_unit_price 1"},
		{"cloudevents", "cloudevents", "cloudevents", "P1: 2 3 119940000",
			"read 4, counted 2, not_promotion 1, duplicate 1", "read 3, counted 3"},
		{"snowplow", "snowplow", "snowplow", "P1: 4 2 60000000",
			"read 6, counted 4, not_promotion 2", "read 2, counted 2"},
		{"glue", "map.yaml", "map.yaml", "P1: 4 3 3000000",
			"read 5, counted 4, not_promotion 1", "read 3, counted 3"},
		{"both", "", "map.yaml", "P1: 4 2 79960000",
			"read 6, counted 4, not_promotion 2", "read 6, counted 2, not_promotion 4"},
		{"rows", "", "map.yaml", "P1: 4 2 58000000, P2: 0 1 2000000",
			ownClicks, "read 7, counted 6, not_promotion 1"},
		{"flat_rows", "", "map.yaml", "P1: 4 2 58000000, P2: 0 1 2000000",
			ownClicks, "read 8, counted 6, not_promotion 1, duplicate 1"},
		{"near", "map.yaml", "map.yaml", "P1: 2 3 30000000",
			"read 6, counted 2, filtered bot 2, duplicate 2", "read 4, counted 3, filtered staff 1"},
	} {
		t.Run(test.folder, func(t *testing.T) {
			lakes := map[string]map[string]string{}
			for _, runner := range engine.Embedded {
				f := mapped(t, runner, test.folder, test.clicksMap, test.ordersMap)
				got, err := start(t, f)
				require.NoError(t, err)
				assert.Equal(t, test.promotions, promotionsIn(got))
				assert.Equal(t, test.clicks, outcomesIn(got, ledger.Clicks))
				assert.Equal(t, test.orders, outcomesIn(got, ledger.Orders))
				assert.Equal(t, inWarehouse(t, f), inLake(t, f))
				lakes[runner] = filesIn(t, f.Lake)
			}
			assert.True(t, maps.Equal(lakes["prism"], lakes["direct"]), "all runners leave the same bytes")
		})
	}
}

// promotionsIn lists the promotions of a summary and what was counted of them.
func promotionsIn(s engine.Summary) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(s.Promotions)) {
		p := s.Promotions[name]
		all = append(all, fmt.Sprintf("%s: %d %d %d", name, p.Clicks, p.Orders, p.RevenueMicros))
	}
	return strings.Join(all, ", ")
}

// outcomesIn lists what became of a stream's records.
func outcomesIn(s engine.Summary, stream string) string {
	var all []string
	for _, e := range s.Entries() {
		if e.Stream == stream {
			all = append(all, strings.Join(strings.Fields(fmt.Sprint(e.Outcome, " ", e.Reason, " ", s.Ledger[e])), " "))
		}
	}
	return strings.Join(all, ", ")
}

// mapped returns flags that read a folder of testdata/maps by maps: presets, or its own.
func mapped(t *testing.T, runner, folder, clicksMap, ordersMap string) engine.Flags {
	t.Helper()
	const dir = "../../testdata/maps/"
	f := place(t, runner)
	f.Clicks, f.Orders = []string{dir + folder + "/clicks.jsonl"}, []string{dir + folder + "/orders.jsonl"}
	if _, err := os.Stat(f.Clicks[0]); err != nil {
		f.Clicks[0] = dir + "own/clicks.jsonl"
	}
	if _, err := os.Stat(f.Orders[0]); err != nil {
		f.Orders = f.Clicks // both in one file
	}
	f.ClicksMap, f.OrdersMap = clicksMap, ordersMap
	for _, name := range []*string{&f.ClicksMap, &f.OrdersMap} {
		if *name == "map.yaml" {
			*name = dir + folder + "/map.yaml"
		}
	}
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

// Rows of orders drop into a folder while runs over it are killed and started again: every
// row counts once, and an order is one, also where a row has nothing but its place.
func TestRowsOfOrdersCountOnceThroughKills(t *testing.T) {
	dir := t.TempDir()
	f := place(t, "prism")
	f.Clicks = []string{"watch:" + dir + "/clicks-*?every=1s"}
	f.Orders = []string{"watch:" + dir + "/orders-*?every=1s"}
	f.Window, f.AllowedLateness, f.OutOfOrderness = "2s", "20s", "1s"
	f.OrdersMap = "../../testdata/maps/rows/map.yaml"
	const files, orders = 6, 50
	run := asProcess(t, f)
	require.NoError(t, run.Start())
	for i := range files {
		drop(t, dir, i, 10, time.Now())
		dropRows(t, dir, i, orders, time.Now())
		time.Sleep(time.Second)
		if i%2 == 1 {
			run.Process.Kill()
			run.Wait()
			run = asProcess(t, f)
			require.NoError(t, run.Start())
		}
	}
	untilCounted(t, f, files*10)
	var total conversion.OrderCounters
	require.Eventually(t, func() bool {
		total = conversion.OrderCounters{}
		for _, r := range inLake(t, f).Orders {
			total.Orders += r.Orders
			total.Amounts.Add(r.Amounts)
		}
		return total.Units >= 5*files*orders
	}, waitLimit, time.Second)
	require.NoError(t, run.Process.Signal(syscall.SIGTERM))
	require.NoError(t, run.Wait())
	assert.Equal(t, conversion.OrderCounters{Orders: files * orders,
		Amounts: event.Amounts{Lines: 3 * files * orders, Units: 5 * files * orders,
			RevenueMicros: 8_000_000 * files * orders}}, total)
	for _, r := range inWarehouse(t, f).Ledger {
		assert.Contains(t, []string{"read", "counted"}, r.Outcome)
	}
}

// dropRows puts a file of orders into a folder, each told by three rows, of which two are
// alike.
func dropRows(t *testing.T, dir string, number, orders int, now time.Time) {
	t.Helper()
	var text strings.Builder
	at := now.UTC().Format(time.RFC3339Nano)
	const like = `"UnitPrice":1,"Quantity":2`
	for _, line := range []string{like, `"UnitPrice":4,"Quantity":1`, like} {
		for i := range orders {
			fmt.Fprintf(&text, `{"OrderId":"O%d-%d","Timestamp":"%s","Promotion":"P1",%s}`+"\n", number, i, at, line)
		}
	}
	name := fmt.Sprintf("orders-%03d.jsonl", number)
	require.NoError(t, os.WriteFile(dir+"/."+name, []byte(text.String()), 0o644))
	require.NoError(t, os.Rename(dir+"/."+name, dir+"/"+name))
}
