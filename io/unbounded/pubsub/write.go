package pubsub

import (
	"context"
	"fmt"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	// maxMessages and maxPublish are what one request may publish: Google takes
	// 1,000 messages and 10 MB.
	maxMessages = 1000
	maxPublish  = 8 << 20
)

// Writer publishes messages to a topic. One is published twice where an answer
// was lost. It is used by one goroutine at a time.
type Writer struct {
	topic   Topic
	api     *pubsub.TopicAdminClient
	waiting []*pubsubpb.PubsubMessage
	size    int // of what is waiting, in bytes
}

func (t Topic) open(ctx context.Context) (*pubsub.TopicAdminClient, error) {
	api, err := pubsub.NewTopicAdminClient(ctx, options(t.Endpoint)...)
	if err != nil {
		return nil, explainCredentials(err)
	}
	return api, nil
}

// NewWriter opens a writer.
func NewWriter(ctx context.Context, t Topic) (*Writer, error) {
	api, err := t.open(ctx)
	if err != nil {
		return nil, err
	}
	return &Writer{topic: t, api: api}, nil
}

// Put takes a message, and publishes those before it once they make a request.
// The payload must not change until Flush. Where it fails, the message was not
// taken.
func (w *Writer) Put(ctx context.Context, payload []byte) error {
	if len(w.waiting) > 0 && (len(w.waiting) >= maxMessages || w.size+len(payload) > maxPublish) {
		if err := w.Flush(ctx); err != nil {
			return err
		}
	}
	w.waiting = append(w.waiting, &pubsubpb.PubsubMessage{Data: payload})
	w.size += len(payload)
	return nil
}

// Flush publishes all messages that were taken. Where it fails, they stay, for
// another try.
func (w *Writer) Flush(ctx context.Context) error {
	if len(w.waiting) == 0 {
		return nil
	}
	_, err := w.api.Publish(ctx, &pubsubpb.PublishRequest{Topic: w.topic.path(), Messages: w.waiting})
	if err != nil {
		return w.topic.explain(err)
	}
	w.waiting, w.size = nil, 0
	return nil
}

// Close closes the writer. What was not published is given up.
func (w *Writer) Close() error { return w.api.Close() }

// Check reports in one line why the topic can't be written to, if it can't. Google has no
// request that asks just that: it looks for the topic, and lets pass where the
// account may publish, but not look.
func (t Topic) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	api, err := t.open(ctx)
	if err != nil {
		return err
	}
	defer api.Close()
	api.CallOptions.GetTopic = nil // it is not tried again
	_, err = api.GetTopic(ctx, &pubsubpb.GetTopicRequest{Topic: t.path()})
	if err == nil || status.Code(err) == codes.PermissionDenied {
		return nil
	}
	return t.explain(err)
}

func (t Topic) explain(err error) error {
	gcloud := fmt.Sprintf("%s --project %s", t.Topic, t.Project)
	return explain(err, t.path(), map[codes.Code]string{
		codes.NotFound: "is not there; create it: gcloud pubsub topics create " + gcloud,
		codes.PermissionDenied: "may not be written to; grant roles/pubsub.publisher: gcloud pubsub topics " +
			"add-iam-policy-binding " + gcloud + " --role roles/pubsub.publisher --member ACCOUNT",
	})
}
