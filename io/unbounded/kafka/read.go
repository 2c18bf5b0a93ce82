package kafka

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"adtoorder/io/message"
	"adtoorder/io/record"
	"adtoorder/io/unbounded"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

func init() { unbounded.Register("kafka:", Scheme, Parse) }

const (
	// batch is how many records are read at a time.
	batch = 5_000
	// requestTimeout is how long a request is tried before it counts as failed.
	requestTimeout = 5 * time.Second
)

// client reads a topic's partitions. Positions are offsets.
type client struct {
	topic     string
	start     int64
	kafka     *kgo.Client
	admin     *kadm.Client
	fetched   map[int32][]*kgo.Record // read, but not yet handed out
	failed    map[int32]error         // why partitions could not be fetched, not yet told
	positions map[int32]int64         // of what comes next; -1 for the partition's beginning
	ends      map[int32]int64         // offsets behind the last record, at the last listing
	starts    map[int32]int64         // offsets of the oldest record, where they were looked for
	behind    bool                    // a partition gave nothing before its end
	messages  message.Splitter
	registry  *registry // nil where none is given
	listed    time.Time
}

// Connect opens a client. It reads committed records only. Where a broker has lost
// what was read of a partition, Read returns an error, and then the partition's
// last minute again.
func (s Source) Connect(context.Context) (unbounded.Client, error) {
	options, err := s.options()
	if err != nil {
		return nil, err
	}
	kafka, err := kgo.NewClient(append(options,
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(), // the end of a transaction has an offset, too
		kgo.FetchMaxBytes(16<<20), kgo.FetchMaxPartitionBytes(4<<20),
		kgo.FetchMaxWait(500*time.Millisecond),
		kgo.RetryTimeout(requestTimeout), kgo.RequestRetries(5))...)
	if err != nil {
		return nil, fmt.Errorf("opening a client of %v: %w", s, err)
	}
	admin := kadm.NewClient(kafka)
	// its connection hangs as long, behind a broker that does
	admin.SetTimeoutMillis(int32(requestTimeout.Milliseconds()))
	schemas, err := openRegistry(s.Registry)
	if err != nil {
		kafka.Close()
		return nil, err
	}
	return &client{topic: s.Topic, start: s.StartMillis, kafka: kafka, admin: admin, registry: schemas,
		fetched: map[int32][]*kgo.Record{}, failed: map[int32]error{}, positions: map[int32]int64{}}, nil
}

// Close implements unbounded.Client.
func (c *client) Close() { c.kafka.CloseAllowingRebalance() }

// Read implements unbounded.Client.
func (c *client) Read(ctx context.Context, partition, position string) (unbounded.Batch, error) {
	p, err := number(partition)
	if err != nil {
		return unbounded.Batch{}, err
	}
	if err := c.seek(p, position); err != nil {
		return unbounded.Batch{}, err
	}
	if len(c.fetched[p]) == 0 && c.kept() < 4*batch {
		c.poll(p)
	}
	if err := c.failed[p]; err != nil {
		delete(c.failed, p)
		return unbounded.Batch{}, err
	}
	b := unbounded.Batch{Next: position}
	taken, err := c.take(ctx, &b, c.fetched[p][:min(batch, len(c.fetched[p]))])
	if err != nil && taken == 0 {
		return unbounded.Batch{}, err
	}
	if taken > 0 {
		c.positions[p] = c.fetched[p][taken-1].Offset + 1
		b.Next = strconv.FormatInt(c.positions[p], 10)
	}
	c.fetched[p] = c.fetched[p][taken:]
	b.More = taken == batch || len(c.fetched[p]) > 0
	if end, known := c.ends[p]; taken == 0 && known {
		if max(c.positions[p], c.starts[p]) >= end {
			b.End = c.listed
		} else {
			c.behind = true
		}
	}
	return b, nil
}

// take puts the records of messages into a batch, and returns of how many: up to one whose
// schema can't be asked for now. A message without a payload (a tombstone) has none.
func (c *client) take(ctx context.Context, b *unbounded.Batch, messages []*kgo.Record) (int, error) {
	c.messages.Reset()
	for i, r := range messages {
		if c.messages.Full() {
			return i, nil
		}
		if r.Attrs.IsControl() || r.Value == nil {
			continue
		}
		m := c.record(r)
		if isFramed(m.Payload) {
			if err := c.registry.decode(ctx, &m); err != nil {
				return i, err
			}
		}
		b.Records = c.messages.Split(b.Records, m)
	}
	return len(messages), nil
}

// record converts a message.
func (c *client) record(r *kgo.Record) record.Record {
	out := record.Record{
		Payload: r.Value, Size: int64(len(r.Value)), Time: r.Timestamp.UnixMilli(),
		Source: fmt.Sprintf("kafka:%s/%d", r.Topic, r.Partition), Offset: r.Offset,
		Counted: true,
	}
	if out.Time <= 0 { // from a producer without timestamps
		out.Time = time.Now().UnixMilli()
	}
	return out
}

// seek has the partition fetched from a position, unless it is already.
func (c *client) seek(p int32, position string) error {
	at, want := kgo.NewOffset().AtStart(), int64(-1)
	if position != "" {
		offset, err := strconv.ParseInt(position, 10, 64)
		if err != nil {
			return fmt.Errorf("position %q is no offset", position)
		}
		at, want = kgo.NewOffset().At(offset), offset
	}
	if now, ok := c.positions[p]; ok && now == want {
		return nil
	} else if ok {
		c.kafka.RemoveConsumePartitions(map[string][]int32{c.topic: {p}})
	}
	c.kafka.AddConsumePartitions(map[string]map[int32]kgo.Offset{c.topic: {p: at}})
	c.positions[p], c.fetched[p] = want, nil
	delete(c.failed, p)
	return nil
}

// poll takes what was fetched of all partitions by now, and why some could not be.
// What concerns none of them in particular is told of the one that is read.
func (c *client) poll(reading int32) {
	//lint:ignore SA1012 nil says not to wait
	fetches := c.kafka.PollRecords(nil, 4*batch)
	fetches.EachRecord(func(r *kgo.Record) {
		c.fetched[r.Partition] = append(c.fetched[r.Partition], r)
	})
	fetches.EachError(func(topic string, p int32, err error) {
		if topic == "" || p < 0 { // of the client, or of the topic
			p = reading
		}
		c.failed[p] = fmt.Errorf("fetching partition %d: %w", p, err)
	})
}

// kept returns how many records were fetched and not yet handed out. A partition
// that has none must not have those of others pile up.
func (c *client) kept() (n int) {
	for _, records := range c.fetched {
		n += len(records)
	}
	return n
}
