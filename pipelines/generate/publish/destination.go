package publish

import (
	"context"
	"errors"
	"strings"
	"time"

	"adtoorder/io/unbounded/kafka"
	"adtoorder/io/unbounded/kinesis"
	"adtoorder/io/unbounded/pubsub"
	"adtoorder/pipelines/generate/traffic"
)

// Usage says what a destination looks like.
const Usage = "kafka://HOST:PORT/TOPIC, kinesis://STREAM?region=REGION, pubsub://PROJECT/TOPIC, folder:DIR, " +
	"watch:DIR or watch:DIR/GLOB"

// Destination is where a stream is published: Kafka, Kinesis, PubSub or Folder.
type Destination interface {
	// String names it in messages, without secrets.
	String() string
	// check tells in a line whether it can be written to.
	check(context.Context) error
	open(context.Context, Plan) (sink, error)
}

// sink takes the records of one stream, in order of arrival.
type sink interface {
	// put takes a record, whose payload changes afterwards. Its error may be that
	// of an earlier record.
	put(context.Context, traffic.Record) error
	// reach says that it is now, and that all earlier records were put.
	reach(ctx context.Context, now time.Time) error
	// finish returns when all records are written. It is the last but close.
	finish(context.Context) error
	// close gives up what was not written.
	close() error
}

// IsDestination reports whether a text is meant as a destination, not as a number.
func IsDestination(text string) bool { return strings.Contains(text, ":") }

// Parse reads the destination of a stream. A folder gets a file each so often,
// unless a watched one says how often itself.
func Parse(stream, text string, every time.Duration) (Destination, error) {
	scheme, rest, _ := strings.Cut(text, ":")
	switch scheme {
	case "kafka":
		s, err := kafka.Parse(text)
		return Kafka{s}, err
	case "kinesis":
		s, err := kinesis.Parse(text)
		return Kinesis{s}, err
	case "pubsub":
		t, err := pubsub.ParseTopic(text)
		return PubSub{t}, err
	case "folder":
		return parseFolder(stream, rest, every)
	case "watch":
		return parseWatched(stream, text, every)
	}
	return nil, errors.New("must be " + Usage)
}
