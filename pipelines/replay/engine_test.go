package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"adtoorder/pipelines/engine"
	"adtoorder/transforms/ledger"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// outcomes are a run's records of clicks by outcome, and of orders.
func outcomes(s engine.Summary) map[string]int64 {
	all := map[string]int64{}
	for e, n := range s.Ledger {
		if e.Outcome != ledger.Read {
			all[e.Stream+" "+e.Outcome] += n
		}
	}
	return all
}

func runEngine(t *testing.T, f engine.Flags) engine.Summary {
	t.Helper()
	o, err := engine.Parse(t.Context(), f)
	require.NoError(t, err)
	s, err := engine.Run(t.Context(), o)
	require.NoError(t, err)
	return s
}

// originals writes clicks without ids, every fourth without its time, and
// orders, of which one has no quantity, and returns flags that read them.
func originals(t *testing.T, dir string) engine.Flags {
	t.Helper()
	var clicks []string
	for i := range 20 {
		at := fmt.Sprintf(`,"Timestamp":"2026-11-01T00:00:%02dZ"`, i)
		if i%4 == 0 {
			at = ""
		}
		clicks = append(clicks, `{"UserId":"U1","Event":"P601","EventType":"Promotion"`+at+`}`)
	}
	order := `{"OrderId":"O%d","Timestamp":"2026-11-01T00:00:30Z","OrderLines":[{"Promotion":"P601","UnitPrice":2,"Quantity":%s}]}`
	require.NoError(t, writeFile(dir+"/clicks.jsonl", strings.Join(clicks, "\n")))
	require.NoError(t, writeFile(dir+"/orders.jsonl", fmt.Sprintf(order+"\n"+order, 1, "1", 2, "null")))
	f := engine.Sample
	f.Runner, f.Lake, f.Warehouse = "direct", dir+"/lake", "sqlite:"+dir+"/w.db"
	f.Clicks, f.Orders = []string{dir + "/clicks.jsonl"}, []string{dir + "/orders.jsonl"}
	return f
}

// fixed puts a fix of a replay file under new names, and returns these.
func fixed(t *testing.T, file, old, new string, names ...string) []string {
	t.Helper()
	text := content(t, file)
	require.Contains(t, text, old)
	for _, name := range names {
		require.NoError(t, os.WriteFile(name, []byte(strings.ReplaceAll(text, old, new)), 0o644))
	}
	return names
}

func TestAFixedReplayCountsOnce(t *testing.T) {
	dir := t.TempDir()
	f := originals(t, dir)
	first := runEngine(t, f)
	assert.Equal(t, map[string]int64{"clicks counted": 15, "clicks malformed": 5, "orders counted": 1,
		"orders malformed": 1}, outcomes(first))
	assert.Equal(t, engine.Total{Clicks: 15, Orders: 1, RevenueMicros: 2_000_000}, first.Promotions["P601"])

	for _, stream := range []string{"clicks", "orders"} {
		runOn(t, stream, "--lake", f.Lake, "--reason=malformed", "--out", dir+"/"+stream+"-replay.jsonl")
		runOn(t, stream, "--warehouse", f.Warehouse, "--reason=malformed", "--out", dir+"/"+stream+"-again.jsonl")
		assert.Equal(t, content(t, dir+"/"+stream+"-replay.jsonl"), content(t, dir+"/"+stream+"-again.jsonl"),
			"lake and warehouse hold the same")
	}
	f.Clicks = append(f.Clicks, fixed(t, dir+"/clicks-replay.jsonl", `"UserId":"U1"`,
		`"UserId":"U1","Timestamp":"2026-11-01T00:00:45Z"`, dir+"/c1.jsonl", dir+"/c2.jsonl")...)
	f.Orders = append(f.Orders, fixed(t, dir+"/orders-replay.jsonl", `"Quantity":null`, `"Quantity":3`, dir+"/o1.jsonl",
		dir+"/o2.jsonl")...)
	f.Replace = true
	second := runEngine(t, f)
	assert.Equal(t, map[string]int64{"clicks counted": 20, "clicks duplicate": 5, "clicks malformed": 5,
		"orders counted": 2, "orders duplicate": 1, "orders malformed": 1}, outcomes(second))
	assert.Equal(t, engine.Total{Clicks: 20, Orders: 2, RevenueMicros: 8_000_000}, second.Promotions["P601"])
}
