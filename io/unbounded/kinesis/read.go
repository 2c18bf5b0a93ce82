package kinesis

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"adtoorder/io/message"
	"adtoorder/io/progress"
	"adtoorder/io/record"
	"adtoorder/io/unbounded"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

func init() { unbounded.Register("kinesis:", Scheme, Parse) }

const (
	// batch is how many records are read at a time, at most. It is AWS's limit.
	batch = 10_000
	// pollInterval is how often a shard is read, at most. AWS allows five times a second,
	// to all readers together.
	pollInterval = 250 * time.Millisecond
)

// reader is what is used of the SDK's client to read.
type reader interface {
	ListShards(context.Context, *kinesis.ListShardsInput, ...func(*kinesis.Options)) (*kinesis.ListShardsOutput, error)
	GetShardIterator(context.Context, *kinesis.GetShardIteratorInput,
		...func(*kinesis.Options)) (*kinesis.GetShardIteratorOutput, error)
	GetRecords(context.Context, *kinesis.GetRecordsInput, ...func(*kinesis.Options)) (*kinesis.GetRecordsOutput, error)
}

// client reads a stream's shards. A position is the sequence number of the last
// record that was read, "@" and an arrival time in milliseconds since the Unix
// epoch, or "" for the oldest record.
type client struct {
	stream string
	start  int64 // as Source.StartMillis
	api    reader
	shards map[string]*shard
	listed map[string]bool // by the last listing; nil before the first
	split  message.Splitter
}

// shard is how a shard is being read.
type shard struct {
	iterator  *string // nil where none is open
	position  string  // that the iterator stands at
	called    time.Time
	until     time.Time // it is not read before, since it was read too often
	throttled int       // times in a row
}

// Connect opens a client.
func (s Source) Connect(ctx context.Context) (unbounded.Client, error) {
	api, err := s.open(ctx, func(o *kinesis.Options) { o.Retryer = retryer() })
	if err != nil {
		return nil, err
	}
	return &client{stream: s.Stream, start: s.StartMillis, api: api, shards: map[string]*shard{}}, nil
}

// Close implements unbounded.Client. The SDK's client has nothing to close.
func (c *client) Close() {}

// Partitions implements unbounded.Client. Shards that were closed are among them for
// as long as they may hold records.
func (c *client) Partitions(ctx context.Context) (all []unbounded.Partition, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	for page := (&kinesis.ListShardsInput{StreamName: &c.stream}); ; {
		out, err := c.api.ListShards(ctx, page)
		if err != nil {
			return nil, fmt.Errorf("listing the shards of stream %s: %w", c.stream, err)
		}
		for _, s := range out.Shards {
			p := unbounded.Partition{Name: aws.ToString(s.ShardId)}
			for _, parent := range []*string{s.ParentShardId, s.AdjacentParentShardId} {
				if parent != nil {
					p.Parents = append(p.Parents, *parent)
				}
			}
			all = append(all, p)
		}
		if out.NextToken == nil {
			c.listed = map[string]bool{}
			for _, p := range all {
				c.listed[p.Name] = true
			}
			return all, nil
		}
		page = &kinesis.ListShardsInput{NextToken: out.NextToken} // which must stand alone
	}
}

// Start implements unbounded.Client.
func (c *client) Start(context.Context, string) (position string, err error) {
	if c.start == 0 {
		return "", nil
	}
	return "@" + strconv.FormatInt(c.start, 10), nil
}

// Read implements unbounded.Client. Of a shard that was read a moment ago, or too
// often, it returns nothing.
func (c *client) Read(ctx context.Context, partition, position string) (unbounded.Batch, error) {
	s := c.shards[partition]
	if s == nil {
		s = &shard{}
		c.shards[partition] = s
	}
	b := unbounded.Batch{Next: position}
	if now := time.Now(); now.Sub(s.called) < pollInterval || now.Before(s.until) {
		return b, nil
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	out, err := c.get(ctx, s, partition, position)
	switch {
	case throttled(err):
		s.until = time.Now().Add(backoff(s.throttled))
		s.throttled++
		return b, nil
	case c.isGone(partition, err):
		delete(c.shards, partition)
		progress.Problem(ctx, fmt.Sprintf("shard %s of stream %s is no longer there: its records behind position %q "+
			"have expired unread", partition, c.stream, position))
		b.Closed = true
		return b, nil
	case err != nil:
		s.iterator = nil // perhaps another one does better
		return unbounded.Batch{}, err
	}
	if taken := c.take(&b, partition, out.Records); taken < len(out.Records) {
		b.More, s.iterator, s.throttled = true, nil, 0 // the others are asked for again
		return b, nil
	}
	behind := aws.ToInt64(out.MillisBehindLatest) > 0
	if len(out.Records) == 0 && !behind {
		b.End = s.called
	}
	b.More = len(out.Records) > 0 && behind
	b.Closed = out.NextShardIterator == nil
	s.iterator, s.position, s.throttled = out.NextShardIterator, b.Next, 0
	if b.Closed {
		delete(c.shards, partition)
	}
	return b, nil
}

// take puts the records of messages into a batch, and returns of how many.
func (c *client) take(b *unbounded.Batch, partition string, messages []types.Record) int {
	c.split.Reset()
	for i := range messages {
		if c.split.Full() {
			return i
		}
		from := len(b.Records)
		b.Records = c.takeApart(b.Records, c.record(partition, &messages[i]))
		message.Number(b.Records[from:])
		b.Next = aws.ToString(messages[i].SequenceNumber)
	}
	return len(messages)
}

func (c *client) record(partition string, r *types.Record) record.Record {
	arrived := time.Now().UnixMilli()
	if r.ApproximateArrivalTimestamp != nil {
		arrived = r.ApproximateArrivalTimestamp.UnixMilli()
	}
	return record.Record{
		Payload: r.Data, Size: int64(len(r.Data)), Time: arrived, Offset: arrived,
		Source: "kinesis:" + c.stream + "/" + partition, Sequence: aws.ToString(r.SequenceNumber),
	}
}
