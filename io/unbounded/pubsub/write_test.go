package pubsub

import (
	"bytes"
	"fmt"
	"testing"

	"adtoorder/io/unbounded/pubsub/pubsubtest"

	"cloud.google.com/go/pubsub/v2/pstest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func write(t *testing.T, server *pubsubtest.Server) *Writer {
	t.Helper()
	topic, err := ParseTopic(server.URI("clicks"))
	require.NoError(t, err)
	w, err := NewWriter(t.Context(), topic)
	require.NoError(t, err)
	t.Cleanup(func() { w.Close() })
	return w
}

func TestWrite(t *testing.T) {
	var requests []int
	server := pubsubtest.Start(t, []string{"clicks"})
	w := write(t, server)
	for i := range maxMessages + 2 {
		require.NoError(t, w.Put(t.Context(), fmt.Append(nil, i)))
		if published := len(server.Messages("clicks")); published > 0 {
			requests = append(requests, published)
		}
	}
	assert.Equal(t, []int{maxMessages, maxMessages}, requests)
	require.NoError(t, w.Flush(t.Context()))
	require.NoError(t, w.Flush(t.Context()))
	messages := server.Messages("clicks")
	require.Len(t, messages, maxMessages+2)
	assert.Equal(t, "0", string(messages[0].Data))

	large := bytes.Repeat([]byte("x"), maxPublish/2)
	for range 3 {
		require.NoError(t, w.Put(t.Context(), large))
	}
	assert.Len(t, server.Messages("clicks"), maxMessages+4)
}

func TestAFailedWriteStays(t *testing.T) {
	failing := true
	server := pubsubtest.Start(t, []string{"clicks"}, react("Publish", func(any) error {
		if failing {
			return status.Error(codes.PermissionDenied, "not you")
		}
		return nil
	}))
	w := write(t, server)
	require.NoError(t, w.Put(t.Context(), []byte("a")))
	assert.EqualError(t, w.Flush(t.Context()),
		"projects/shop/topics/clicks may not be written to; grant roles/pubsub.publisher: "+
			"gcloud pubsub topics add-iam-policy-binding clicks --project shop --role "+
			"roles/pubsub.publisher --member ACCOUNT (not you)")
	failing = false
	require.NoError(t, w.Flush(t.Context()))
	assert.Len(t, server.Messages("clicks"), 1)
}

func TestCheckOfATopic(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks"})
	require.NoError(t, Topic{pubsubtest.Project, "clicks", server.Address}.Check(t.Context()))
	assert.ErrorContains(t, Topic{pubsubtest.Project, "orders", server.Address}.Check(t.Context()),
		"projects/shop/topics/orders is not there; create it: gcloud pubsub topics create orders --project shop")
	server = pubsubtest.Start(t, []string{"clicks"}, pstest.WithErrorInjection("GetTopic", codes.PermissionDenied,
		"no look"))
	assert.NoError(t, Topic{pubsubtest.Project, "clicks", server.Address}.Check(t.Context()),
		"publishing needs no look")
	assert.ErrorContains(t, Topic{pubsubtest.Project, "clicks", "127.0.0.1:1"}.Check(t.Context()),
		"Pub/Sub can't be reached")
}
