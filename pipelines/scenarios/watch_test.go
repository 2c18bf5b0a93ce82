package scenarios

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// drop puts a file of clicks into a watched folder, whole at once, that a second
// of now filled.
func drop(t *testing.T, dir string, number, clicks int, now time.Time) {
	t.Helper()
	var text strings.Builder
	for i := range clicks {
		at := now.Add(-time.Duration(i) * time.Second / time.Duration(clicks)).UTC().Format(time.RFC3339Nano)
		fmt.Fprintf(&text, `{"EventId":"E%d-%d","Event":"P%d","EventType":"Promotion","Timestamp":"%s"}`+"\n", number, i,
			i%3, at)
	}
	name := fmt.Sprintf("clicks-%03d.jsonl", number)
	require.NoError(t, os.WriteFile(dir+"/."+name, []byte(text.String()), 0o644))
	require.NoError(t, os.Rename(dir+"/."+name, dir+"/"+name))
}

// Files drop into a folder while runs over it are killed and started again:
// every file is counted once.
func TestAWatchedFolderIsReadOnceThroughKills(t *testing.T) {
	dir := t.TempDir()
	f := place(t, "prism")
	f.Clicks, f.Orders = []string{"watch:" + dir + "/clicks-*?every=1s"}, []string{"watch:" + dir +
		"/orders-*?every=1s"}
	f.Window, f.AllowedLateness, f.OutOfOrderness = "2s", "10s", "1s"
	const files, each = 12, 300
	run := asProcess(t, f)
	require.NoError(t, run.Start())
	for i := range files {
		drop(t, dir, i, each, time.Now())
		time.Sleep(700 * time.Millisecond)
		if i%5 == 4 {
			run.Process.Kill()
			run.Wait()
			run = asProcess(t, f)
			require.NoError(t, run.Start())
		}
	}
	untilCounted(t, f, files*each)
	require.NoError(t, run.Process.Signal(syscall.SIGTERM))
	require.NoError(t, run.Wait())
	var clicks int64
	got := inWarehouse(t, f)
	for _, r := range got.Conversions {
		clicks += r.Clicks
	}
	assert.EqualValues(t, files*each, clicks)
	assert.Empty(t, withoutSamples(got.Rejects))
	for _, r := range got.Ledger {
		assert.Contains(t, []string{"read", "counted"}, r.Outcome)
	}
}
