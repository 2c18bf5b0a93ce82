package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeBigQuery is a server that keeps datasets and tables as they are sent, and
// answers as BigQuery does: with a table's schema beside its description, keys of
// partitions included. What it can't do is to run the views or read the files.
type fakeBigQuery struct {
	url      string
	lock     sync.Mutex
	datasets map[string]map[string]any
	tables   map[string]map[string]any
	writes   []string
	failures map[string]int // statuses of requests, by method and name
}

func startBigQuery(t *testing.T) *fakeBigQuery {
	t.Helper()
	f := &fakeBigQuery{datasets: map[string]map[string]any{}, tables: map[string]map[string]any{},
		failures: map[string]int{}}
	routes := http.NewServeMux()
	const all = "/bigquery/v2/projects/shop/datasets"
	routes.HandleFunc("GET "+all+"/{dataset}", func(w http.ResponseWriter, r *http.Request) {
		f.answer(w, "GET datasets/"+r.PathValue("dataset"), f.datasets[r.PathValue("dataset")])
	})
	routes.HandleFunc("POST "+all, func(w http.ResponseWriter, r *http.Request) {
		body := read(t, r)
		name := body["datasetReference"].(map[string]any)["datasetId"].(string)
		if f.answer(w, "POST datasets", body) {
			f.datasets[name] = body
			f.writes = append(f.writes, "POST datasets/"+name)
		}
	})
	routes.HandleFunc("GET "+all+"/reports/tables/{table}", func(w http.ResponseWriter, r *http.Request) {
		f.answer(w, "GET "+r.PathValue("table"), f.tables[r.PathValue("table")])
	})
	routes.HandleFunc("POST "+all+"/reports/tables", func(w http.ResponseWriter, r *http.Request) {
		body := read(t, r)
		name := body["tableReference"].(map[string]any)["tableId"].(string)
		if f.answer(w, "POST "+name, body) {
			f.keep(name, body)
			f.writes = append(f.writes, "POST "+name)
		}
	})
	routes.HandleFunc("POST /bigquery/v2/projects/shop/queries", func(w http.ResponseWriter, r *http.Request) {
		name, table := tableOf(t, read(t, r)["query"].(string))
		if f.answer(w, "POST "+name, map[string]any{"jobComplete": true, "totalRows": "0", "schema": map[string]any{},
			"jobReference": map[string]any{"projectId": "shop", "jobId": "1"}}) {
			f.keep(name, table)
			f.writes = append(f.writes, "CREATE OR REPLACE "+name)
		}
	})
	routes.HandleFunc("PATCH "+all+"/reports/tables/{table}", func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("table")
		if r.Header.Get("If-Match") != f.tables[name]["etag"] {
			w.WriteHeader(http.StatusPreconditionFailed)
			return
		}
		f.writes = append(f.writes, "PATCH "+name+" if "+r.Header.Get("If-Match"))
		for field, value := range read(t, r) {
			f.tables[name][field] = value
		}
		f.keep(name, f.tables[name])
		f.answer(w, "PATCH "+name, f.tables[name])
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.lock.Lock()
		defer f.lock.Unlock()
		w.Header().Set("Content-Type", "application/json")
		routes.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// answer answers with what is there, or says why not.
func (f *fakeBigQuery) answer(w http.ResponseWriter, request string, is map[string]any) bool {
	status, message := f.failures[request], "the stand-in says no"
	if status == 0 && is == nil {
		status, message = http.StatusNotFound, "Not found"
	}
	if status != 0 {
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"error":{"code":%d,"message":"%s\nand more","errors":[{"reason":"any"}]}}`, status, message)
		return false
	}
	json.NewEncoder(w).Encode(is)
	return true
}

// keep adds what BigQuery adds.
func (f *fakeBigQuery) keep(name string, table map[string]any) {
	version := 1
	if was, ok := f.tables[name]["etag"].(string); ok {
		fmt.Sscan(was, &version)
		version++
	}
	table["etag"] = fmt.Sprint(version)
	table["type"] = "VIEW"
	if table["externalDataConfiguration"] != nil {
		table["type"] = "EXTERNAL"
	}
	f.tables[name] = table
}

var (
	statement = regexp.MustCompile("^CREATE OR REPLACE EXTERNAL TABLE `shop\\.reports\\.([a-z_]+)` \\((.*)\\)\nWITH " +
		"PARTITION COLUMNS \\((.*)\\)\nOPTIONS \\((.*)\\)$")
	option = regexp.MustCompile(`([a-z_]+) = (\[.*?\]|"[^"]*"|TRUE)`)
)

// tableOf is what BigQuery tells of a table that a statement has made.
func tableOf(t *testing.T, text string) (name string, table map[string]any) {
	t.Helper()
	parts := statement.FindStringSubmatch(text)
	require.NotNil(t, parts, text)
	var fields []any
	for _, column := range strings.Split(parts[2]+", "+parts[3], ", ") {
		name, typ, _ := strings.Cut(strings.ReplaceAll(column, "`", ""), " ")
		names := map[string]string{"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN"}
		fields = append(fields, map[string]any{"name": name, "type": cmp.Or(names[typ], typ)})
	}
	config := map[string]any{}
	table = map[string]any{"externalDataConfiguration": config, "schema": map[string]any{"fields": fields}}
	for _, o := range option.FindAllStringSubmatch(parts[4], -1) {
		value := strings.Trim(o[2], `["]`)
		switch o[1] {
		case "format":
			config["sourceFormat"] = value
		case "uris":
			config["sourceUris"] = []any{value}
		case "hive_partition_uri_prefix":
			config["hivePartitioningOptions"] = map[string]any{"mode": "CUSTOM", "sourceUriPrefix": value + "/{year:INTEGER}/{month:INTEGER}/{day:INTEGER}/{hour:INTEGER}"}
		case "ignore_unknown_values":
			config["ignoreUnknownValues"] = true
		case "description":
			table["description"] = value
		case "labels":
			table["labels"] = value
		default:
			t.Errorf("option %s is not known", o[1])
		}
	}
	return parts[1], table
}

// dropColumn has a table as it was before a column was added.
func (f *fakeBigQuery) dropColumn(name, column string) {
	schema := f.tables[name]["schema"].(map[string]any)
	schema["fields"] = slices.DeleteFunc(schema["fields"].([]any), func(field any) bool {
		return field.(map[string]any)["name"] == column
	})
}

func read(t *testing.T, r *http.Request) (body map[string]any) {
	t.Helper()
	assert.NoError(t, json.NewDecoder(r.Body).Decode(&body))
	return body
}

func asJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return strings.TrimSpace(string(text))
}
