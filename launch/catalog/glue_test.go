package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"adtoorder/io/lake"
	"adtoorder/io/storage"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var tableNames = allNames[:5]

// The tests of registering, which run on moto, too: each begins with an empty
// stand-in.
var glueTests = map[string]func(*testing.T, amazon){
	"tables and views": func(t *testing.T, a amazon) {
		a.put(t, "lake/.origin.json", parquetOrigin)
		a.put(t, "lake/ledger/year=1970/month=01/day=01/hour=00/a.parquet", "")
		a.put(t, "lake/click-stream/year=2026/month=11/day=01/hour=00/a.parquet", "")
		a.put(t, "lake/rejects/year=2099/month=11/day=01/hour=00/a.parquet", "") // one record of a far year
		a.put(t, "lake/old/year=1999/month=11/day=01/hour=00/a.parquet", "")
		tables, sql, _ := strings.Cut(wants(t, a.args()), "\n\n")
		assert.Equal(t, "-- reports: created\n"+lines("-- ", created, tableNames...), tables+"\n")
		assert.Equal(t, athenaViews, "\n"+sql)

		table := a.table(t, "lake_rejects")
		assert.Equal(t, "EXTERNAL_TABLE", *table.TableType)
		assert.Equal(t, map[string]string{"EXTERNAL": "TRUE", "classification": "parquet", "projection.enabled": "true",
			"projection.year.type": "enum", "projection.year.values": "1970,2026,2027,2099",
			"projection.month.type": "integer", "projection.month.range": "1,12", "projection.month.digits": "2",
			"projection.day.type": "integer", "projection.day.range": "1,31", "projection.day.digits": "2",
			"projection.hour.type": "integer", "projection.hour.range": "0,23", "projection.hour.digits": "2",
			"storage.location.template": "s3://ads/lake/rejects/year=${year}/month=${month}/day=${day}/hour=${hour}/"},
			table.Parameters)
		assert.Equal(t, "s3://ads/lake/rejects/", *table.StorageDescriptor.Location)
		assert.Equal(t, "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
			*table.StorageDescriptor.InputFormat)
		assert.Equal(t, "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
			*table.StorageDescriptor.OutputFormat)
		assert.Equal(t, "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
			*table.StorageDescriptor.SerdeInfo.SerializationLibrary)
		assert.Equal(t, "stream string, source string, position string, time timestamp, outcome string, reason "+
			"string, payload binary, cut boolean, withheld bigint", text(table.StorageDescriptor.Columns))
		assert.Equal(t, "year string, month string, day string, hour string", text(table.PartitionKeys))

		assert.Equal(t, lines("-- ", unchanged, tableNames...), before(wants(t, a.args()), "\n-- The views"))
	},
	"columns and years that are new": func(t *testing.T, a amazon) {
		a.put(t, "lake/click-stream/year=2026/month=11/day=01/hour=00/a.parquet", "")
		wants(t, a.args())
		a.change(t, "lake_ledger", func(is *types.TableInput) {
			is.StorageDescriptor.Columns = is.StorageDescriptor.Columns[:5]
			is.Parameters["noted"] = "by another"
			is.Parameters["projection.hour.interval"] = "2"
		})
		assert.Equal(t, 4, strings.Count(wants(t, a.args()), ": unchanged\n"))
		ledger := a.table(t, "lake_ledger")
		assert.Equal(t, "window_start timestamp, stream string, outcome string, reason string, promotion string, "+
			"records bigint", text(ledger.StorageDescriptor.Columns))
		assert.Equal(t, "by another", ledger.Parameters["noted"])
		assert.NotContains(t, ledger.Parameters, "projection.hour.interval")

		a.put(t, "lake/rejects/year=2025/month=11/day=01/hour=00/a.parquet", "")
		assert.Equal(t, lines("-- ", updated, tableNames...), before(wants(t, a.args()), "\n-- The views"))
		assert.Equal(t, "2025,2026,2027", a.table(t, "lake_conversions").Parameters["projection.year.values"])
	},
	"JSON lines": func(t *testing.T, a amazon) {
		a.put(t, "lake/.origin.json", `{"window_ns":60000000000,"format":"jsonl","sources":[]}`)
		a.put(t, "lake/click-stream/year=2026/month=11/day=01/hour=00/a.jsonl", "")
		refuses(t, a.args(), 2, "--lake_format=parquet: s3://ads/lake has jsonl files; give --lake_format jsonl")
		out := wants(t, a.args("--lake_format", "jsonl"))
		assert.Contains(t, out, "SELECT date(from_iso8601_timestamp(c.window_start)) AS date")
		table := a.table(t, "lake_rejects")
		assert.Equal(t, "json", table.Parameters["classification"])
		assert.Equal(t, "org.openx.data.jsonserde.JsonSerDe", *table.StorageDescriptor.SerdeInfo.SerializationLibrary)
		assert.Equal(t, "org.apache.hadoop.mapred.TextInputFormat", *table.StorageDescriptor.InputFormat)
		assert.Equal(t, "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
			*table.StorageDescriptor.OutputFormat)
		assert.Equal(t, "stream string, source string, position string, time string, outcome string, reason string, "+
			"payload string, cut boolean, withheld bigint", text(table.StorageDescriptor.Columns))
		assert.Equal(t, lines("-- ", unchanged, tableNames...),
			before(wants(t, a.args("--lake_format", "jsonl")), "\n-- The views"))
	},
	"what is not ours": func(t *testing.T, a amazon) {
		a.put(t, "lake/click-stream/year=2026/month=11/day=01/hour=00/a.parquet", "")
		wants(t, a.args())
		const left = "--database=reports: has a table lake_ledger that is no external table over " +
			"s3://ads/lake/ledger/; it is left alone: rename or drop it, or name another database"
		for _, change := range []func(*types.TableInput){
			func(is *types.TableInput) { is.StorageDescriptor.Location = aws.String("s3://ads/lake/ledger-old/") },
			func(is *types.TableInput) {
				is.StorageDescriptor.Location = aws.String("s3://ads/lake/ledger/")
				is.TableType = aws.String("VIRTUAL_VIEW")
			},
		} {
			a.change(t, "lake_ledger", change)
			a.put(t, "lake/rejects/year=2025/month=11/day=01/hour=00/a.parquet", "") // the others would be updated
			refuses(t, a.args(), 2, left)
			assert.Equal(t, "2026,2027", a.table(t, "lake_click_stream").Parameters["projection.year.values"])
		}
	},
	"a lake that is not there": func(t *testing.T, a amazon) {
		refuses(t, a.args(), 2, "--lake=s3://ads/lake: has no files yet, so that its years are not known; run the "+
			"engine with this --lake first")
		args := a.args()
		args[3] = "s3://misspelt/lake"
		status, _, errs := runWith(t, args...)
		assert.Equal(t, 1, status)
		assert.Contains(t, errs, "catalog: looking into s3://misspelt/lake: NoSuchBucket: ")
		assert.Contains(t, errs, "; check --lake\n")
		_, err := a.glue.GetDatabase(t.Context(), &glue.GetDatabaseInput{Name: aws.String("reports")})
		assert.Error(t, err, "nothing was made")
	},
}

const athenaViews = `
-- The views. Athena takes one statement at a time, in this order.

CREATE OR REPLACE VIEW "reports"."view_clicks_aggregate" AS
SELECT date(c.window_start) AS date, c.promotion AS promotion, sum(c.clicks) AS clicks,
  c.year AS year, c.month AS month, c.day AS day
FROM "reports"."lake_click_stream" AS c
GROUP BY date(c.window_start), c.promotion, c.year, c.month, c.day;

CREATE OR REPLACE VIEW "reports"."view_orders_aggregate" AS
SELECT date(o.window_start) AS date, o.promotion AS promotion, sum(o.orders) AS orders,
  sum(o.order_lines) AS order_lines,
  sum(CAST(o.units AS decimal(38,0))) AS units,
  sum(CAST(o.revenue_micros AS decimal(38,0))) AS revenue_micros,
  o.year AS year, o.month AS month, o.day AS day
FROM "reports"."lake_order_stream" AS o
GROUP BY date(o.window_start), o.promotion, o.year, o.month, o.day;

CREATE OR REPLACE VIEW "reports"."view_conversion_ratio" AS
SELECT b.date AS date, b.promotion AS promotion, sum(b.clicks) AS clicks, sum(b.orders) AS orders,
  CASE WHEN sum(b.clicks) > 0 THEN 100 * CAST(sum(b.orders) AS double) / sum(b.clicks) END AS conversion_ratio,
  b.year AS year, b.month AS month, b.day AS day
FROM (
  SELECT c.date AS date, c.promotion AS promotion, c.clicks AS clicks, 0 AS orders,
    c.year AS year, c.month AS month, c.day AS day
  FROM "reports"."view_clicks_aggregate" AS c
  UNION ALL
  SELECT o.date, o.promotion, 0, o.orders, o.year, o.month, o.day
  FROM "reports"."view_orders_aggregate" AS o
) AS b
GROUP BY b.date, b.promotion, b.year, b.month, b.day;
`

func text(columns []types.Column) string {
	var all []string
	for _, c := range columns {
		all = append(all, *c.Name+" "+*c.Type)
	}
	return strings.Join(all, ", ")
}

func before(text, mark string) string {
	first, _, _ := strings.Cut(text, mark)
	return first
}

func TestGlue(t *testing.T) {
	for name, test := range glueTests {
		t.Run(name, func(t *testing.T) { test(t, connect(t, startAmazon(t).url)) })
	}
}

func TestGlueUpdatesTheVersionThatItSaw(t *testing.T) {
	server := startAmazon(t)
	a := connect(t, server.url)
	a.put(t, "lake/click-stream/year=2026/month=11/day=01/hour=00/a.parquet", "")
	wants(t, a.args())
	a.change(t, "lake_ledger", func(is *types.TableInput) { is.StorageDescriptor.Columns = nil })
	server.updated = nil
	wants(t, a.args())
	assert.Equal(t, []string{"lake_ledger at 2"}, server.updated)
}

func TestGlueSaysWhatToGrant(t *testing.T) {
	const grant = "grant glue:GetDatabase, glue:CreateDatabase, glue:GetTable, glue:CreateTable and glue:UpdateTable " +
		"on the catalog, the database and its tables"
	for operation, code := range map[string]string{"GetDatabase": "AccessDeniedException",
		"CreateTable": "AccessDeniedException", "GetTable": "ExpiredTokenException",
		"CreateDatabase": "AlreadyExistsException"} {
		t.Run(operation, func(t *testing.T) {
			server := startAmazon(t)
			server.failures[operation] = code
			a := connect(t, server.url)
			a.put(t, "lake/click-stream/year=2026/month=11/day=01/hour=00/a.parquet", "")
			want := map[string]string{"AccessDeniedException": grant, "ExpiredTokenException": "renew the credentials",
				"AlreadyExistsException": "someone else has changed it meanwhile: run this again"}[code]
			refuses(t, a.args(), 1, "Glue's database reports: "+code+": the stand-in says no; "+want)
		})
	}
}

func TestAmazonSaysWhatToSet(t *testing.T) {
	a := connect(t, startAmazon(t).url)
	args := a.args()
	refuses(t, append(args[:6:6], "--endpoint", a.endpoint), 2,
		"--region=: no region is found; give --region, or set AWS_REGION")

	forbidden := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		w.Write([]byte(`<Error><Code>AccessDenied</Code><Message>no</Message></Error>`))
	}))
	defer forbidden.Close()
	refuses(t, append(args[:8:8], "--endpoint", forbidden.URL), 1,
		"looking into s3://ads/lake: AccessDenied: no; grant s3:ListBucket on the bucket and "+
			"s3:GetObject on what is in it")

	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	status, _, errs := runWith(t, args...)
	assert.Equal(t, 1, status)
	assert.Contains(t, errs, "catalog: no AWS credentials are found (AWS_ACCESS_KEY_ID and "+
		"AWS_SECRET_ACCESS_KEY, a profile, a role): ")
	assert.Equal(t, 1, strings.Count(errs, "\n"))
}

func TestYearsOfALakeAtTheRootOfABucket(t *testing.T) {
	a := connect(t, startAmazon(t).url)
	a.put(t, "click-stream/year=2024/month=11/day=01/hour=00/a.parquet", "")
	a.put(t, "click-stream/year=none/b", "")
	got, err := years(t.Context(), storage.WithS3(a.s3), lake.Lake{Dir: "s3://ads"},
		time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	assert.Equal(t, []string{"2024", "2026", "2027"}, got)
}
