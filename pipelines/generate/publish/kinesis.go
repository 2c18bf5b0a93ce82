package publish

import (
	"bytes"
	"context"

	"adtoorder/io/unbounded/kinesis"
	"adtoorder/pipelines/generate/traffic"
)

// Kinesis is a stream. Records have the user as partition key; their time is
// when Kinesis gets them.
type Kinesis struct{ kinesis.Source }

func (k Kinesis) check(ctx context.Context) error { return k.Reach(ctx) }

func (k Kinesis) open(ctx context.Context, _ Plan) (sink, error) {
	w, err := kinesis.NewWriter(ctx, k.Source)
	if err != nil {
		return nil, err
	}
	return &kinesisSink{w, gathering{flush: w.Flush}}, nil
}

type kinesisSink struct {
	writer *kinesis.Writer
	gathering
}

func (s *kinesisSink) put(ctx context.Context, r traffic.Record) error {
	return s.writer.Put(ctx, key(r), bytes.Clone(r.Payload))
}

// close leaves nothing open: the writer holds no connection of its own.
func (s *kinesisSink) close() error { return nil }
