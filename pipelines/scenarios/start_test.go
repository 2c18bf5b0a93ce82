package scenarios

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// With --start, windows that begin before are not written; their records are on
// the ledger as before_start.
func TestStartLeavesOutWindowsThatBeganBefore(t *testing.T) {
	broker := inProcessKafka(t, 1)
	first := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	var clicks []message
	for second := range 300 { // one a second, at once
		at := first.Add(time.Duration(second) * time.Second)
		clicks = append(clicks, message{at: at, payload: fmt.Appendf(nil,
			`{"Event":"P1","EventType":"Promotion","Timestamp":"%s"}`, at.Format(time.RFC3339))})
	}
	lines := publish(t, broker, "clicks", [][]message{clicks})
	f := fromKafka(t, broker)
	f.Start = "2026-11-01T12:01:30Z"
	run := runLive(t, f)
	run.untilRead(t, 300-90)
	require.NoError(t, run.stop(t))
	got := inWarehouse(t, f)
	want := expectLive(time.Minute, liveRules{lateness: 600_000, outOfOrderness: 10_000,
		start: first.Add(90 * time.Second).UnixMilli()}, lines[90:])
	assertRows(t, "prism", want, got)
	require.Len(t, got.Conversions, 3, "12:02, 12:03 and 12:04")
	var before int64
	for _, r := range got.Ledger {
		if r.Outcome == "before_start" {
			before += r.Records
		}
	}
	assert.EqualValues(t, 30, before)
	assert.Empty(t, withoutSamples(got.Rejects))
}
