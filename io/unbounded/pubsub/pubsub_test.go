package pubsub

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
		"plain": {"pubsub://shop-1/clicks", Source{"shop-1", "clicks", ""}, ""},
		"all of a name": {"pubsub://shop/Clicks_2.new-0~+x", Source{"shop", "Clicks_2.new-0~+x", ""},
			""},
		"endpoint": {"pubsub://shop/clicks?endpoint=localhost:8085", Source{"shop", "clicks", "localhost:8085"}, ""},
		"IPv6":     {"pubsub://shop/clicks?endpoint=[::1]:8085", Source{"shop", "clicks", "[::1]:8085"}, ""},

		"no subscription":   {"pubsub://shop", Source{}, ""},
		"an empty one":      {"pubsub://shop/", Source{}, ""},
		"a short one":       {"pubsub://shop/ab", Source{}, ""},
		"no project":        {"pubsub:///clicks", Source{}, ""},
		"no project's name": {"pubsub://Shop/clicks", Source{}, ""},
		"port":              {"pubsub://shop:80/clicks", Source{}, ""},
		"one slash":         {"pubsub:/shop/clicks", Source{}, ""},
		"a path":            {"pubsub://shop/subscriptions/clicks", Source{}, ""},
		"an escape":         {"pubsub://shop/clic%2Fks", Source{}, ""},
		"fragment":          {"pubsub://shop/clicks#a", Source{}, ""},
		"another scheme":    {"kafka://shop/clicks", Source{}, ""},
		"not readable":      {"pubsub://shop/clicks\x00", Source{}, ""},
		"unknown parameter": {"pubsub://shop/clicks?region=a", Source{},
			"parameter region is not known"},
		"twice": {"pubsub://shop/clicks?endpoint=a:1&endpoint=b:1", Source{}, "parameter endpoint is given 2 times"},
		"bad escape": {"pubsub://shop/clicks?endpoint=%zz", Source{},
			"the parameters can't be read"},
		"endpoint, no port": {"pubsub://shop/clicks?endpoint=localhost", Source{},
			"parameter endpoint is not HOST:PORT"},
		"endpoint, URL": {"pubsub://shop/clicks?endpoint=http://h:80", Source{}, "parameter endpoint is not HOST:PORT"},
		"endpoint, user": {"pubsub://shop/clicks?endpoint=key:secret@h:80", Source{},
			"parameter endpoint is not HOST:PORT"},
		"endpoint, empty":    {"pubsub://shop/clicks?endpoint=", Source{}, "parameter endpoint is not HOST:PORT"},
		"user":               {"pubsub://key:secret@shop/clicks", Source{}, "must not hold credentials"},
		"user, not readable": {"pubsub://key:secret@shop:b/clicks", Source{}, ""},
		"user, not last part": {"pubsub://shop/key:secret@clicks", Source{},
			""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Parse(test.uri)
			assert.Equal(t, test.want, got)
			if test.want == (Source{}) {
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

func TestParseTopic(t *testing.T) {
	got, err := ParseTopic("pubsub://shop/clicks?endpoint=h:1")
	require.NoError(t, err)
	assert.Equal(t, Topic{"shop", "clicks", "h:1"}, got)
	assert.Equal(t, "pubsub://shop/clicks?endpoint=h:1", got.String())
	_, err = ParseTopic("pubsub://shop")
	assert.EqualError(t, err, TopicUsage)
}

func TestSeekCommand(t *testing.T) {
	assert.Equal(t, "gcloud pubsub subscriptions seek clicks --project shop --time 2026-11-01T00:00:00Z",
		Source{Project: "shop", Subscription: "clicks"}.SeekCommand("2026-11-01T00:00:00Z"))
}
