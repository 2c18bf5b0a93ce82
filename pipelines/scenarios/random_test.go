package scenarios

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// seeds is how many random inputs are compared with the oracle.
const seeds = 220

// The whole engine, on every runner, against the oracle: random inputs with
// shuffles, duplicates that differ, malformed lines, zones and window edges.
func TestRandomInputsGiveTheOraclesRows(t *testing.T) {
	for seed := range uint64(seeds) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 1))
			window := []time.Duration{time.Second, time.Minute, 7 * time.Minute, time.Hour}[random.IntN(4)]
			dir := t.TempDir()
			lines := randomFiles(t, random, dir, window)
			want := expect(window, lines)
			format := []string{"parquet", "jsonl"}[random.IntN(2)]
			var lakes []map[string]string
			for _, runner := range engine.Embedded {
				f := place(t, runner)
				f.Clicks, f.Orders = []string{dir + "/clicks*"}, []string{dir + "/orders*"}
				f.Window, f.LakeFormat = window.String(), format
				_, err := start(t, f)
				require.NoError(t, err)
				assertRows(t, runner, want, inWarehouse(t, f))
				assertRows(t, runner, want, inLake(t, f))
				if len(want.Conversions) > 0 {
					assertViewsAgree(t, f)
				}
				lakes = append(lakes, filesIn(t, f.Lake))
			}
			assert.Equal(t, lakes[0], lakes[1], "%v leave the same bytes", engine.Embedded)
		})
	}
}
