package scenarios

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"adtoorder/io/testenv"
	"adtoorder/io/unbounded"
	"adtoorder/pipelines/engine"
)

// runFlags holds the Flags, as JSON, of a run that this test binary is to do in
// place of its tests: a process of its own, to be killed or measured.
const runFlags = "ADTOORDER_TEST_RUN"

func TestMain(m *testing.M) {
	testenv.SetUp()
	if text := os.Getenv(runFlags); text != "" {
		os.Exit(runAsProcess(text))
	}
	os.Exit(m.Run())
}

func runAsProcess(text string) int {
	var f engine.Flags
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
	o, err := engine.Parse(ctx, f)
	if err == nil {
		_, err = engine.Run(ctx, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
