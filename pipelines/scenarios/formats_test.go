package scenarios

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"adtoorder/transforms/ledger"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rowsOf writes clicks as rows of their fields.
func rowsOf(t *testing.T, separator, end string, clicks []string) string {
	t.Helper()
	columns := []string{"EventId", "UserId", "Device", "Event", "EventType", "Timestamp"}
	rows := []string{strings.Join(columns, separator)}
	for _, click := range clicks {
		var fields map[string]string
		require.NoError(t, json.Unmarshal([]byte(click), &fields))
		var row []string
		for _, column := range columns {
			row = append(row, fields[column])
		}
		rows = append(rows, strings.Join(row, separator))
	}
	return strings.Join(rows, end) + end
}

func TestRowsOfCSV(t *testing.T) {
	orders := strings.Join(framedOrders(), "\n")
	quotedRows := strings.NewReplacer("mobile", "\"mo\nbile, \"\"new\"\"\"")
	for name, clicks := range map[string]string{
		"c.csv": rowsOf(t, ",", "\n", framedClicks()),
		"c":     "\ufeff" + rowsOf(t, ";", "\r\n", framedClicks()),
		"c.tsv": rowsOf(t, "\t", "\n", framedClicks()),
		"c.CSV": quotedRows.Replace(rowsOf(t, ",", "\r\n", framedClicks())),
	} {
		for _, runner := range []string{"direct", "prism"} {
			t.Run(name+" "+runner, func(t *testing.T) {
				assertFramed(t, framed(t, runner, name, clicks, orders), 0)
				assertFramed(t, framed(t, runner, name+".gz", packed(t, "gzip", clicks), orders), 0)
			})
		}
	}
}

// A row that can't be read is one reject, which says where it stands.
func TestABrokenRowCostsItself(t *testing.T) {
	rows := strings.SplitAfter(rowsOf(t, ",", "\n", framedClicks()), "\n")
	clicks := strings.Join(rows[:3], "") + "E1,U1\n\"E2,U1\n" + strings.Join(rows[3:], "") + "\"x\"y,,,,,\n"
	for _, runner := range []string{"direct", "prism"} {
		f := framed(t, runner, "c.csv", clicks, strings.Join(framedOrders(), "\n"))
		assertFramed(t, f, 3)
		for _, r := range inWarehouse(t, f).Rejects {
			var at int
			_, err := fmt.Sscan(r.Position, &at)
			require.NoError(t, err)
			assert.True(t, strings.HasPrefix(clicks[at:], string(r.Payload)), "%s at %d", r.Payload, at)
			assert.Equal(t, "bad_csv_row", r.Reason)
			assert.Equal(t, ledger.Malformed, r.Outcome)
		}
	}
}
