package scenarios

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"adtoorder/pipelines/engine"
	"adtoorder/transforms/ledger"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/avro"
	"github.com/twmb/avro/ocf"
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

// A table of orders has a row for each line: rows of one order are one, and what they hold
// adds up.
func TestRowsOfOrders(t *testing.T) {
	clicks := rowsOf(t, ",", "\n", framedClicks())
	orders := "OrderId,UserId,Timestamp,ItemId,Promotion,UnitPrice,Quantity\n"
	for i := range 3 {
		for _, rest := range []string{"I1,P1,10,1", "I2,P1,29.98,1", "I3,,5,1"} {
			orders += fmt.Sprintf("O%d,U1,2026-11-01 00:00:0%d+00,%s\n", i, i, rest)
		}
	}
	for _, runner := range []string{"direct", "prism"} {
		got, err := start(t, framed(t, runner, "o.csv", clicks, orders))
		require.NoError(t, err)
		total := got.Promotions["P1"]
		assert.Equal(t, []int64{10, 3, 3 * 39_980_000}, []int64{total.Clicks, total.Orders, total.RevenueMicros})
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

// The files are Arrow's.
func TestRowsOfParquet(t *testing.T) {
	clicks, err := os.ReadFile("testdata/clicks.parquet")
	require.NoError(t, err)
	orders, err := os.ReadFile("testdata/orders.parquet")
	require.NoError(t, err)
	for _, runner := range []string{"direct", "prism"} {
		assertFramed(t, framed(t, runner, "a.parquet", string(clicks), string(orders)), 0)
		assertFramed(t, framed(t, runner, "a", packed(t, "gzip", string(clicks)), packed(t, "zstd", string(orders))), 0)
		f := framed(t, runner, "a.parquet", string(clicks[:len(clicks)-1]), string(orders))
		assertDamaged(t, f, "corrupt_parquet")
	}
}

// assertDamaged checks that a run of damaged clicks gives one reject.
func assertDamaged(t *testing.T, f engine.Flags, reason string) {
	t.Helper()
	got, err := start(t, f)
	require.NoError(t, err)
	assert.EqualValues(t, 3, got.Promotions["P1"].Orders)
	rejects := inWarehouse(t, f).Rejects
	require.Len(t, rejects, 1)
	assert.Equal(t, reason, rejects[0].Reason)
}

// objectFile writes records as an object container file of Avro.
func objectFile(t *testing.T, schema string, records []string) string {
	t.Helper()
	var out bytes.Buffer
	w, err := ocf.NewWriter(&out, avro.MustParse(schema), ocf.WithCodec(ocf.SnappyCodec()))
	require.NoError(t, err)
	for _, text := range records {
		var one map[string]any
		require.NoError(t, json.Unmarshal([]byte(text), &one))
		require.NoError(t, w.Encode(one))
	}
	require.NoError(t, w.Close())
	return out.String()
}

const (
	clickSchema = `{"type":"record","name":"Click","fields":[{"name":"EventId","type":"string"},
		{"name":"UserId","type":["null","string"]},{"name":"Device","type":"string"},{"name":"Event","type":"string"},
		{"name":"EventType","type":"string"},{"name":"Timestamp","type":{"type":"long","logicalType":"timestamp-millis"}}]}`
	orderSchema = `{"type":"record","name":"Order","fields":[{"name":"OrderId","type":"string"},
		{"name":"UserId","type":"string"},{"name":"Timestamp","type":{"type":"long","logicalType":"timestamp-micros"}},
		{"name":"OrderLines","type":{"type":"array","items":{"type":"record","name":"Line","fields":[
		{"name":"ItemId","type":"string"},{"name":"Promotion","type":["null","string"]},
		{"name":"UnitPrice","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}},
		{"name":"Quantity","type":"int"}]}}}]}`
)

func TestDataOfAvro(t *testing.T) {
	clicks, orders := objectFile(t, clickSchema, framedClicks()), objectFile(t, orderSchema, framedOrders())
	for _, runner := range []string{"direct", "prism"} {
		assertFramed(t, framed(t, runner, "a.avro", clicks, orders), 0)
		assertFramed(t, framed(t, runner, "a", packed(t, "gzip", clicks), orders), 0)
		assertDamaged(t, framed(t, runner, "a.avro", clicks[:len(clicks)-1], orders), "corrupt_avro")
	}
}
