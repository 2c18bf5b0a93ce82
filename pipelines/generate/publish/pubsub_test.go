package publish

import (
	"testing"
	"time"

	"adtoorder/io/unbounded/pubsub/pubsubtest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPubSubGetsTheRecords(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks"})
	clicks, err := Parse("clicks", server.URI("clicks"), 0)
	require.NoError(t, err)
	opts := simulated()
	_, _, err = Plan{clicks, &memory{}, opts}.Run(t.Context(), &Sent{})
	require.NoError(t, err)
	var want, got []string
	for r := range generator(t, opts).Clicks() {
		want = append(want, string(r.Payload))
	}
	for _, m := range server.Messages("clicks") {
		got = append(got, string(m.Data))
	}
	assert.Equal(t, want, got)
}

func TestLivePubSubIsFlushedNowAndThen(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks"})
	clicks, err := Parse("clicks", server.URI("clicks"), 0)
	require.NoError(t, err)
	_, _, err = Plan{clicks, &memory{}, live(500, time.Second)}.Run(t.Context(), &Sent{})
	require.NoError(t, err)
	messages := server.Messages("clicks")
	require.Len(t, messages, 500)
	assert.Greater(t, messages[499].PublishTime.Sub(messages[0].PublishTime), 2*flushEvery,
		"one request would come at the end alone")
}

func TestATopicThatIsNotThere(t *testing.T) {
	server := pubsubtest.Start(t, nil)
	clicks, err := Parse("clicks", server.URI("clicks"), 0)
	require.NoError(t, err)
	_, _, err = Plan{clicks, &memory{}, simulated()}.Run(t.Context(), &Sent{})
	assert.ErrorContains(t, err, server.URI("clicks")+" can't be written to: "+
		"projects/shop/topics/clicks is not there; create it: ")
}
