package engine_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"adtoorder/pipelines/engine"
	"adtoorder/transforms/ledger"
)

// Flags are checked by Parse, and a run of the options returns its summary.
func ExampleRun() {
	dir, err := os.MkdirTemp("", "engine")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	flags := engine.Sample
	flags.Clicks = []string{"../../testdata/rules/clicks.jsonl"}
	flags.Orders = []string{"../../testdata/rules/orders.jsonl"}
	flags.Lake = filepath.Join(dir, "lake")
	flags.Warehouse = "none"
	flags.Runner = "direct"
	ctx := context.Background()
	options, err := engine.Parse(ctx, flags)
	if err != nil {
		log.Fatal(err)
	}
	summary, err := engine.Run(ctx, options)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(summary.Records(ledger.Read), "records read,", summary.Records(ledger.Malformed), "of them malformed")
	for _, name := range summary.Top(2) {
		total := summary.Promotions[name]
		fmt.Println(name, total.Clicks, "clicks", total.Orders, "orders")
	}
	// Output:
	// 56 records read, 23 of them malformed
	// P601 4 clicks 4 orders
	// P602 4 clicks 2 orders
}
