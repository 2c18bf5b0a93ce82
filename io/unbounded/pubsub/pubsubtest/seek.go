package pubsubtest

import (
	"context"
	"fmt"
	"path"
	"slices"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

// Retain has a subscription keep acknowledged messages for so long.
func (s *Server) Retain(name string, kept time.Duration) {
	_, err := s.fake.GServer.UpdateSubscription(context.Background(), &pubsubpb.UpdateSubscriptionRequest{
		Subscription: &pubsubpb.Subscription{Name: subscription(name), RetainAckedMessages: true,
			MessageRetentionDuration: durationpb.New(kept)},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"retain_acked_messages", "message_retention_duration"}},
	})
	require.NoError(s.t, err)
}

// Seeks returns the times that a subscription was told to go to.
func (s *Server) Seeks(name string) []time.Time {
	s.lock.Lock()
	defer s.lock.Unlock()
	return slices.Clone(s.seeks[subscription(name)])
}

// Seek implements pubsubpb.SubscriberServer, for times. What pstest gives again
// has lost its message, and its broker times are not ours. So an acknowledged
// message is published again here, and keeps its id; all others come again at
// once, or are acknowledged where they are older. Google may take a minute.
func (s *subscriber) Seek(ctx context.Context, req *pubsubpb.SeekRequest) (*pubsubpb.SeekResponse, error) {
	s.server.lock.Lock()
	defer s.server.lock.Unlock()
	about, err := s.GServer.GetSubscription(ctx, &pubsubpb.GetSubscriptionRequest{Subscription: req.Subscription})
	if err != nil {
		return nil, err
	}
	to := req.GetTime().AsTime()
	s.server.seeks[req.Subscription] = append(s.server.seeks[req.Subscription], to)
	for id, m := range s.newest(path.Base(about.Topic)) {
		at, _ := time.Parse(time.RFC3339Nano, m.Attributes[published])
		ack := []string{fmt.Sprintf("%s:%d", m.ID, m.Deliveries)}
		switch {
		case m.Acks > 0 && about.RetainAckedMessages && !at.Before(to):
			s.server.fake.Publish(m.Topic, m.Data, map[string]string{published: m.Attributes[published], original: id})
		case m.Acks == 0 && at.Before(to):
			if m.Deliveries == 0 {
				ack[0] = m.ID
			}
			_, err = s.GServer.Acknowledge(ctx, &pubsubpb.AcknowledgeRequest{Subscription: req.Subscription,
				AckIds: ack})
		case m.Acks == 0:
			_, err = s.GServer.ModifyAckDeadline(ctx, &pubsubpb.ModifyAckDeadlineRequest{Subscription: req.Subscription,
				AckIds: ack})
		}
		if err != nil {
			return nil, err
		}
	}
	return &pubsubpb.SeekResponse{}, nil
}

// newest returns what a topic's messages were published as last, by their ids.
func (s *subscriber) newest(name string) map[string]*pstest.Message {
	all := map[string]*pstest.Message{}
	for _, m := range s.server.Messages(name) {
		id := m.Attributes[original]
		if id == "" {
			id = m.ID
		}
		all[id] = m
	}
	return all
}
