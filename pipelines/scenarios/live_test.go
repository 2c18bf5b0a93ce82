package scenarios

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"testing"
	"time"

	"adtoorder/io/progress"
	"adtoorder/io/unbounded"
	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/require"
)

// running is a live run.
type running struct {
	before int64 // records that this process had read
	ended  chan error
	result engine.Summary
}

// runLive starts a live run, which ends with the test or at stop.
func runLive(t *testing.T, f engine.Flags) *running {
	t.Helper()
	o, err := engine.Parse(t.Context(), f)
	require.NoError(t, err)
	r := &running{before: progress.Records.Load(), ended: make(chan error, 1)}
	unbounded.Undrain()
	go func() {
		var err error
		r.result, err = engine.Run(context.Background(), o)
		r.ended <- err
	}()
	return r
}

// untilRead waits until a number of records was read.
func (r *running) untilRead(t *testing.T, records int) {
	t.Helper()
	deadline := time.Now().Add(waitLimit)
	for ; progress.Records.Load()-r.before < int64(records); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-r.ended:
			require.NoError(t, err)
			t.Fatal("the run has ended by itself")
		default:
		}
		require.True(t, time.Now().Before(deadline), "%d of %d records were read", progress.Records.Load()-r.before,
			records)
	}
}

// stop drains the run.
func (r *running) stop(t *testing.T) error {
	t.Helper()
	unbounded.Drain()
	defer unbounded.Undrain()
	select {
	case err := <-r.ended:
		return err
	case <-time.After(waitLimit):
		t.Fatal("the run does not end after it was told to")
		return nil
	}
}

// asProcess prepares a run in a process of its own.
func asProcess(t *testing.T, f engine.Flags) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(f)
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	run := exec.CommandContext(t.Context(), self)
	run.Env = append(os.Environ(), runFlags+"="+string(text))
	run.Stderr = os.Stderr
	return run
}
