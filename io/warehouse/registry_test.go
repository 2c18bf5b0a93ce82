package warehouse_test

import (
	"fmt"
	"testing"

	"adtoorder/io/warehouse"
	"adtoorder/io/warehouse/bigquery"
	"adtoorder/io/warehouse/sqlite"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	for uri, want := range map[string]warehouse.Warehouse{
		"sqlite:out/w.db":                     sqlite.Warehouse{Path: "out/w.db"},
		"bigquery://p-1/d_2":                  bigquery.Warehouse{Project: "p-1", Dataset: "d_2"},
		"bigquery://p/d?location=us-central1": bigquery.Warehouse{Project: "p", Dataset: "d", Location: "us-central1"},
		"bigquery://p/d?endpoint=http%3A%2F%2Fh%3A1&grpc_endpoint=h%3A2": bigquery.Warehouse{Project: "p",
			Dataset: "d", Endpoint: "http://h:1", GRPCEndpoint: "h:2"},
	} {
		t.Run(uri, func(t *testing.T) {
			w, err := warehouse.Open(uri)
			require.NoError(t, err)
			assert.Equal(t, want, w)
			assert.Equal(t, uri, w.String())
		})
	}
	for uri, want := range map[string]string{
		"":                                   "must be sqlite:FILE or bigquery://PROJECT/DATASET",
		"postgres:x":                         "must be sqlite:FILE or bigquery://PROJECT/DATASET",
		"sqlite:":                            "must be sqlite:FILE or bigquery://PROJECT/DATASET",
		"sqlite:" + dir:                      "is a directory",
		"bigquery://p":                       "must be bigquery://PROJECT/DATASET",
		"bigquery://p/":                      "must be bigquery://PROJECT/DATASET",
		"bigquery://p/d-1":                   "must be bigquery://PROJECT/DATASET",
		"bigquery://p/d/t":                   "must be bigquery://PROJECT/DATASET",
		"bigquery://P/d":                     "must be bigquery://PROJECT/DATASET",
		"bigquery://user:secret@p/d":         "must be bigquery://PROJECT/DATASET",
		"bigquery://p/d?region=EU":           "parameter region is not known",
		"bigquery://p/d?location=":           "parameter location is not valid",
		"bigquery://p/d?endpoint=http://h:1": "are given together",
		"bigquery://p/d?endpoint=http://h:1&grpc_endpoint=h": "parameter grpc_endpoint is not valid",
	} {
		t.Run(uri, func(t *testing.T) {
			_, err := warehouse.Open(uri)
			assert.ErrorContains(t, err, want)
			assert.NotContains(t, fmt.Sprint(err), "secret")
		})
	}
}
