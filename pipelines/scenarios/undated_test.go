package scenarios

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"adtoorder/transforms/ledger"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Records without a time, which a map says are not meant or leaves out, are of no window: files
// that have some are added without those that had some before.
func TestRecordsWithoutATimeShareNoWindow(t *testing.T) {
	for _, runner := range []string{"direct", "prism"} {
		f := place(t, runner)
		dir := t.TempDir()
		write := func(name, content string) string {
			path := filepath.Join(dir, name)
			require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
			return path
		}
		f.ClicksMap = write("map.yaml", "clicks:\n  where: {kind: promo}\n  exclude: {a bot: {bot: true}}\n"+
			"  id: id\n  time: at\n  promotion: p\n")
		f.Orders = []string{write("orders.jsonl", framedOrders()[0])}
		for day := range 3 {
			f.Clicks = []string{write(fmt.Sprint(day, ".jsonl"), fmt.Sprintf(
				`{"kind":"promo","id":%d,"at":"2026-11-0%dT00:00:00Z","p":"P1"}
{"kind":"page"}
{"kind":"promo","bot":true}
{"kind":"promo"}`, day, day+1))}
			got, err := start(t, f)
			require.NoError(t, err, "day %d", day)
			assert.EqualValues(t, day+1, got.Promotions["P1"].Clicks)
			for _, outcome := range []string{ledger.NotPromotion, ledger.Filtered, ledger.Malformed} {
				assert.EqualValues(t, day+1, got.Records(outcome), "%s on day %d", outcome, day)
			}
			require.NoError(t, os.Remove(f.Clicks[0]))
		}
	}
}
