package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPrintMap(t *testing.T) {
	status, out, errs := conversions(t, "--print_map", "segment")
	assert.Equal(t, 0, status)
	preset, err := os.ReadFile("../../transforms/mapping/presets/segment.yaml")
	require.NoError(t, err)
	assert.Equal(t, string(preset), out)
	assert.Empty(t, errs)

	status, out, errs = conversions(t, "--print_map=none")
	assert.Equal(t, 0, status)
	assert.Equal(t, "cloudevents\ndebezium\nga4\nsegment\nshopify\nsnowplow\nwoocommerce\n", out)
	assert.Empty(t, errs)
}

func TestAWrongMapIsOneLineAndStatus2(t *testing.T) {
	dir := t.TempDir()
	file := dir + "/map.yaml"
	require.NoError(t, os.WriteFile(file, []byte("orders:\n  price: line..net\n"), 0o644))
	status, out, errs := conversions(t, "--orders_map", file, "--lake", dir+"/lake", "--warehouse=none")
	assert.Equal(t, 2, status)
	assert.Empty(t, out)
	assert.Equal(t, "conversions: --orders_map="+file+`: orders.price: the path "line..net" has an empty name, or half a `+
		`bracket; write names with dots between, such as properties.items[0].id, and a name that has dots or brackets as `+
		`["a.b"]`+"\n", errs)
	assert.NoDirExists(t, dir+"/lake")
}

// What maps leave out is told by reason, and only where there is some.
func TestTheSummaryTellsWhatIsFiltered(t *testing.T) {
	dir, shop := t.TempDir(), "testdata/maps/shopify/orders.jsonl"
	status, out, errs := conversions(t, "--runner=direct", "--clicks=testdata/maps/own/clicks.jsonl", "--orders="+shop,
		"--orders_map=shopify", "--lake", dir+"/lake", "--warehouse=none")
	require.Equal(t, 0, status, errs)
	assert.Contains(t, out, "read  counted  not_promotion  filtered  duplicate  malformed")
	assert.Contains(t, out, "\n  filtered orders: test order 1\n")
	_, out, _ = conversions(t, "--runner=direct", "--clicks=testdata/maps/own/clicks.jsonl",
		"--orders=testdata/maps/glue/orders.jsonl", "--lake", dir+"/other", "--warehouse=none")
	assert.NotContains(t, out, "filtered")
}
