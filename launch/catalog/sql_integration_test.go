//go:build integration

package main

import (
	_ "embed"
	"strings"
	"testing"

	"adtoorder/io/testenv"
	"adtoorder/io/warehouse/bigquery/googlesqltest"

	"github.com/stretchr/testify/assert"
)

func TestBigQueryTakesTheTablesAndViews(t *testing.T) {
	googleLake(t, parquetOrigin)
	server := startBigQuery(t)
	server.url = googlesqltest.Record(t, server.url)
	wants(t, toBigQuery(server, "EU"))
}

var (
	//go:embed testdata/Athena.java
	athena []byte
	//go:embed testdata/pom.xml
	trino []byte
)

// All that is printed for Glue is SQL that Athena can parse.
func TestAthenaParsesWhatIsPrinted(t *testing.T) {
	for _, format := range []string{"parquet", "jsonl"} {
		t.Run(format, func(t *testing.T) {
			a := connect(t, startAmazon(t).url)
			a.put(t, "lake/click-stream/year=2026/month=11/day=01/hour=00/20261101T00-0."+format, "")
			output, err := testenv.RunJava(t, "trino-parser-435", trino, athena,
				wants(t, a.args("--lake_format", format)))
			assert.NoError(t, err, "%s", output)
			assert.Equal(t, "3", strings.TrimSpace(string(output)))
		})
	}
}
