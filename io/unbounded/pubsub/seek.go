package pubsub

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// SeekCommand returns the command that has the subscription give again what was
// published since a time.
func (s Source) SeekCommand(since string) string {
	return fmt.Sprintf("gcloud pubsub subscriptions seek %s --time %s", s.gcloud(), since)
}

// RetainCommand returns the command that has the subscription keep what is
// acknowledged from then on, so that it can give that again.
func (s Source) RetainCommand() string {
	return fmt.Sprintf("gcloud pubsub subscriptions update %s --retain-acked-messages --message-retention-duration=7d",
		s.gcloud())
}

func (s Source) gcloud() string { return fmt.Sprintf("%s --project %s", s.Subscription, s.Project) }

// Seek has the subscription give again what was published since a time, in
// milliseconds since the Unix epoch, though it was acknowledged; 0 for all that is
// kept. What is older is given up, acknowledged or not. It takes up to a minute to
// take full effect. Where the subscription does not keep that much, or can't be
// asked, nothing changes, and the error says what to do, in a line.
func (s Source) Seek(ctx context.Context, since int64) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	api, err := s.open(ctx)
	if err != nil {
		return explainCredentials(err)
	}
	defer api.Close()
	about, err := api.GetSubscription(ctx, &pubsubpb.GetSubscriptionRequest{Subscription: s.path()})
	if err != nil {
		return explain(err, s.path(), map[codes.Code]string{
			codes.PermissionDenied: "may not be looked at; grant roles/pubsub.viewer: gcloud pubsub subscriptions " +
				"add-iam-policy-binding " + s.gcloud() + " --role roles/pubsub.viewer --member ACCOUNT",
		})
	}
	switch kept := retention(about); {
	case kept == 0:
		return fmt.Errorf("it does not keep acknowledged messages; for the next time have it keep them: %s",
			s.RetainCommand())
	case since > 0 && time.Since(time.UnixMilli(since)) > kept:
		return fmt.Errorf("it keeps acknowledged messages for %v only; for the next time "+
			"have it keep them for longer: %s",
			kept, s.RetainCommand())
	}
	_, err = api.Seek(ctx, &pubsubpb.SeekRequest{Subscription: s.path(),
		Target: &pubsubpb.SeekRequest_Time{Time: timestamppb.New(time.UnixMilli(since))}})
	if err != nil {
		return s.explain(err)
	}
	return nil
}

// retention is for how long acknowledged messages are kept: by the subscription or
// by its topic.
func retention(about *pubsubpb.Subscription) time.Duration {
	kept := about.GetTopicMessageRetentionDuration().AsDuration()
	if about.RetainAckedMessages {
		kept = max(kept, about.GetMessageRetentionDuration().AsDuration())
	}
	return kept
}
