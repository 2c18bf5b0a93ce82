package kafka

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Writer writes messages to a topic.
type Writer struct {
	kafka *kgo.Client
	topic string

	lock   sync.Mutex
	failed error // the first that could not be written
}

// NewWriter opens a writer.
func NewWriter(s Source) (*Writer, error) {
	options, err := s.options()
	if err != nil {
		return nil, err
	}
	kafka, err := kgo.NewClient(append(options, kgo.DefaultProduceTopic(s.Topic),
		kgo.ProducerLinger(20*time.Millisecond), kgo.UnknownTopicRetries(1))...)
	if err != nil {
		return nil, fmt.Errorf("opening a writer of %v: %w", s, err)
	}
	return &Writer{kafka: kafka, topic: s.Topic}, nil
}

// deliveryTimeout is how long a message may take. The client's own limit would count
// from the message's time, which may be long ago.
const deliveryTimeout = time.Minute

// Put writes a message with a time, which a topic that sets its own ignores.
// Messages with one key go to one partition, those with "" to any. The payload
// must not change until Flush. Its error may be that of an earlier message.
func (w *Writer) Put(ctx context.Context, key string, payload []byte, at time.Time) error {
	message := &kgo.Record{Value: payload, Timestamp: at}
	if key != "" {
		message.Key = []byte(key)
	}
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	w.kafka.Produce(ctx, message, func(_ *kgo.Record, err error) {
		cancel()
		if err != nil {
			w.lock.Lock()
			defer w.lock.Unlock()
			if w.failed == nil {
				w.failed = fmt.Errorf("writing to topic %s: %w", w.topic, err)
			}
		}
	})
	return w.err()
}

func (w *Writer) err() error {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.failed
}

// Flush waits until all messages are written.
func (w *Writer) Flush(ctx context.Context) error {
	if err := w.kafka.Flush(ctx); err != nil {
		return fmt.Errorf("writing to topic %s: %w", w.topic, err)
	}
	return w.err()
}

// Close closes the writer, after a Flush.
func (w *Writer) Close() { w.kafka.Close() }
