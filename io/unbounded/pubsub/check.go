package pubsub

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cloud.google.com/go/iam/apiv1/iampb"
	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Check reports in one line why the subscription can't be read, if it can't. Where the account
// may look at the subscription (roles/pubsub.viewer), it touches no message. The
// role that reading needs allows no other look than to pull a message and give it
// back, which a dead-letter policy counts as an attempt.
func (s Source) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	api, err := s.open(ctx)
	if err != nil {
		return explainCredentials(err)
	}
	defer api.Close()
	calls := api.CallOptions // nothing is tried again
	calls.Pull, calls.GetSubscription, calls.TestIamPermissions = nil, nil, nil
	if s.mayBeRead(ctx, api) {
		return nil
	}
	//lint:ignore SA1019 where there is no message, the check must not wait for one
	out, err := api.Pull(ctx, &pubsubpb.PullRequest{Subscription: s.path(), MaxMessages: 1, ReturnImmediately: true})
	if err != nil {
		return s.explain(err)
	}
	for _, m := range out.ReceivedMessages {
		err := api.ModifyAckDeadline(ctx, &pubsubpb.ModifyAckDeadlineRequest{Subscription: s.path(),
			AckIds: []string{m.AckId}})
		if err != nil {
			return s.explain(err)
		}
	}
	return nil
}

// mayBeRead reports whether the subscription is known to be one that is pulled from,
// and by this account.
func (s Source) mayBeRead(ctx context.Context, api *pubsub.SubscriptionAdminClient) bool {
	const consume = "pubsub.subscriptions.consume"
	about, err := api.GetSubscription(ctx, &pubsubpb.GetSubscriptionRequest{Subscription: s.path()})
	if err != nil || about.GetPushConfig().GetPushEndpoint() != "" || about.BigqueryConfig != nil ||
		about.CloudStorageConfig != nil {
		return false
	}
	may, err := api.TestIamPermissions(ctx, &iampb.TestIamPermissionsRequest{Resource: s.path(),
		Permissions: []string{consume}})
	return err == nil && slices.Contains(may.Permissions, consume)
}

func (s Source) explain(err error) error {
	return explain(err, s.path(), map[codes.Code]string{
		codes.NotFound: "is not there; create it: gcloud pubsub subscriptions create " + s.gcloud() +
			" --topic TOPIC",
		codes.PermissionDenied: "may not be read; grant roles/pubsub.subscriber: gcloud pubsub subscriptions " +
			"add-iam-policy-binding " + s.gcloud() + " --role roles/pubsub.subscriber --member ACCOUNT",
	})
}

const credentials = "give credentials: gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS " +
	"to a file of them"

func explainCredentials(err error) error {
	return fmt.Errorf("%s (%s)", credentials, oneLine(err.Error()))
}

// explain makes a line of what went wrong with a subscription or a topic. It says
// what to do, by code where that depends on which of both it is.
func explain(err error, path string, remedies map[codes.Code]string) error {
	code, text := codes.Unknown, err.Error()
	if s, ok := status.FromError(err); ok {
		code, text = s.Code(), s.Message()
	}
	text = oneLine(text)
	remedy, known := remedies[code]
	switch {
	case known:
		return fmt.Errorf("%s %s (%s)", path, remedy, text)
	case code == codes.Unauthenticated:
		return fmt.Errorf("%s: credentials are refused; %s (%s)", path, credentials, text)
	case code == codes.DeadlineExceeded || errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: no answer in time: %w", path, context.DeadlineExceeded)
	case code == codes.Unavailable:
		return fmt.Errorf("%s: Pub/Sub can't be reached; look at the network, or at endpoint= or PUBSUB_EMULATOR_HOST "+
			"where a stand-in is meant (%s)", path, text)
	}
	return fmt.Errorf("%s: %v: %s", path, code, text)
}

func oneLine(text string) string { return strings.ReplaceAll(strings.TrimSpace(text), "\n", " ") }
