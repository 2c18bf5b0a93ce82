// Package pubsubtest is Pub/Sub in this process, for tests: Google's own stand-in
// (pstest), with broker times as a test wants them, and what it did kept.
package pubsubtest

import (
	"context"
	"net"
	"path"
	"slices"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/iam/apiv1/iampb"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Project is the only one.
const Project = "shop"

const (
	// published is the attribute that holds the broker time of a message.
	published = "published"
	// original is the attribute that holds the id of the message that this one is,
	// given again.
	original = "original"
)

// Server is a stand-in. Every topic has a subscription of its name.
type Server struct {
	Address string // HOST:PORT
	t       testing.TB
	fake    *pstest.Server

	lock      sync.Mutex
	delivered map[string][]Delivery  // by subscription
	acked     map[string]int         // by ack id
	modified  map[string][]int32     // deadlines, by ack id
	granted   []string               // permissions
	seeks     map[string][]time.Time // by subscription
	onPull    func(name string, given []Delivery)
	calling   sync.Mutex // onPull
}

// Delivery is one delivery of a message.
type Delivery struct {
	ID, AckID string // of the message, of the delivery
	Payload   []byte
	Published time.Time
}

// Start starts a server, which ends with the test, with topics and subscriptions
// to them. Reactors answer in its place.
func Start(t testing.TB, topics []string, reactors ...pstest.ServerReactorOption) *Server {
	t.Helper()
	s := &Server{t: t, fake: pstest.NewServer(reactors...), delivered: map[string][]Delivery{}, acked: map[string]int{},
		modified: map[string][]int32{}, seeks: map[string][]time.Time{}}
	t.Cleanup(func() { s.fake.Close() })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer(grpc.MaxRecvMsgSize(10 << 20)) // Google takes as much
	t.Cleanup(server.Stop)
	pubsubpb.RegisterPublisherServer(server, &s.fake.GServer)
	pubsubpb.RegisterSubscriberServer(server, &subscriber{&s.fake.GServer, s})
	iampb.RegisterIAMPolicyServer(server, &policy{server: s})
	go server.Serve(listener)
	s.Address = listener.Addr().String()
	for _, name := range topics {
		_, err := s.fake.GServer.CreateTopic(t.Context(), &pubsubpb.Topic{Name: topic(name)})
		require.NoError(t, err)
		_, err = s.fake.GServer.CreateSubscription(t.Context(),
			&pubsubpb.Subscription{Name: subscription(name), Topic: topic(name), AckDeadlineSeconds: 10})
		require.NoError(t, err)
	}
	return s
}

func topic(name string) string        { return "projects/" + Project + "/topics/" + name }
func subscription(name string) string { return "projects/" + Project + "/subscriptions/" + name }

// URI returns that of a topic or a subscription.
func (s *Server) URI(name string) string {
	return "pubsub://" + Project + "/" + name + "?endpoint=" + s.Address
}

// Publish publishes a message at a broker time, and returns its id.
func (s *Server) Publish(name string, payload []byte, at time.Time) string {
	return s.fake.Publish(topic(name), payload, map[string]string{published: at.Format(time.RFC3339Nano)})
}

// OnPull has a function called with what a subscription has given, before the
// answer leaves, one at a time. It may call the server.
func (s *Server) OnPull(do func(name string, given []Delivery)) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.onPull = do
}

// Again has the subscription give an unacknowledged message again, as when its
// deadline has passed.
func (s *Server) Again(name, ackID string) {
	_, err := s.fake.GServer.ModifyAckDeadline(context.Background(),
		&pubsubpb.ModifyAckDeadlineRequest{Subscription: subscription(name), AckIds: []string{ackID}})
	require.NoError(s.t, err)
}

// Delivered returns the deliveries of a subscription, in order.
func (s *Server) Delivered(name string) []Delivery {
	s.lock.Lock()
	defer s.lock.Unlock()
	return slices.Clone(s.delivered[subscription(name)])
}

// Acked tells how often a delivery was acknowledged.
func (s *Server) Acked(ackID string) int {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.acked[ackID]
}

// Deadlines returns those that a delivery was given, in seconds; 0 for now.
func (s *Server) Deadlines(ackID string) []int32 {
	s.lock.Lock()
	defer s.lock.Unlock()
	return slices.Clone(s.modified[ackID])
}

// Unacked returns the payloads of the topic's messages that no one has
// acknowledged.
func (s *Server) Unacked(name string) (payloads []string) {
	for _, m := range s.fake.Messages() {
		if m.Acks == 0 && m.Topic == topic(name) {
			payloads = append(payloads, string(m.Data))
		}
	}
	return payloads
}

// AckedOf tells how many messages of a topic were acknowledged.
func (s *Server) AckedOf(name string) (n int) {
	for _, m := range s.fake.Messages() {
		if m.Acks > 0 && m.Topic == topic(name) {
			n++
		}
	}
	return n
}

// Messages returns all messages that were published to a topic, in order.
func (s *Server) Messages(name string) (all []*pstest.Message) {
	for _, m := range s.fake.Messages() {
		if m.Topic == topic(name) {
			all = append(all, m)
		}
	}
	return all
}

// subscriber sets broker times, and notes what is done.
type subscriber struct {
	*pstest.GServer
	server *Server
}

// Pull implements pubsubpb.SubscriberServer.
func (s *subscriber) Pull(ctx context.Context, req *pubsubpb.PullRequest) (*pubsubpb.PullResponse, error) {
	out, given, err := s.pull(ctx, req)
	if err != nil {
		return nil, err
	}
	s.server.lock.Lock()
	onPull := s.server.onPull
	s.server.lock.Unlock()
	if onPull != nil {
		s.server.calling.Lock()
		defer s.server.calling.Unlock()
		onPull(path.Base(req.Subscription), given)
	}
	return out, nil
}

func (s *subscriber) pull(ctx context.Context, req *pubsubpb.PullRequest) (out *pubsubpb.PullResponse,
	given []Delivery, err error) {
	s.server.lock.Lock()
	defer s.server.lock.Unlock()
	if out, err = s.GServer.Pull(ctx, req); err != nil {
		return nil, nil, err
	}
	out = proto.CloneOf(out)
	for _, m := range out.ReceivedMessages {
		if at, err := time.Parse(time.RFC3339Nano, m.Message.Attributes[published]); err == nil {
			m.Message.PublishTime = timestamppb.New(at)
		}
		if id := m.Message.Attributes[original]; id != "" {
			m.Message.MessageId = id
		}
		given = append(given, Delivery{m.Message.MessageId, m.AckId, m.Message.Data, m.Message.PublishTime.AsTime()})
	}
	s.server.delivered[req.Subscription] = append(s.server.delivered[req.Subscription], given...)
	return out, given, nil
}

// Acknowledge implements pubsubpb.SubscriberServer.
func (s *subscriber) Acknowledge(ctx context.Context, req *pubsubpb.AcknowledgeRequest) (*emptypb.Empty, error) {
	s.server.lock.Lock()
	defer s.server.lock.Unlock()
	out, err := s.GServer.Acknowledge(ctx, req)
	if err == nil {
		for _, id := range req.AckIds {
			s.server.acked[id]++
		}
	}
	return out, err
}

// ModifyAckDeadline implements pubsubpb.SubscriberServer.
func (s *subscriber) ModifyAckDeadline(ctx context.Context, req *pubsubpb.ModifyAckDeadlineRequest) (*emptypb.Empty,
	error) {
	s.server.lock.Lock()
	defer s.server.lock.Unlock()
	out, err := s.GServer.ModifyAckDeadline(ctx, req)
	if err == nil {
		for _, id := range req.AckIds {
			s.server.modified[id] = append(s.server.modified[id], req.AckDeadlineSeconds)
		}
	}
	return out, err
}
