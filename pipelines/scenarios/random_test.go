package engine

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
			for _, runner := range Embedded {
				f := place(t, runner)
				f.Clicks, f.Orders = []string{dir + "/clicks*"}, []string{dir + "/orders*"}
				f.Window, f.LakeFormat = window.String(), format
				_, err := start(t, f)
				require.NoError(t, err)
				assertRows(t, runner, want, inWarehouse(t, f))
				assertRows(t, runner, want, inLake(t, f))
				if len(want.Conversions) > 0 {
					agree(t, warehouseOf(t, f))
				}
				lakes = append(lakes, filesIn(t, f.Lake))
			}
			assert.Equal(t, lakes[0], lakes[1], "%v leave the same bytes", Embedded)
		})
	}
}

// assertRows compares rows with the oracle's. Interval bounds have tests of
// their own; here they must only be there where they can be.
func assertRows(t *testing.T, runner string, want, got results) {
	t.Helper()
	for i := range got.Conversions {
		r := &got.Conversions[i]
		assert.Equal(t, r.Clicks > 0 && r.Orders <= r.Clicks, r.RatioLow != nil && r.RatioHigh != nil)
		r.RatioLow, r.RatioHigh = nil, nil
		if i < len(want.Conversions) && r.Ratio != nil && want.Conversions[i].Ratio != nil {
			assert.InEpsilon(t, 1+*want.Conversions[i].Ratio, 1+*r.Ratio, 1e-12, runner)
			r.Ratio = want.Conversions[i].Ratio
		}
	}
	assert.Equal(t, want.Conversions, got.Conversions, runner)
	assert.Equal(t, want.Clicks, got.Clicks, runner)
	assert.Equal(t, want.Orders, got.Orders, runner)
	assert.Equal(t, want.Ledger, got.Ledger, runner)
	assert.Equal(t, want.Rejects, got.Rejects, runner)
}

// randomFiles writes a few files of either stream, some of them compressed, and
// returns their lines.
func randomFiles(t *testing.T, random *rand.Rand, dir string, window time.Duration) (lines []inputLine) {
	t.Helper()
	in := inputs{random, window}
	for stream, one := range map[string]func() string{"clicks": in.click, "orders": in.order} {
		for n := range 1 + random.IntN(3) {
			path := filepath.Join(dir, fmt.Sprintf("%s-%d", stream, n))
			zipped := random.IntN(3) == 0
			if zipped {
				path += ".gz"
			}
			var content bytes.Buffer
			for range random.IntN(60) {
				text := one()
				if strings.Contains(text, "\n") {
					text = strings.ReplaceAll(text, "\n", " ")
				}
				end := []string{"\n", "\n", "\n", "\r\n", "\n\n", "\r\n\r\n"}[random.IntN(6)]
				lines = append(lines, inputLine{stream, path, int64(content.Len()), []byte(text), 0, ""})
				content.WriteString(text + end)
			}
			if random.IntN(3) == 0 { // the last line lacks its end
				trimmed := bytes.TrimRight(content.Bytes(), "\r\n")
				content.Truncate(len(trimmed))
			}
			writeFile(t, path, content.Bytes(), zipped)
		}
	}
	return lines
}

func writeFile(t *testing.T, path string, content []byte, zipped bool) {
	t.Helper()
	if zipped {
		var small bytes.Buffer
		w := gzip.NewWriter(&small)
		_, err := w.Write(content)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		content = small.Bytes()
	}
	require.NoError(t, os.WriteFile(path, content, 0o644))
}
