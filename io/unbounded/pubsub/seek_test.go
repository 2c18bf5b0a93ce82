package pubsub

import (
	"testing"
	"time"

	"adtoorder/io/unbounded/pubsub/pubsubtest"

	"cloud.google.com/go/pubsub/v2/pstest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
)

func TestSeekHasTheSubscriptionGiveAgain(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks"})
	server.Retain("clicks", time.Hour)
	s := Source{pubsubtest.Project, "clicks", server.Address}
	now := time.Now().Truncate(time.Millisecond)
	c := connect(t, server)
	at := map[string]time.Duration{"old": -time.Minute, "just then": 0, "new": time.Second}
	for payload, after := range at {
		server.Publish("clicks", []byte(payload), now.Add(after))
	}
	before := read(t, c, "")
	require.Len(t, before.Records, 3)
	c.Finalized(partition, before.Next)
	eventually(t, func() bool { return len(server.Unacked("clicks")) == 0 }, "all are acknowledged")
	server.Publish("clicks", []byte("unread"), now.Add(time.Second))
	server.Publish("clicks", []byte("old and unread"), now.Add(-time.Minute))

	require.NoError(t, s.Seek(t.Context(), now.UnixMilli()))
	again := read(t, c, before.Next)
	assert.ElementsMatch(t, []string{"just then", "new", "unread"}, payloads(again))
	for _, r := range again.Records {
		for _, was := range before.Records {
			assert.Equal(t, string(r.Payload) == string(was.Payload), r.Sequence == was.Sequence,
				"a message keeps its id")
		}
	}
	require.NoError(t, s.Seek(t.Context(), 0), "to the oldest")
	assert.Equal(t, []time.Time{now.UTC(), time.Unix(0, 0).UTC()}, server.Seeks("clicks"))
}

func TestASubscriptionThatCantGoBackSaysWhatToDo(t *testing.T) {
	const remedy = ": gcloud pubsub subscriptions update clicks --project shop --retain-acked-messages " +
		"--message-retention-duration=7d"
	for name, test := range map[string]struct {
		retain   time.Duration
		reactors []pstest.ServerReactorOption
		want     string
	}{
		"keeps none": {0, nil, "it does not keep acknowledged messages; for the next time have it keep them" + remedy},
		"keeps too few": {10 * time.Minute, nil,
			"it keeps acknowledged messages for 10m0s only; for the next time have it keep them for longer" + remedy},
		"no look at it": {time.Hour, []pstest.ServerReactorOption{pstest.WithErrorInjection("GetSubscription",
			codes.PermissionDenied, "no")}, "projects/shop/subscriptions/clicks may not be looked at; grant " +
			"roles/pubsub.viewer: gcloud pubsub subscriptions add-iam-policy-binding clicks --project shop --role " +
			"roles/pubsub.viewer --member ACCOUNT (no)"},
		"gone meanwhile": {time.Hour, []pstest.ServerReactorOption{pstest.WithErrorInjection("GetSubscription",
			codes.NotFound, "no")}, "projects/shop/subscriptions/clicks: NotFound: no"},
		"keeps just them": {time.Hour, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			server := pubsubtest.Start(t, []string{"clicks"}, test.reactors...)
			if test.retain > 0 {
				server.Retain("clicks", test.retain)
			}
			err := Source{pubsubtest.Project, "clicks", server.Address}.Seek(t.Context(),
				time.Now().Add(-59*time.Minute).UnixMilli())
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			assert.EqualError(t, err, test.want)
			assert.Empty(t, server.Seeks("clicks"))
		})
	}
}
