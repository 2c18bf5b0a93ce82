package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"adtoorder/pipelines/engine"

	"cloud.google.com/go/bigquery"
	"github.com/fsouza/fake-gcs-server/fakestorage"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// googleLake serves gs://ads, with what a run says of a lake there, and a file of
// each dataset but some.
func googleLake(t *testing.T, origin string, without ...string) {
	t.Helper()
	server, err := fakestorage.NewServerWithOptions(fakestorage.Options{Scheme: "http", Host: "127.0.0.1",
		PublicHost: "127.0.0.1"})
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	server.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: "ads"})
	format := "parquet"
	if strings.Contains(origin, "jsonl") {
		format = "jsonl"
	}
	for _, d := range engine.Datasets() {
		if !slices.Contains(without, d.Name) {
			server.CreateObject(fakestorage.Object{ObjectAttrs: fakestorage.ObjectAttrs{BucketName: "ads",
				Name: "lake/" + d.Name + "/year=2026/month=11/day=01/hour=00/20261101T00-0." + format}})
		}
	}
	if origin != "" {
		server.CreateObject(fakestorage.Object{ObjectAttrs: fakestorage.ObjectAttrs{BucketName: "ads",
			Name: "lake/.origin.json"}, Content: []byte(origin)})
	}
	t.Setenv("STORAGE_EMULATOR_HOST", server.URL())
}

const parquetOrigin = `{"window_ns":60000000000,"format":"parquet","sources":[]}`

// toBigQuery are the arguments for a stand-in.
func toBigQuery(server *fakeBigQuery, location string, more ...string) []string {
	uri := "bigquery://shop/reports?endpoint=" + server.url + "/bigquery/v2/"
	if location != "" {
		uri += "&location=" + location
	}
	return append([]string{"--target", "bigquery", "--lake", "gs://ads/lake/", "--dataset", uri}, more...)
}

var allNames = []string{"lake_click_stream", "lake_order_stream", "lake_conversions", "lake_ledger", "lake_rejects",
	"lake_view_clicks_aggregate", "lake_view_orders_aggregate", "lake_view_conversion_ratio"}

// lines is what is printed where the same happens to all.
func lines(prefix, change string, names ...string) (text string) {
	for _, name := range names {
		text += prefix + name + ": " + change + "\n"
	}
	return text
}

func TestBigQueryGetsTablesAndViews(t *testing.T) {
	googleLake(t, parquetOrigin)
	server := startBigQuery(t)
	out := wants(t, toBigQuery(server, "EU"))
	assert.Equal(t, "shop.reports: created\n"+lines("", created, allNames...), out)
	assert.Equal(t, "EU", server.datasets["reports"]["location"])

	table := server.tables["lake_order_stream"]
	assert.JSONEq(t, `{"sourceFormat":"PARQUET","sourceUris":["gs://ads/lake/order-stream/*.parquet"],
		"hivePartitioningOptions":{"mode":"CUSTOM","sourceUriPrefix":"gs://ads/lake/order-stream/{year:INTEGER}/{month:INTEGER}/{day:INTEGER}/{hour:INTEGER}"}}`,
		asJSON(t, table["externalDataConfiguration"]))
	assert.JSONEq(t, `{"fields":[{"name":"window_start","type":"TIMESTAMP"},{"name":"window_end","type":"TIMESTAMP"},{"name":"promotion","type":"STRING"},
		{"name":"orders","type":"INTEGER"},{"name":"late_orders","type":"INTEGER"},{"name":"order_lines","type":"INTEGER"},
		{"name":"units","type":"INTEGER"},{"name":"revenue_micros","type":"INTEGER"},
		{"name":"year","type":"INTEGER"},{"name":"month","type":"INTEGER"},{"name":"day","type":"INTEGER"},{"name":"hour","type":"INTEGER"}]}`, asJSON(t, table["schema"]))
	view := server.tables["lake_view_orders_aggregate"]["view"].(map[string]any)
	assert.Equal(t, false, view["useLegacySql"])
	assert.Contains(t, view["query"], "sum(CAST(o.revenue_micros AS NUMERIC)) AS revenue_micros")
	assert.Contains(t, view["query"], "FROM `shop.reports.lake_order_stream` AS o")

	server.writes = nil
	assert.Equal(t, lines("", unchanged, allNames...), wants(t, toBigQuery(server, "")))
	assert.Empty(t, server.writes)
}

func TestBigQueryFollowsTheColumns(t *testing.T) {
	googleLake(t, parquetOrigin)
	server := startBigQuery(t)
	wants(t, toBigQuery(server, "EU"))
	server.dropColumn("lake_ledger", "promotion") // as an engine had it that did not know of it
	server.tables["lake_view_clicks_aggregate"]["view"].(map[string]any)["query"] = "SELECT 1"
	server.tables["lake_ledger"]["description"] = "ours"
	server.tables["lake_ledger"]["labels"] = map[string]any{"team": "ads", "cost": "7"}
	server.writes = nil
	out := wants(t, toBigQuery(server, ""))
	assert.Contains(t, out, "lake_ledger: updated\n")
	assert.Contains(t, out, "lake_view_clicks_aggregate: updated\n")
	assert.Equal(t, 6, strings.Count(out, ": unchanged\n"))
	assert.Equal(t, []string{"CREATE OR REPLACE lake_ledger", "PATCH lake_view_clicks_aggregate if 1"}, server.writes)
	assert.Equal(t, "ours", server.tables["lake_ledger"]["description"])
	assert.Equal(t, `("cost", "7"), ("team", "ads")`, server.tables["lake_ledger"]["labels"])
	delete(server.tables["lake_ledger"], "labels") // which the stand-in has as SQL
	assert.Equal(t, lines("", unchanged, allNames...), wants(t, toBigQuery(server, "")))
}

// An update would remove what others have set.
func TestBigQueryLeavesTablesWithAConnectionAlone(t *testing.T) {
	googleLake(t, parquetOrigin)
	server := startBigQuery(t)
	wants(t, toBigQuery(server, "EU"))
	config := server.tables["lake_ledger"]["externalDataConfiguration"].(map[string]any)
	config["connectionId"] = "eu.ours"
	wants(t, toBigQuery(server, ""))
	server.dropColumn("lake_ledger", "promotion")
	server.writes = nil
	refuses(t, toBigQuery(server, ""), 2,
		"--dataset=bigquery://shop/reports: has a table lake_ledger that is of an older engine; to bring it up to "+
			"date would remove its connection: do it by hand, or remove that first")
	assert.Empty(t, server.writes)
}

// BigQuery fails queries of a table that has no files.
func TestBigQueryWithoutFiles(t *testing.T) {
	googleLake(t, parquetOrigin, "order-stream", "rejects")
	server := startBigQuery(t)
	out := wants(t, toBigQuery(server, "EU"))
	for _, name := range allNames {
		want := created
		if slices.Contains([]string{"lake_order_stream", "lake_rejects", "lake_view_orders_aggregate",
			"lake_view_conversion_ratio"}, name) {
			want = noFiles
		}
		assert.Contains(t, out, name+": "+want+"\n")
		assert.Equal(t, want == created, server.tables[name] != nil, name)
	}
}

func TestBigQueryWithoutAnyFile(t *testing.T) {
	googleLake(t, "", "click-stream", "order-stream", "conversions", "ledger", "rejects")
	server := startBigQuery(t)
	refuses(t, toBigQuery(server, "EU"), 2,
		"--lake=gs://ads/lake: has no files yet; run the engine with this --lake first")
	assert.Empty(t, server.writes)
}

func TestBigQueryOverJSONLines(t *testing.T) {
	googleLake(t, `{"window_ns":60000000000,"format":"jsonl","sources":[]}`)
	server := startBigQuery(t)
	refuses(t, toBigQuery(server, "EU"), 2,
		"--lake_format=parquet: gs://ads/lake has jsonl files; give --lake_format jsonl")
	assert.Empty(t, server.writes)
	wants(t, toBigQuery(server, "EU", "--lake_format", "jsonl"))
	table := server.tables["lake_rejects"]
	config := table["externalDataConfiguration"].(map[string]any)
	assert.Equal(t, "NEWLINE_DELIMITED_JSON", config["sourceFormat"])
	assert.Equal(t, []any{"gs://ads/lake/rejects/*.jsonl"}, config["sourceUris"])
	assert.Equal(t, true, config["ignoreUnknownValues"])
	assert.Contains(t, asJSON(t, table["schema"]), `{"name":"payload","type":"STRING"}`)
	assert.Equal(t, lines("", unchanged, allNames...), wants(t, toBigQuery(server, "", "--lake_format", "jsonl")))
}

func TestBigQueryLeavesWhatIsNotOursAlone(t *testing.T) {
	googleLake(t, "")
	const other = "--dataset=bigquery://shop/reports: has a table %s that is no %s; it is left alone: rename or " +
		"drop it, or name another dataset"
	const over, labelled = "external table over gs://ads/lake/conversions", "view with the label " +
		"created_by: adtoorder_catalog"
	for name, test := range map[string]struct {
		table string
		is    map[string]any
		want  string
	}{
		"a table": {"lake_conversions", map[string]any{"type": "TABLE"}, over},
		"a view": {"lake_conversions", map[string]any{"type": "VIEW", "view": map[string]any{"query": "SELECT 1"}},
			over},
		"another place": {"lake_conversions", external("gs://ads/lake/conversions-old/*.parquet"), over},
		"two places":    {"lake_conversions", external("gs://ads/lake/conversions/*.parquet", "gs://other/*"), over},
		"another's view": {"lake_view_conversion_ratio", map[string]any{"type": "VIEW",
			"view": map[string]any{"query": "SELECT 1"}}, labelled},
		"no view": {"lake_view_conversion_ratio", map[string]any{"type": "TABLE"}, labelled},
	} {
		t.Run(name, func(t *testing.T) {
			server := startBigQuery(t)
			server.datasets["reports"] = map[string]any{"location": "EU"}
			server.tables[test.table] = test.is
			refuses(t, toBigQuery(server, ""), 2, fmt.Sprintf(other, test.table, test.want))
			assert.Empty(t, server.writes)
		})
	}
}

func external(uris ...string) map[string]any {
	return map[string]any{"type": "EXTERNAL", "externalDataConfiguration": map[string]any{"sourceFormat": "PARQUET",
		"sourceUris": uris}}
}

func TestBigQueryWhereTheDatasetIs(t *testing.T) {
	googleLake(t, "")
	server := startBigQuery(t)
	refuses(t, toBigQuery(server, ""), 2,
		"--dataset=bigquery://shop/reports: is not there; add ?location= and where the bucket is, such as EU or "+
			"europe-west3, to have it created")
	server.datasets["reports"] = map[string]any{"location": "US"}
	refuses(t, toBigQuery(server, "EU"), 2,
		"--dataset=bigquery://shop/reports: is in US, not in EU; leave location out, or name another dataset")
	assert.Empty(t, server.writes)
	wants(t, toBigQuery(server, "us"))
}

func TestBigQuerySaysWhatToGrant(t *testing.T) {
	googleLake(t, "")
	for name, test := range map[string]struct {
		request string
		status  int
		want    string
	}{
		"reading": {"GET datasets/reports", http.StatusForbidden,
			"grant roles/bigquery.jobUser on the project, roles/bigquery.dataEditor on the dataset (on the project, " +
				"to have it created), and roles/storage.objectViewer on the bucket"},
		"writing": {"POST lake_ledger", http.StatusForbidden,
			"grant roles/bigquery.jobUser on the project, roles/bigquery.dataEditor on the dataset (on the project, " +
				"to have it created), and roles/storage.objectViewer on the bucket"},
		"nobody": {"GET datasets/reports", http.StatusUnauthorized,
			"renew the credentials: gcloud auth application-default login"},
		"nowhere": {"POST datasets", http.StatusNotFound,
			"check the project and the bucket, and that both are of one location"},
		"another": {"POST lake_ledger", http.StatusConflict, "someone else has changed it meanwhile: run this again"},
	} {
		t.Run(name, func(t *testing.T) {
			server := startBigQuery(t)
			server.failures[test.request] = test.status
			refuses(t, toBigQuery(server, "EU"), 1, "BigQuery's dataset shop.reports: the stand-in says no; "+test.want)
		})
	}
}

func TestAGoogleLakeThatIsNotThere(t *testing.T) {
	googleLake(t, "")
	args := toBigQuery(startBigQuery(t), "EU")
	args[3] = "gs://misspelt/lake"
	status, _, errs := runWith(t, args...)
	assert.Equal(t, 1, status)
	assert.Contains(t, errs, "catalog: looking into gs://misspelt/lake: ")
	assert.Contains(t, errs, "; is there such a bucket?\n")
	assert.Equal(t, 1, strings.Count(errs, "\n"))
}

func TestSchemaBesideTheDescriptionOrInIt(t *testing.T) {
	b := &bigQuery{}
	b.lake.Format = "parquet"
	want := b.external(definition{location: "gs://ads/lake/x", columns: []column{{"a", "STRING"}}})
	withKeys := func(fields ...*bigquery.FieldSchema) (schema bigquery.Schema) {
		for _, key := range keys {
			fields = append(fields, &bigquery.FieldSchema{Name: key, Type: "INTEGER"})
		}
		return fields
	}
	for name, test := range map[string]struct {
		beside, within bigquery.Schema
		same           bool
	}{
		"beside, with the keys": {withKeys(&bigquery.FieldSchema{Name: "a", Type: "STRING"}), nil, true},
		"within":                {nil, withKeys(&bigquery.FieldSchema{Name: "a", Type: "STRING"}), true},
		"without the keys":      {bigquery.Schema{{Name: "a", Type: "STRING"}}, nil, false},
		"another type":          {withKeys(&bigquery.FieldSchema{Name: "a", Type: "BYTES"}), nil, false},
		"a column too many": {withKeys(&bigquery.FieldSchema{Name: "a", Type: "STRING"},
			&bigquery.FieldSchema{Name: "b", Type: "STRING"}), nil, false},
		"a list": {withKeys(&bigquery.FieldSchema{Name: "a", Type: "STRING", Repeated: true}), nil, false},
		"one that can't be empty": {withKeys(&bigquery.FieldSchema{Name: "a", Type: "STRING", Required: true}), nil,
			false},
		"none": {nil, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			is := *want
			is.Schema = test.within
			assert.Equal(t, test.same, sameExternal(&bigquery.TableMetadata{Schema: test.beside,
				ExternalDataConfig: &is}, want))
		})
	}
}
