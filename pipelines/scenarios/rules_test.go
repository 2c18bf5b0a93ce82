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

// The inputs in testdata/rules show every rule, and those in testdata/lenient what is read
// though it is not written as the rules have it. Those in testdata/values are times, numbers
// and lines as they are found, one a promotion. The rows beside them were written by hand.
func TestRulesGiveTheRowsWrittenByHand(t *testing.T) {
	for inputs, total := range map[string]engine.Total{
		"rules":   {Clicks: 4, Orders: 4, RevenueMicros: 55_980_000},
		"lenient": {Clicks: 20, Orders: 5, RevenueMicros: 80_980_000},
		"values":  {},
	} {
		t.Run(inputs, func(t *testing.T) { rulesGiveRows(t, "../../testdata/"+inputs, total) })
	}
}

// rulesGiveRows runs the engine over a folder of inputs. total is that of P601.
func rulesGiveRows(t *testing.T, inputs string, total engine.Total) {
	lakes := map[string]map[string]string{}
	for _, runner := range engine.Embedded {
		for _, format := range []string{"parquet", "jsonl"} {
			t.Run(runner+" "+format, func(t *testing.T) {
				f := place(t, runner)
				f.LakeFormat = format
				f.Clicks = []string{inputs + "/clicks.jsonl"}
				f.Orders = []string{inputs + "/orders.jsonl"}
				summary, err := start(t, f)
				require.NoError(t, err)

				got := inWarehouse(t, f)
				assert.Equal(t, handwritten(t, inputs, "conversions.csv"), conversionLines(got.Conversions))
				assert.Equal(t, handwritten(t, inputs, "ledger.csv"), ledgerLines(got.Ledger))
				assert.Equal(t, got, inLake(t, f), "lake and warehouse hold the same rows")
				assertViewsAgree(t, f)
				assertTotal(t, total.Clicks, total.Orders, total.RevenueMicros, summary.Promotions["P601"])

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
func handwritten(t *testing.T, inputs, name string) []string {
	t.Helper()
	in, err := os.Open(filepath.Join(inputs, name))
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
