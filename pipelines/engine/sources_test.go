package engine

import (
	"reflect"
	"testing"

	"adtoorder/io/unbounded/pubsub/pubsubtest"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A reader that has no partition only resumes, which costs Flink's checkpoints.
func TestSourcesOfOnePartitionHaveOneReader(t *testing.T) {
	o := optionsOn(t, []string{aTopic, aStream, aFolder}, []string{"pubsub://shop-12345/orders",
		"kafka://broker:9092/orders"})
	o.Readers = 3
	p, s := beam.NewPipelineWithRoot()
	Build(s, o)
	edges, _, err := p.Build()
	require.NoError(t, err)
	got := map[string]int64{}
	for _, e := range edges {
		if e.DoFn == nil || e.DoFn.Recv == nil {
			continue
		}
		fn := reflect.Indirect(reflect.ValueOf(e.DoFn.Recv))
		if fn.Kind() != reflect.Struct {
			continue
		}
		if readers := fn.FieldByName("Readers"); readers.IsValid() {
			got[fn.FieldByName("URI").String()] = readers.Int()
		}
	}
	assert.Equal(t, map[string]int64{aTopic: 3, "kafka://broker:9092/orders": 3, aStream: 3, aFolder: 1,
		"pubsub://shop-12345/orders": 1}, got)
}

// Readers of one source would move each other back. Nothing is asked before.
func TestALiveSourceIsGivenOnce(t *testing.T) {
	folder := "watch:" + t.TempDir() + "/*"
	for name, test := range map[string]struct {
		clicks, orders []string
		want           string
	}{
		"twice": {[]string{aTopic, aStream, aTopic}, finished, "--clicks=" + aTopic + ": is given twice; give it once"},
		"for both streams": {[]string{aStream}, []string{"kinesis://clicks?region=eu-west-1"}, "--orders=" + aStream +
			": is also given to --clicks; clicks and orders need separate sources"},
		"a folder": {finished, []string{folder + "?every=60s", folder + "?every=1m"}, "--orders=" + folder +
			"?every=1m: is given twice"},
		"others":               {[]string{folder, folder + "x"}, finished, ""},
		"finished files again": {append(finished, folder), finished, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := place(t, "prism")
			f.Clicks, f.Orders = test.clicks, test.orders
			_, err := Parse(t.Context(), f)
			if test.want == "" {
				assert.NoError(t, err)
				return
			}
			if assert.ErrorAs(t, err, new(*FlagError)) {
				assert.ErrorContains(t, err, test.want)
			}
		})
	}
}

func TestPubSubHasNoStart(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks", "orders"})
	for _, start := range []string{"earliest", "latest", "2026-11-01T00:00:00Z"} {
		t.Run(start, func(t *testing.T) {
			f := place(t, "prism")
			f.Clicks, f.Orders = []string{server.URI("clicks")}, []string{server.URI("orders")}
			f.Start = start
			_, err := Parse(t.Context(), f)
			assert.EqualError(t, err, "--start="+start+": is not for Pub/Sub: a subscription begins with what is not "+
				"acknowledged; to have it go back, gcloud pubsub subscriptions seek clicks --project shop --time TIME")
		})
	}
}

func TestASubscriptionThatCantBeReadIsAFlagError(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks"})
	f := place(t, "prism")
	f.Clicks, f.Orders = []string{server.URI("clicks")}, []string{server.URI("orders")}
	_, err := Parse(t.Context(), f)
	require.ErrorAs(t, err, new(*FlagError))
	assert.ErrorContains(t, err, "--orders="+server.URI("orders")+": can't be read: "+
		"projects/shop/subscriptions/orders is not there; create it: ")
	f.Runner = "direct"
	_, err = Parse(t.Context(), f)
	assert.ErrorContains(t, err, "--runner=direct: reads finished files only")
}
