package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"adtoorder/io/lake"
	"adtoorder/io/table"
	"adtoorder/pipelines/engine"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// writeLake has the engine write a lake of every dataset.
func writeLake(t *testing.T, format string) lake.Lake {
	t.Helper()
	f := engine.Sample
	f.Clicks, f.Orders = []string{"../../testdata/rules/clicks.jsonl"}, []string{"../../testdata/rules/orders.jsonl"}
	f.Lake, f.LakeFormat, f.Warehouse, f.Runner = t.TempDir(), format, "none", "direct"
	o, err := engine.Parse(t.Context(), f)
	require.NoError(t, err)
	_, err = engine.Run(t.Context(), o)
	require.NoError(t, err)
	return o.Lake
}

// content returns one of the files of a table.
func content(t *testing.T, d definition, format string) []byte {
	t.Helper()
	files, err := filepath.Glob(d.location + "/year=*/month=*/day=*/hour=*/*." + format)
	require.NoError(t, err)
	require.NotEmpty(t, files, d.location)
	text, err := os.ReadFile(files[0])
	require.NoError(t, err)
	return text
}

// The types of columns in Parquet files, and what engines read them as.
var readAs = map[string]struct{ bigQuery, athena string }{
	"INT64 TIMESTAMP(isAdjustedToUTC=true,unit=MILLIS)": {"TIMESTAMP", "timestamp"},
	"INT64 INT(64,true)": {"INTEGER", "bigint"},
	"BYTE_ARRAY STRING":  {"STRING", "string"},
	"BYTE_ARRAY":         {"BYTES", "binary"},
	"DOUBLE":             {"FLOAT", "double"},
	"BOOLEAN":            {"BOOLEAN", "boolean"},
}

func TestColumnsAreThoseOfParquetFiles(t *testing.T) {
	l := writeLake(t, lake.Parquet)
	inBigQuery, err := define(l, bigQueryTypes(l.Format))
	require.NoError(t, err)
	inAthena, err := define(l, glueTypes(l.Format))
	require.NoError(t, err)
	folders, err := filepath.Glob(l.Dir + "/*/year=*")
	require.NoError(t, err)
	registered := map[string]bool{}
	for i, d := range inBigQuery {
		registered[d.location] = true
		text := content(t, d, l.Format)
		file, err := parquet.OpenFile(bytes.NewReader(text), int64(len(text)))
		require.NoError(t, err)
		var forBigQuery, forAthena []column
		for _, f := range file.Schema().Fields() {
			stored := f.Type().Kind().String()
			if logical := f.Type().LogicalType(); logical != nil {
				stored += " " + logical.String()
			}
			require.Contains(t, readAs, stored, "%s of %s", f.Name(), d.name)
			forBigQuery = append(forBigQuery, column{f.Name(), readAs[stored].bigQuery})
			forAthena = append(forAthena, column{f.Name(), readAs[stored].athena})
		}
		assert.Equal(t, forBigQuery, d.columns, d.name)
		assert.Equal(t, forAthena, inAthena[i].columns, d.name)
	}
	for _, folder := range folders {
		assert.Contains(t, registered, filepath.Dir(folder), "everything that the engine writes")
	}
}

func TestColumnsAreThoseOfJSONLines(t *testing.T) {
	l := writeLake(t, lake.JSONL)
	inBigQuery, err := define(l, bigQueryTypes(l.Format))
	require.NoError(t, err)
	inAthena, err := define(l, glueTypes(l.Format))
	require.NoError(t, err)
	for i, d := range inBigQuery {
		lines := bufio.NewScanner(bytes.NewReader(content(t, d, l.Format)))
		for lines.Scan() {
			var row map[string]any
			require.NoError(t, json.Unmarshal(lines.Bytes(), &row))
			require.Len(t, row, len(d.columns), d.name)
			for j, c := range d.columns {
				require.Contains(t, row, c.name)
				switch value := row[c.name].(type) {
				case nil:
					assert.Equal(t, "FLOAT", c.typ, c.name)
				case bool:
					assert.Equal(t, []string{"BOOLEAN", "boolean"}, []string{c.typ, inAthena[i].columns[j].typ}, c.name)
				case float64:
					assert.Contains(t, []string{"INTEGER bigint", "FLOAT double"}, c.typ+" "+inAthena[i].columns[j].typ,
						c.name)
				case string:
					assert.Equal(t, "string", inAthena[i].columns[j].typ, c.name)
					if c.typ == "TIMESTAMP" {
						_, err := time.Parse(time.RFC3339, value)
						assert.NoError(t, err, c.name)
					} else {
						assert.Equal(t, "STRING", c.typ, c.name)
					}
				}
			}
		}
	}
}

func TestNamesAndPlaces(t *testing.T) {
	all, err := define(lake.Lake{Dir: "gs://ads/lake"}, bigQueryTypes(lake.Parquet))
	require.NoError(t, err)
	got := map[string]string{}
	for _, d := range all {
		got[d.name] = d.location
	}
	assert.Equal(t, map[string]string{
		"lake_click_stream": "gs://ads/lake/click-stream", "lake_order_stream": "gs://ads/lake/order-stream",
		"lake_conversions": "gs://ads/lake/conversions", "lake_ledger": "gs://ads/lake/ledger",
		"lake_rejects": "gs://ads/lake/rejects",
	}, got)
}

func TestATypeWithoutAName(t *testing.T) {
	types := glueTypes(lake.Parquet)
	delete(types, table.Timestamp)
	_, err := define(lake.Lake{}, types)
	assert.EqualError(t, err, "column window_start of click-stream is of table.Time, which catalogs have no type for "+
		"yet; add one in launch/catalog")
}
