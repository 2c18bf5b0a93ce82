package kinesis

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	for name, test := range map[string]struct {
		uri     string
		want    Source
		problem string
	}{
		"region": {"kinesis://clicks?region=eu-west-1", Source{Stream: "clicks", Region: "eu-west-1"}, ""},
		"endpoint": {"kinesis://clicks?region=a&endpoint=http://localhost:4567",
			Source{Stream: "clicks", Region: "a", Endpoint: "http://localhost:4567"}, ""},
		"all of a name": {"kinesis://Clicks_2.new-0?region=a", Source{Stream: "Clicks_2.new-0", Region: "a"}, ""},
		"endpoint with a path": {"kinesis://c?region=a&endpoint=https://h/a%2520b",
			Source{Stream: "c", Region: "a", Endpoint: "https://h/a%20b"}, ""},

		"no region":           {"kinesis://clicks", Source{}, "give region=, or set AWS_REGION"},
		"empty region":        {"kinesis://clicks?region=", Source{}, "region is not valid"},
		"no region's name":    {"kinesis://clicks?region=a.b/c", Source{}, "region is not valid"},
		"no stream":           {"kinesis://?region=a", Source{}, Usage},
		"stream with a port":  {"kinesis://clicks:80?region=a", Source{}, Usage},
		"path":                {"kinesis://clicks/a?region=a", Source{}, Usage},
		"fragment":            {"kinesis://clicks?region=a#b", Source{}, Usage},
		"another scheme":      {"kafka://clicks?region=a", Source{}, Usage},
		"no URI":              {"clicks", Source{}, Usage},
		"not readable":        {"kinesis://clicks?region=a\x00", Source{}, Usage},
		"unknown parameter":   {"kinesis://clicks?region=a&from=b", Source{}, "parameter from is not known"},
		"twice":               {"kinesis://clicks?region=a&region=b", Source{}, "parameter region is given 2 times"},
		"bad escape":          {"kinesis://clicks?region=%zz", Source{}, "the parameters can't be read"},
		"endpoint, no scheme": {"kinesis://clicks?region=a&endpoint=localhost:4567", Source{}, "endpoint is not valid"},
		"endpoint, no host":   {"kinesis://clicks?region=a&endpoint=http://", Source{}, "endpoint is not valid"},
		"endpoint, query":     {"kinesis://clicks?region=a&endpoint=http://a?b", Source{}, "endpoint is not valid"},
		"user":                {"kinesis://key:secret@clicks?region=a", Source{}, "must not hold credentials"},
		"user of endpoint": {"kinesis://clicks?region=a&endpoint=http://key:secret@h", Source{},
			"endpoint is not valid"},
		"user, not readable": {"kinesis://key:secret@clicks:b?region=a", Source{}, Usage},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("AWS_REGION", "")
			t.Setenv("AWS_DEFAULT_REGION", "")
			got, err := Parse(test.uri)
			assert.Equal(t, test.want, got)
			if test.problem != "" {
				require.ErrorContains(t, err, test.problem)
				assert.ErrorContains(t, err, Usage)
				assert.NotContains(t, err.Error(), "secret")
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.uri, got.String())
		})
	}
}

func TestRegionOfTheEnvironment(t *testing.T) {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("AWS_REGION", "")
			t.Setenv("AWS_DEFAULT_REGION", "")
			t.Setenv(name, "eu-north-1")
			s, err := Parse("kinesis://clicks")
			require.NoError(t, err)
			assert.Equal(t, Source{Stream: "clicks"}, s)
			assert.Equal(t, "kinesis://clicks", s.String())
			api, err := s.open(t.Context())
			require.NoError(t, err)
			assert.Equal(t, "eu-north-1", api.Options().Region)

			s, err = Parse("kinesis://clicks?region=eu-west-1&endpoint=http://h:1")
			require.NoError(t, err)
			api, err = s.open(t.Context())
			require.NoError(t, err)
			assert.Equal(t, "eu-west-1", api.Options().Region)
			assert.Equal(t, "http://h:1", *api.Options().BaseEndpoint)
		})
	}
}
