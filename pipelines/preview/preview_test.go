package preview

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"adtoorder/io/record"
	"adtoorder/io/unbounded/pubsub/pubsubtest"
	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// clickAt is a click on P7, with the time in place of its id.
func clickAt(second int) string {
	return fmt.Sprintf(`{"Event":"P7","EventType":"Promotion","Timestamp":"2026-11-01T00:00:%02dZ"}`, second)
}

// previewed looks at clicks, and returns what is printed.
func previewed(t *testing.T, clicks ...string) string {
	t.Helper()
	f := engine.Sample
	f.Clicks, f.Orders = clicks, nil
	f.Lake, f.Warehouse = t.TempDir()+"/lake", "none"
	o, err := engine.Parse(t.Context(), f)
	require.NoError(t, err)
	var out strings.Builder
	require.NoError(t, Run(t.Context(), &out, o))
	assert.NoDirExists(t, f.Lake)
	return out.String()
}

func TestNothingIsCommittedToKafka(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, "clicks"))
	require.NoError(t, err)
	defer cluster.Close()
	address := cluster.ListenAddrs()[0]
	client, err := kgo.NewClient(kgo.SeedBrokers(address), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	require.NoError(t, err)
	defer client.Close()
	for i := range 3000 {
		r := &kgo.Record{Topic: "clicks", Partition: int32(i % 2), Value: []byte(clickAt(i % 60))}
		client.Produce(context.Background(), r, func(_ *kgo.Record, err error) { assert.NoError(t, err) })
	}
	require.NoError(t, client.Flush(t.Context()))

	for range 2 { // the second look sees the same
		got := previewed(t, "kafka://"+address+"/clicks")
		assert.Contains(t, got, "live; no position is noted  the first 1000 records of 73 bytes on average\n")
		assert.Contains(t, got, "  counted  1000  100.0 %\n")
		assert.Contains(t, got, "  kafka:clicks/0 at 0\n")
		assert.Contains(t, got, "    "+clickAt(0)+"\n"+
			"    = a click on \"P7\" at 2026-11-01T00:00:00.000Z, without an id\n")
	}
	groups, err := kadm.NewClient(client).ListGroups(t.Context())
	require.NoError(t, err)
	assert.Empty(t, groups)
}

func TestPubSubGetsAllMessagesBack(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks"})
	for i := range 30 {
		server.Publish("clicks", []byte(clickAt(i)), time.Now())
	}
	got := previewed(t, server.URI("clicks"))
	assert.Contains(t, got, "live; given back, which counts as an attempt of delivery  30 records of ")
	assert.Contains(t, got, "  counted  30  100.0 %\n")
	assert.Len(t, server.Unacked("clicks"), 30)
	for _, d := range server.Delivered("clicks") {
		deadlines := server.Deadlines(d.AckID)
		require.NotEmpty(t, deadlines, "it is not given back")
		assert.Zero(t, deadlines[len(deadlines)-1])
	}
}

func TestAnEmptySource(t *testing.T) {
	got := previewed(t, pubsubtest.Start(t, []string{"clicks"}).URI("clicks"))
	assert.Contains(t, got, "0 records\n\nThere is no record.\n")
}

// Whatever is in a record, it stands on one line of a terminal.
func TestWhatIsShownIsPlain(t *testing.T) {
	for text, want := range map[string]string{
		"a\tb\r\nc":                  "a b  c",
		"\x1b[31mred":                "\ufffd[31mred",
		"U\xff":                      "U\ufffd",
		"Ü":                          "Ü",
		strings.Repeat("x", 12):      "xxxxxxxxxx… and 2 bytes more",
		strings.Repeat("x", 9) + "Ü": "xxxxxxxxx\ufffd… and 1 bytes more",
	} {
		assert.Equal(t, want, shortened(text, 10), "%q", text)
	}
}

func TestFields(t *testing.T) {
	of := func(payload string) record.Record { return record.Record{Payload: []byte(payload)} }
	all, objects := fieldsOf([]record.Record{
		of(`{"a":1,"b":{"c":"x"},"l":[{"d":true},{"d":"y"},3]}`), of(`{"a":"2","a":null,"e":[]}`), of("[1]"), of("{"),
	})
	var got []string
	for _, f := range all {
		got = append(got, fmt.Sprint(f.path, " ", f.records, " ", f.typesOf(), " ", f.values))
	}
	assert.Equal(t, 2, objects)
	assert.Equal(t, []string{"a 2 null or number or text [1 2]", "b 1 object []", "b.c 1 text [x]", "e 1 list []",
		"l 1 list []", "l[].d 1 boolean or text [true y]"}, got)
}
