package warehouse

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseBigQuery(t *testing.T) {
	for uri, want := range map[string]BigQuery{
		"bigquery://my-project/ads":             {Project: "my-project", Dataset: "ads"},
		"bigquery://my-project/ads?location=EU": {Project: "my-project", Dataset: "ads", Location: "EU"},
		"bigquery://p/d?endpoint=http://127.0.0.1:9050/bigquery/v2/&grpc_endpoint=127.0.0.1:9060": {Project: "p", Dataset: "d", Endpoint: "http://127.0.0.1:9050/bigquery/v2/", GRPCEndpoint: "127.0.0.1:9060"},
	} {
		got, err := ParseBigQuery(uri)
		require.NoError(t, err, uri)
		assert.Equal(t, want, got, uri)
	}
	for uri, want := range map[string]string{
		"bigquery://p":                           BigQueryUsage,
		"bigquery://p/d/t":                       BigQueryUsage,
		"bigquery://p/my-dataset":                BigQueryUsage,
		"p.d":                                    BigQueryUsage,
		"bigquery://p/d?location=E%20U":          "parameter location is not valid; " + BigQueryUsage,
		"bigquery://p/d?location=EU&location=US": "parameter location is given 2 times; " + BigQueryUsage,
		"bigquery://p/d?key=secret":              "parameter key is not known; " + BigQueryUsage,
		"bigquery://p/d?endpoint=127.0.0.1":      "parameter endpoint is not valid; " + BigQueryUsage,
	} {
		_, err := ParseBigQuery(uri)
		assert.EqualError(t, err, want, uri)
	}
}
