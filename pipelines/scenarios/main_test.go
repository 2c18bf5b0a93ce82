package engine

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"adtoorder/io/unbounded"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// runFlags holds the Flags, as JSON, of a run that this test binary is to do in
// place of its tests: a process of its own, to be killed or measured.
const runFlags = "ADTOORDER_TEST_RUN"

func TestMain(m *testing.M) {
	flag.Parse()
	beam.Init()
	slog.SetDefault(slog.New(slog.DiscardHandler)) // Prism tells much
	if text := os.Getenv(runFlags); text != "" {
		os.Exit(runAsProcess(text))
	}
	os.Exit(m.Run())
}

func runAsProcess(text string) int {
	var f Flags
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	go func() {
		<-signals
		unbounded.Drain()
	}()
	ctx := context.Background()
	o, err := Parse(ctx, f)
	if err == nil {
		_, err = Run(ctx, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
