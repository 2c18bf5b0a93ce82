package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"adtoorder/io/unbounded/kafka"
	"adtoorder/pipelines/generate/traffic"

	"github.com/twmb/franz-go/pkg/kerr"
)

// Kafka is a topic. Messages have the user as key, and the arrival as time.
type Kafka struct{ kafka.Source }

func (k Kafka) check(ctx context.Context) error {
	err := k.Check(ctx)
	if errors.Is(err, kerr.UnknownTopicOrPartition) {
		return fmt.Errorf("the topic has to be created first: %w", err)
	}
	return err
}

func (k Kafka) open(context.Context, Plan) (sink, error) {
	w, err := kafka.NewWriter(k.Source)
	if err != nil {
		return nil, err
	}
	return kafkaSink{w}, nil
}

// kafkaSink relies on the writer to send in time.
type kafkaSink struct{ writer *kafka.Writer }

func (s kafkaSink) put(ctx context.Context, r traffic.Record) error {
	return s.writer.Put(ctx, key(r), bytes.Clone(r.Payload), r.Time)
}

// key has a user's records come one after another.
func key(r traffic.Record) string { return "U" + strconv.Itoa(r.User) }

func (s kafkaSink) reach(context.Context, time.Time) error { return nil }

func (s kafkaSink) finish(ctx context.Context) error { return s.writer.Flush(ctx) }

func (s kafkaSink) close() error {
	s.writer.Close()
	return nil
}
