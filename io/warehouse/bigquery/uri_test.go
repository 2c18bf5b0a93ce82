package bigquery

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	for uri, want := range map[string]Warehouse{
		"bigquery://my-project/ads":             {Project: "my-project", Dataset: "ads"},
		"bigquery://my-project/ads?location=EU": {Project: "my-project", Dataset: "ads", Location: "EU"},
		"bigquery://p/d?endpoint=http://127.0.0.1:9050/bigquery/v2/&grpc_endpoint=127.0.0.1:9060": {Project: "p", Dataset: "d", Endpoint: "http://127.0.0.1:9050/bigquery/v2/", GRPCEndpoint: "127.0.0.1:9060"},
	} {
		t.Run(uri, func(t *testing.T) {
			got, err := Parse(uri)
			require.NoError(t, err)
			assert.Equal(t, want, got)
		})
	}
	for uri, want := range map[string]string{
		"bigquery://p":                           usage,
		"bigquery://p/d/t":                       usage,
		"bigquery://p/my-dataset":                usage,
		"p.d":                                    usage,
		"bigquery://p/d?location=E%20U":          "parameter location is not valid; " + usage,
		"bigquery://p/d?location=EU&location=US": "parameter location is given 2 times; " + usage,
		"bigquery://p/d?key=secret":              "parameter key is not known; " + usage,
		"bigquery://p/d?endpoint=127.0.0.1":      "parameter endpoint is not valid; " + usage,
	} {
		t.Run(uri, func(t *testing.T) {
			_, err := Parse(uri)
			assert.EqualError(t, err, want)
		})
	}
}
