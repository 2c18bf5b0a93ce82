package kinesis

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

const (
	// maxRecords and maxBytes are what one request may write.
	maxRecords = 500
	maxBytes   = 4 << 20
	// maxTries is how often in a row a request may write nothing.
	maxTries = 8
)

// putter is what is used of the SDK's client to write.
type putter interface {
	PutRecords(context.Context, *kinesis.PutRecordsInput, ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error)
}

// Writer writes messages to a stream. One is written twice where an answer was
// lost, and messages may change places where the stream refused some of them.
// It is used by one goroutine at a time.
type Writer struct {
	api     putter
	stream  string
	waiting []types.PutRecordsRequestEntry
	size    int // of what is waiting, in bytes
}

// NewWriter opens a writer.
func NewWriter(ctx context.Context, s Source) (*Writer, error) {
	api, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	return &Writer{api: api, stream: s.Stream}, nil
}

// Put takes a message, and writes those before it once they make a request.
// Messages with one key, of 1 to 256 characters, go to one shard. The payload
// must not change until Flush. Where it fails, the message was not taken.
func (w *Writer) Put(ctx context.Context, key string, payload []byte) error {
	entry := types.PutRecordsRequestEntry{PartitionKey: &key, Data: payload}
	if len(w.waiting) > 0 && (len(w.waiting) >= maxRecords || w.size+size(entry) > maxBytes) {
		if err := w.Flush(ctx); err != nil {
			return err
		}
	}
	w.waiting = append(w.waiting, entry)
	w.size += size(entry)
	return nil
}

// Flush writes all messages that were taken. Where it fails, those that were not
// written stay, for another try.
func (w *Writer) Flush(ctx context.Context) error {
	for tries := 0; len(w.waiting) > 0; {
		before := len(w.waiting)
		why, err := w.send(ctx)
		if err != nil {
			return fmt.Errorf("writing to stream %s: %w", w.stream, err)
		}
		if len(w.waiting) < before {
			tries = 0
		} else {
			tries++
		}
		if tries == maxTries {
			return fmt.Errorf("writing to stream %s: %d messages were refused %d times: %s", w.stream, before,
				tries, why)
		}
		if len(w.waiting) > 0 {
			select {
			case <-ctx.Done():
				return fmt.Errorf("writing to stream %s: %w", w.stream, ctx.Err())
			case <-time.After(backoff(tries)):
			}
		}
	}
	return nil
}

// send makes one request of what is waiting, and keeps what was refused. It
// returns why one of them was.
func (w *Writer) send(ctx context.Context) (why string, err error) {
	out, err := w.api.PutRecords(ctx, &kinesis.PutRecordsInput{StreamName: &w.stream, Records: w.waiting})
	if err != nil {
		return "", err
	}
	if len(out.Records) != len(w.waiting) {
		return "", fmt.Errorf("%d messages have %d answers", len(w.waiting), len(out.Records))
	}
	var refused []types.PutRecordsRequestEntry
	w.size = 0
	for i, answer := range out.Records {
		if answer.ErrorCode != nil {
			refused = append(refused, w.waiting[i])
			w.size += size(w.waiting[i])
			why = *answer.ErrorCode + ": " + aws.ToString(answer.ErrorMessage)
		}
	}
	w.waiting = refused
	return why, nil
}

// size is what a message takes of a request, in bytes.
func size(entry types.PutRecordsRequestEntry) int {
	return len(*entry.PartitionKey) + len(entry.Data)
}

// Close writes all messages that were taken.
func (w *Writer) Close(ctx context.Context) error { return w.Flush(ctx) }
