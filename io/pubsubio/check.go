package pubsubio

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Check tells whether the subscription can be read, in a line. It pulls a
// message and gives it back: the role that reading needs allows no other look.
func (s Source) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	api, err := s.open(ctx)
	if err != nil {
		return explainCredentials(err)
	}
	defer api.Close()
	api.CallOptions.Pull = nil // it is not tried again
	out, err := api.Pull(ctx, &pubsubpb.PullRequest{Subscription: s.path(), MaxMessages: 1, ReturnImmediately: true})
	if err != nil {
		return s.explain(err)
	}
	for _, m := range out.ReceivedMessages {
		err := api.ModifyAckDeadline(ctx, &pubsubpb.ModifyAckDeadlineRequest{Subscription: s.path(), AckIds: []string{m.AckId}})
		if err != nil {
			return s.explain(err)
		}
	}
	return nil
}

func (s Source) explain(err error) error {
	return explain(err, s.path(), map[codes.Code]string{
		codes.NotFound:         "is not there; create it: gcloud pubsub subscriptions create " + s.gcloud() + " --topic TOPIC",
		codes.PermissionDenied: "may not be read; grant roles/pubsub.subscriber: gcloud pubsub subscriptions add-iam-policy-binding " + s.gcloud() + " --role roles/pubsub.subscriber --member ACCOUNT",
	})
}

const credentials = "give credentials: gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS to a file of them"

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
		return fmt.Errorf("%s: Pub/Sub can't be reached; look at the network, or at endpoint= or PUBSUB_EMULATOR_HOST where a stand-in is meant (%s)", path, text)
	}
	return fmt.Errorf("%s: %v: %s", path, code, text)
}

func oneLine(text string) string { return strings.ReplaceAll(strings.TrimSpace(text), "\n", " ") }
