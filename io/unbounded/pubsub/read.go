package pubsub

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"adtoorder/io/message"
	"adtoorder/io/progress"
	"adtoorder/io/record"
	"adtoorder/io/unbounded"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
)

func init() { unbounded.Register("pubsub:", Scheme, Parse) }

const (
	// batch is how many messages are pulled at a time, at most. It is Google's limit.
	batch = 1000
	// batchBytes is what they should hold together. A request can't say so, but ask
	// for fewer messages.
	batchBytes = 16 << 20
	// emptyTime is for how long all answers must be empty until the subscription is
	// taken to be.
	emptyTime = 3 * time.Second
)

// client reads a subscription. It has one partition; a position there is the
// number of the last message that was read, counted by the job. Messages are
// pulled one request at a time, since a stream of them would flow by itself.
type client struct {
	source Source
	api    *pubsub.SubscriptionAdminClient
	leases *leases
	// when the first of the last answers in a row that were empty was asked for; zero where the
	// last was not
	emptied time.Time
	size    int // of a message of the last answer, in bytes, on average
	backlog backlog
	split   message.Splitter

	quit    context.CancelFunc
	kept    sync.WaitGroup
	refused sync.Once // to be told of
}

// Connect opens a client.
func (s Source) Connect(ctx context.Context) (unbounded.Client, error) {
	api, err := s.open(context.WithoutCancel(ctx)) // it outlives the bundle
	if err != nil {
		return nil, err
	}
	keeping, quit := context.WithCancel(context.Background())
	c := &client{source: s, api: api, leases: newLeases(), quit: quit}
	c.kept.Go(func() { c.keep(keeping) })
	return c, nil
}

// partition is the only one of a subscription.
const partition = "0"

// Partitions implements unbounded.Client.
func (c *client) Partitions(context.Context) ([]unbounded.Partition, error) {
	return []unbounded.Partition{{Name: partition}}, nil
}

// Start implements unbounded.Client. The subscription says what comes first.
func (c *client) Start(context.Context, string) (position string, err error) { return "", nil }

// Read implements unbounded.Client. Where the runner goes back, the subscription is
// told to give again what was read behind that position. While too many messages
// wait to be acknowledged, Read returns none.
func (c *client) Read(ctx context.Context, _, position string) (unbounded.Batch, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	again, goesOn, err := c.leases.rewind(position, time.Now())
	if err != nil {
		return unbounded.Batch{}, err
	}
	if !goesOn {
		c.backlog = backlog{}
	}
	c.giveBack(ctx, again)
	b := unbounded.Batch{Next: position}
	room := c.leases.room()
	if room == 0 {
		c.emptied = time.Time{}
		return b, nil
	}
	asked := time.Now()
	out, err := c.api.Pull(ctx, &pubsubpb.PullRequest{Subscription: c.source.path(),
		MaxMessages: int32(min(room, c.ask())),
		//lint:ignore SA1019 a pull that waits would hold up the bundle
		ReturnImmediately: true})
	if err != nil {
		c.emptied = time.Time{}
		return unbounded.Batch{}, fmt.Errorf("pulling from subscription %s: %w", c.source.path(), err)
	}
	if len(out.ReceivedMessages) == 0 {
		c.backlog.pulled(asked, 0)
		b.Backlog = c.backlog.get()
		if c.emptied.IsZero() {
			c.emptied = asked
		}
		if asked.Sub(c.emptied) >= emptyTime {
			b.End = asked
		}
		return b, nil
	}
	c.emptied = time.Time{}
	c.giveBack(ctx, c.take(&b, out.ReceivedMessages, asked))
	return b, nil
}

// take puts the records of messages into a batch. It returns the ids of those that hold
// too much for one.
func (c *client) take(b *unbounded.Batch, messages []*pubsubpb.ReceivedMessage, asked time.Time) (tooMuch []string) {
	var ids []string
	var size int
	oldest := int64(math.MaxInt64)
	c.split.Reset()
	for _, m := range messages {
		if c.split.Full() {
			tooMuch = append(tooMuch, m.AckId)
			continue
		}
		r := c.record(m.Message)
		ids, b.Records = append(ids, m.AckId), c.split.Split(b.Records, r)
		size += len(m.Message.GetData())
		oldest = min(oldest, r.Time)
	}
	c.size = size / len(ids)
	c.backlog.pulled(time.Now(), oldest)
	b.Backlog = c.backlog.get()
	b.Next, b.More = c.leases.take(ids, asked), true
	return tooMuch
}

// ask is how many messages to ask for.
func (c *client) ask() int { return min(batch, max(1, batchBytes/max(1, c.size))) }

func (c *client) record(m *pubsubpb.PubsubMessage) record.Record {
	published := time.Now().UnixMilli()
	if m.GetPublishTime() != nil {
		published = m.PublishTime.AsTime().UnixMilli()
	}
	return record.Record{
		Payload: m.GetData(), Size: int64(len(m.GetData())), Time: published, Offset: published,
		Source: "pubsub:" + c.source.Project + "/" + c.source.Subscription, Sequence: m.GetMessageId(), Repeats: true,
	}
}

// Finalized implements unbounded.Acknowledger.
func (c *client) Finalized(_, position string) { c.leases.finalized(position) }

// Close acknowledges what the runner holds, and gives back the rest.
func (c *client) Close() {
	c.quit()
	c.kept.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	if err := c.acknowledge(ctx, true); err != nil {
		progress.Problem(ctx, err.Error()+"; they come again, and count as duplicates where "+
			"their windows are still open")
	}
	c.giveBack(ctx, c.leases.all())
	c.api.Close()
}
