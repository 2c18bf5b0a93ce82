package publish

import (
	"bytes"
	"context"
	"time"

	"adtoorder/io/kinesisio"
	"adtoorder/pipelines/generate/traffic"
)

// Kinesis is a stream. Records have the user as partition key; their time is
// when Kinesis gets them.
type Kinesis struct{ kinesisio.Source }

func (k Kinesis) check(ctx context.Context) error { return k.Check(ctx) }

func (k Kinesis) open(ctx context.Context, _ Plan) (sink, error) {
	w, err := kinesisio.NewWriter(ctx, k.Source)
	if err != nil {
		return nil, err
	}
	return &kinesisSink{writer: w}, nil
}

// flushEvery is how often what has gathered is written, at most.
const flushEvery = 200 * time.Millisecond

type kinesisSink struct {
	writer  *kinesisio.Writer
	flushed time.Time
}

func (s *kinesisSink) put(ctx context.Context, r traffic.Record) error {
	return s.writer.Put(ctx, key(r), bytes.Clone(r.Payload))
}

func (s *kinesisSink) reach(ctx context.Context, now time.Time) error {
	if now.Sub(s.flushed) < flushEvery {
		return nil
	}
	s.flushed = now
	return s.writer.Flush(ctx)
}

func (s *kinesisSink) finish(ctx context.Context) error { return s.writer.Flush(ctx) }

// close leaves nothing open: the writer holds no connection of its own.
func (s *kinesisSink) close() error { return nil }
