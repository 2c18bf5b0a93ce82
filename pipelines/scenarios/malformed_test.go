package scenarios

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"adtoorder/pipelines/generate/traffic"
	"adtoorder/transforms/event"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// 10,000 malformed records among a million, one of them a line of 10 MB, others
// invalid UTF-8 and NaN: as many rejects, nothing else lost, memory bounded.
func TestManyMalformedRecords(t *testing.T) {
	const good, bad = 1_000_000, 10_000
	dir := t.TempDir()
	clicks := filepath.Join(dir, "clicks.jsonl")
	writeWithMalformed(t, clicks, good, bad)
	orders := filepath.Join(dir, "orders.jsonl")
	require.NoError(t, os.WriteFile(orders,
		[]byte(`{"OrderId":"O1","Timestamp":"2026-11-01T00:00:00Z","OrderLines":[{"Promotion":"P601","UnitPrice":NaN,"Quantity":1}]}`), 0o644))

	f := place(t, "direct")
	f.Clicks, f.Orders = []string{clicks}, []string{orders}
	run := asProcess(t, f)
	require.NoError(t, run.Run())
	peak := run.ProcessState.SysUsage().(*syscall.Rusage).Maxrss // kB on Linux
	t.Logf("peak memory %d MB", peak>>10)
	assert.Less(t, peak>>10, int64(600), "MB")

	got := inWarehouse(t, f)
	reasons := map[string]int{}
	for _, r := range got.Rejects {
		reasons[r.Stream+" "+r.Reason]++
		if r.Reason == event.TooLong {
			assert.True(t, r.Cut)
			assert.Len(t, r.Payload, 64<<10)
		}
	}
	assert.Equal(t, map[string]int{"clicks " + event.TooLong: 1, "clicks " + event.InvalidUTF8: bad/4 - 1,
		"clicks " + event.BadTimestamp:  bad / 4,
		"clicks " + event.NotJSONObject: bad / 2, "orders " + event.NotJSONObject: 1}, reasons)
	var counted int64
	for _, r := range got.Clicks {
		counted += r.Clicks
	}
	assert.EqualValues(t, good, counted)
	assert.Equal(t, len(got.Rejects), len(inLake(t, f).Rejects))
}

func writeWithMalformed(t *testing.T, path string, good, bad int) {
	t.Helper()
	o := traffic.Defaults()
	o.Clicks, o.Orders, o.OtherClicks, o.Span = good, 0, 0, 10*time.Minute
	g, err := traffic.New(o)
	require.NoError(t, err)
	out, err := os.Create(path)
	require.NoError(t, err)
	w := bufio.NewWriter(out)
	kinds := []string{"{\"UserId\":\"\xff\"}\n", `{"EventType":"Promotion","Event":"P601","Timestamp":"now"}` + "\n",
		`{"UserId":NaN}` + "\n", "no JSON\n"}
	n := 0
	for r := range g.Clicks() {
		if n++; n%(good/bad) == 0 {
			if n/(good/bad) == bad {
				w.WriteString(strings.Repeat("x", 10<<20) + "\n")
			} else {
				w.WriteString(kinds[n/(good/bad)%len(kinds)])
			}
		}
		w.Write(bytes.TrimSpace(r.Payload))
		w.WriteByte('\n')
	}
	require.NoError(t, w.Flush())
	require.NoError(t, out.Close())
}
