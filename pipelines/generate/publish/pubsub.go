package publish

import (
	"bytes"
	"context"

	"adtoorder/io/unbounded/pubsub"
	"adtoorder/pipelines/generate/traffic"
)

// PubSub is a topic. The time of a message is when Pub/Sub gets it.
type PubSub struct{ pubsub.Topic }

func (p PubSub) check(ctx context.Context) error { return p.Check(ctx) }

func (p PubSub) open(ctx context.Context, _ Plan) (sink, error) {
	w, err := pubsub.NewWriter(ctx, p.Topic)
	if err != nil {
		return nil, err
	}
	return &pubsubSink{w, gathering{flush: w.Flush}}, nil
}

type pubsubSink struct {
	writer *pubsub.Writer
	gathering
}

func (s *pubsubSink) put(ctx context.Context, r traffic.Record) error {
	return s.writer.Put(ctx, bytes.Clone(r.Payload))
}

func (s *pubsubSink) close() error { return s.writer.Close() }
