package pubsub

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"adtoorder/io/progress"
	"adtoorder/io/record"
	"adtoorder/io/unbounded"
	"adtoorder/io/unbounded/pubsub/pubsubtest"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// connect opens a client of the subscription clicks.
func connect(t *testing.T, server *pubsubtest.Server) *client {
	t.Helper()
	s, err := Parse(server.URI("clicks"))
	require.NoError(t, err)
	c, err := s.Connect(t.Context())
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c.(*client)
}

func read(t *testing.T, c *client, position string) unbounded.Batch {
	t.Helper()
	b, err := c.Read(t.Context(), partition, position)
	require.NoError(t, err)
	return b
}

// eventually waits for a condition.
func eventually(t *testing.T, condition func() bool, message string) {
	t.Helper()
	require.Eventually(t, condition, 20*time.Second, 10*time.Millisecond, message)
}

func payloads(b unbounded.Batch) (all []string) {
	for _, r := range b.Records {
		all = append(all, string(r.Payload))
	}
	return all
}

func TestReadRecords(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks"})
	c := connect(t, server)
	long := strings.Repeat("x", record.MaxSize+1)
	short := server.Publish("clicks", []byte("hello"), start)
	cut := server.Publish("clicks", []byte(long), start.Add(time.Millisecond))
	b := read(t, c, "")
	assert.ElementsMatch(t, []record.Record{
		{Payload: []byte("hello"), Size: 5, Source: "pubsub:shop/clicks", Time: start.UnixMilli(),
			Offset: start.UnixMilli(), Sequence: short, Repeats: true},
		{Payload: []byte(long[:record.MaxKept]), Size: record.MaxSize + 1, Source: "pubsub:shop/clicks",
			Time: start.UnixMilli() + 1, Offset: start.UnixMilli() + 1, Sequence: cut, Repeats: true},
	}, b.Records)
	begins := &unbounded.Backlog{Delay: unbounded.UnknownDelay}
	assert.Equal(t, unbounded.Batch{Records: b.Records, Next: "2", More: true, Backlog: begins}, b)
	assert.Equal(t, unbounded.Batch{Next: "2", Backlog: begins}, read(t, c, b.Next))

	listed, err := c.Partitions(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []unbounded.Partition{{Name: "0"}}, listed)
	position, err := c.Start(t.Context(), "0")
	require.NoError(t, err)
	assert.Empty(t, position)
}

func TestBatchesAreBounded(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks"})
	c := connect(t, server)
	for i := range batch + 1 {
		server.Publish("clicks", fmt.Append(nil, i), start)
	}
	b := read(t, c, "")
	assert.Len(t, b.Records, batch)
	b = read(t, c, b.Next)
	assert.Len(t, b.Records, 1)
	for range 20 { // 20 MiB
		server.Publish("clicks", bytes.Repeat([]byte("x"), 1<<20), start)
	}
	b = read(t, c, b.Next)
	assert.Len(t, b.Records, 20, "that they are so large is not known before")
	for range 20 {
		server.Publish("clicks", bytes.Repeat([]byte("x"), 1<<20), start)
	}
	b = read(t, c, b.Next)
	assert.Len(t, b.Records, batchBytes>>20)
}

func TestAnEmptySubscriptionIsConfirmedAfterAWhile(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks"})
	c := connect(t, server)
	began := time.Now()
	assert.Zero(t, read(t, c, "").End)
	c.emptied = c.emptied.Add(-emptyTime)
	end := read(t, c, "").End
	assert.WithinRange(t, end, began, time.Now())
	server.Publish("clicks", []byte("a"), start)
	assert.Zero(t, read(t, c, "").End)
	assert.Zero(t, read(t, c, "1").End)
}

// What a reader looks back at follows its pulls, from its first one on.
func TestABatchTellsOfThoseBefore(t *testing.T) {
	lookBack(t, 200*time.Millisecond)
	server := pubsubtest.Start(t, []string{"clicks"})
	c := connect(t, server)
	old := time.Now().Add(-time.Hour)
	server.Publish("clicks", []byte("a"), old)
	b := read(t, c, "")
	assert.Equal(t, &unbounded.Backlog{Delay: unbounded.UnknownDelay}, b.Backlog)
	eventually(t, func() bool { b = read(t, c, "1"); return b.Backlog.Delay == 0 }, "the first message is long ago")
	server.Publish("clicks", []byte("b"), time.Now())
	server.Publish("clicks", []byte("c"), old)
	b = read(t, c, "1")
	assert.Equal(t, old.UnixMilli(), b.Backlog.Oldest)
	assert.InDelta(t, time.Hour, b.Backlog.Delay, float64(10*time.Second))
	assert.Equal(t, b.Backlog, read(t, c, b.Next).Backlog, "nor does an empty answer change it")
	assert.Equal(t, unbounded.UnknownDelay, read(t, c, "7").Backlog.Delay, "another worker has read meanwhile")
}

// lookBack has readers look back for so long.
func lookBack(t *testing.T, lately time.Duration) {
	before := BacklogSpan
	BacklogSpan = lately
	t.Cleanup(func() { BacklogSpan = before })
}

func TestAFailedPullConfirmsNothing(t *testing.T) {
	failing := false
	server := pubsubtest.Start(t, []string{"clicks"}, react("Pull", func(any) error {
		if failing {
			return status.Error(codes.Internal, "oh")
		}
		return nil
	}))
	c := connect(t, server)
	c.api.CallOptions.Pull = nil
	read(t, c, "")
	c.emptied = c.emptied.Add(-emptyTime)
	failing = true
	_, err := c.Read(t.Context(), partition, "")
	assert.ErrorContains(t, err, "pulling from subscription projects/shop/subscriptions/clicks: ")
	assert.ErrorContains(t, err, "oh")
	failing = false
	assert.Zero(t, read(t, c, "").End)
}

// react has a function answer requests with errors.
func react(call string, answer func(any) error) pstest.ServerReactorOption {
	return pstest.ServerReactorOption{FuncName: call, Reactor: reactor(answer)}
}

type reactor func(any) error

// React implements pstest.Reactor.
func (r reactor) React(request any) (handled bool, answer any, err error) {
	err = r(request)
	return err != nil, nil, err
}

func TestNothingIsPulledWhileTooMuchIsHeld(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks"})
	c := connect(t, server)
	for i := range 3 {
		server.Publish("clicks", fmt.Append(nil, i), start)
	}
	c.leases.begun = true
	c.emptied = time.Now().Add(-time.Hour)
	position := c.leases.take(make([]string, maxLeased-1), time.Now())
	b := read(t, c, position)
	assert.Len(t, b.Records, 1)
	full := unbounded.Batch{Next: b.Next}
	assert.Equal(t, full, read(t, c, b.Next), "nor is the subscription taken to be empty")
	c.leases.finalized(position)
	c.leases.pending(false)
	assert.Len(t, read(t, c, b.Next).Records, 2)
	c.leases.all()
}

func TestMessagesAreAcknowledgedWhenHeld(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks"})
	c := connect(t, server)
	server.Publish("clicks", []byte("a"), start)
	first := read(t, c, "")
	server.Publish("clicks", []byte("b"), start)
	second := read(t, c, first.Next)
	require.Len(t, second.Records, 1)
	assert.Len(t, server.Unacked("clicks"), 2)
	c.Finalized(partition, first.Next)
	eventually(t, func() bool { return len(server.Unacked("clicks")) == 1 }, "a is acknowledged")
	assert.Equal(t, []string{"b"}, server.Unacked("clicks"))
	c.Finalized(partition, second.Next)
	eventually(t, func() bool { return len(server.Unacked("clicks")) == 0 }, "b is, too")
	for _, d := range server.Delivered("clicks") {
		assert.Equal(t, 1, server.Acked(d.AckID))
	}
}

// The runner goes back: what was read behind comes again at once.
func TestGoingBackReadsAgain(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks"})
	c := connect(t, server)
	server.Publish("clicks", []byte("a"), start)
	first := read(t, c, "")
	server.Publish("clicks", []byte("b"), start)
	second := read(t, c, first.Next)
	again := read(t, c, first.Next)
	assert.Equal(t, payloads(second), payloads(again))
	assert.Equal(t, second.Records[0].Sequence, again.Records[0].Sequence)
	c.Finalized(partition, second.Next) // heard late
	c.Finalized(partition, again.Next)
	eventually(t, func() bool { return len(server.Unacked("clicks")) == 0 }, "both are acknowledged")
	assert.Zero(t, server.Acked(server.Delivered("clicks")[1].AckID), "the delivery that was given up")
}

func TestDeadlinesAreExtended(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks"})
	c := connect(t, server)
	server.Publish("clicks", []byte("a"), start)
	read(t, c, "")
	id := server.Delivered("clicks")[0].AckID
	c.extend(t.Context())
	assert.Empty(t, server.Deadlines(id))
	c.leases.Lock()
	c.leases.batches[0].until = time.Now().Add(leaseTime / 2)
	c.leases.Unlock()
	eventually(t, func() bool {
		c.leases.Lock()
		defer c.leases.Unlock()
		return time.Until(c.leases.batches[0].until) > leaseExtension/2
	}, "the keeper extends it")
	c.extend(t.Context())
	assert.Equal(t, []int32{60}, server.Deadlines(id), "once for a minute")
}

func TestAFailedAcknowledgementIsTriedAgain(t *testing.T) {
	problems := make(chan string, 100)
	progress.OnProblem(func(text string) { problems <- text })
	defer progress.OnProblem(func(string) {})
	failures := 2
	server := pubsubtest.Start(t, []string{"clicks"}, react("Acknowledge", func(any) error {
		if failures--; failures >= 0 {
			return status.Error(codes.PermissionDenied, "not you")
		}
		return nil
	}))
	c := connect(t, server)
	server.Publish("clicks", []byte("a"), start)
	c.Finalized(partition, read(t, c, "").Next)
	eventually(t, func() bool { return len(server.Unacked("clicks")) == 0 }, "it is acknowledged")
	require.Len(t, problems, 2)
	text := <-problems
	assert.Contains(t, text, "acknowledging 1 messages of "+server.URI("clicks")+": ")
	assert.Contains(t, text, "not you; trying again in 1s")
	assert.Contains(t, <-problems, "trying again in 2s")
}

// One acknowledgement that can't succeed holds up no other, and is told of once.
func TestARefusedAcknowledgementIsGivenUp(t *testing.T) {
	problems := make(chan string, 100)
	progress.OnProblem(func(text string) { problems <- text })
	defer progress.OnProblem(func(string) {})
	var bad []string
	server := pubsubtest.Start(t, []string{"clicks"}, react("Acknowledge", func(req any) error {
		for _, id := range req.(*pubsubpb.AcknowledgeRequest).AckIds {
			if slices.Contains(bad, id) {
				return ofEach(t, codes.FailedPrecondition, map[string]string{id: "PERMANENT_FAILURE_INVALID_ACK_ID"})
			}
		}
		return nil
	}))
	c := connect(t, server)
	position := ""
	for i := range 4 {
		server.Publish("clicks", []byte{'a' + byte(i)}, start)
		b := read(t, c, position)
		if position = b.Next; i%2 == 0 {
			d := server.Delivered("clicks")
			bad = append(bad, d[len(d)-1].AckID)
		}
	}
	c.Finalized(partition, position)
	eventually(t, func() bool { return len(server.Unacked("clicks")) == 2 }, "the others are acknowledged")
	assert.Equal(t, []string{"a", "c"}, server.Unacked("clicks"))
	require.NotEmpty(t, problems)
	assert.Contains(t, <-problems, "Pub/Sub no longer takes acknowledgements of 1 messages")
	for len(problems) > 0 {
		assert.NotContains(t, <-problems, "no longer takes", "once")
	}
}

// The reader has moved to another worker: what it has read comes again there.
func TestAClientThatNoOneReadsGivesBack(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks"})
	c := connect(t, server)
	server.Publish("clicks", []byte("a"), start)
	read(t, c, "")
	other := connect(t, server)
	assert.Empty(t, read(t, other, "").Records)
	c.leases.Lock()
	c.leases.read = time.Now().Add(-readerAbsence)
	c.leases.Unlock()
	eventually(t, func() bool { return len(read(t, other, "").Records) == 1 }, "before its deadline")
	assert.Equal(t, []int32{0}, server.Deadlines(server.Delivered("clicks")[0].AckID))
}

func TestCloseAcknowledgesWhatIsHeldAndGivesBackTheRest(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks"})
	s, err := Parse(server.URI("clicks"))
	require.NoError(t, err)
	opened, err := s.Connect(t.Context())
	require.NoError(t, err)
	c := opened.(*client)
	server.Publish("clicks", []byte("a"), start)
	first := read(t, c, "")
	server.Publish("clicks", []byte("b"), start)
	read(t, c, first.Next)
	c.Finalized(partition, first.Next)
	c.Close()
	assert.Equal(t, []string{"b"}, server.Unacked("clicks"))
	assert.Equal(t, []string{"b"}, payloads(read(t, connect(t, server), "")), "at once")
}

func TestConnectOutlivesTheBundle(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks"})
	s, err := Parse(server.URI("clicks"))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	opened, err := s.Connect(ctx)
	require.NoError(t, err)
	defer opened.Close()
	cancel()
	server.Publish("clicks", []byte("a"), start)
	c := opened.(*client)
	c.Finalized(partition, read(t, c, "").Next)
	eventually(t, func() bool { return len(server.Unacked("clicks")) == 0 }, "it is acknowledged")
}

var _ unbounded.Acknowledger = (*client)(nil)
