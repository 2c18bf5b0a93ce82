package scenarios

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The inputs in testdata/rules show every rule; the rows beside them were
// written by hand.
func TestRulesGiveTheRowsWrittenByHand(t *testing.T) {
	lakes := map[string]map[string]string{}
	for _, runner := range engine.Embedded {
		for _, format := range []string{"parquet", "jsonl"} {
			t.Run(runner+" "+format, func(t *testing.T) {
				f := place(t, runner)
				f.LakeFormat = format
				f.Clicks = []string{"../../testdata/rules/clicks.jsonl"}
				f.Orders = []string{"../../testdata/rules/orders.jsonl"}
				summary, err := start(t, f)
				require.NoError(t, err)

				got := inWarehouse(t, f)
				assert.Equal(t, handwritten(t, "conversions.csv"), conversionLines(got.Conversions))
				assert.Equal(t, handwritten(t, "ledger.csv"), ledgerLines(got.Ledger))
				assert.Equal(t, got, inLake(t, f), "lake and warehouse hold the same rows")
				assertViewsAgree(t, f)
				assertTotal(t, 4, 4, 55_980_000, summary.Promotions["P601"])

				lake := filesIn(t, f.Lake)
				if other, ok := lakes[format]; ok {
					assert.Equal(t, other, lake, "all runners leave the same bytes")
				}
				lakes[format] = lake
			})
		}
	}
}

// handwritten reads an expected table, without its header.
func handwritten(t *testing.T, name string) []string {
	t.Helper()
	in, err := os.Open(filepath.Join("../../testdata/rules", name))
	require.NoError(t, err)
	defer in.Close()
	records, err := csv.NewReader(in).ReadAll()
	require.NoError(t, err)
	var lines []string
	for _, r := range records[1:] {
		lines = append(lines, strings.Join(r, ","))
	}
	return lines
}

func conversionLines(rows []engine.ConversionRow) (lines []string) {
	percent := func(p *float64) string {
		if p == nil {
			return ""
		}
		return fmt.Sprintf("%.6f", *p)
	}
	for _, r := range rows {
		lines = append(lines, fmt.Sprintf("%s,%s,%d,%d,%d,%d,%d,%s,%s,%s", r.WindowStart, r.Promotion, r.Clicks,
			r.Orders,
			r.Lines, r.Units, r.RevenueMicros, percent(r.Ratio), percent(r.RatioLow), percent(r.RatioHigh)))
	}
	return lines
}

func ledgerLines(rows []engine.LedgerRow) (lines []string) {
	for _, r := range rows {
		lines = append(lines, fmt.Sprintf("%s,%s,%s,%s,%s,%d", r.WindowStart, r.Stream, r.Outcome, r.Reason,
			r.Promotion,
			r.Records))
	}
	return lines
}
