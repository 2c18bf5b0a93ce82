package traffic_test

import (
	"fmt"
	"iter"

	"adtoorder/pipelines/generate/traffic"
)

// The output holds with every version of Go and on every processor.
func Example() {
	opts := traffic.Defaults()
	opts.Seed = 7
	opts.EventIDs = true

	g, err := traffic.New(opts)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, records := range []iter.Seq[traffic.Record]{g.Clicks(), g.Orders()} {
		for r := range records {
			fmt.Printf("%s\n", r.Payload)
			break
		}
	}
	// Output:
	// {"EventId":"E000001","UserId":"U8027","Device":"mobile","Event":"P608","EventType":"Promotion","Timestamp":"2026-11-01T00:00:00.022Z"}
	// {"OrderId":"O000001","UserId":"U9658","Timestamp":"2026-11-01T00:00:00.106Z","OrderLines":[{"ItemId":"I236","Promotion":"","UnitPrice":68.93,"Quantity":3}]}
}
