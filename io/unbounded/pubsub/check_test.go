package pubsub

import (
	"context"
	"net"
	"os"
	"testing"
	"time"

	"adtoorder/io/unbounded/pubsub/pubsubtest"

	"cloud.google.com/go/pubsub/v2/pstest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
)

func TestCheck(t *testing.T) {
	for name, test := range map[string]struct {
		call string
		code codes.Code
		want string
	}{
		"missing": {"Pull", codes.NotFound, "projects/shop/subscriptions/clicks is not there; create it: " +
			"gcloud pubsub subscriptions create clicks --project shop --topic TOPIC (no\nluck)"},
		"forbidden": {"Pull", codes.PermissionDenied,
			"projects/shop/subscriptions/clicks may not be read; grant roles/pubsub.subscriber: " +
				"gcloud pubsub subscriptions add-iam-policy-binding clicks --project shop " +
				"--role roles/pubsub.subscriber " +
				"--member ACCOUNT (no\nluck)"},
		"nobody": {"Pull", codes.Unauthenticated, "projects/shop/subscriptions/clicks: credentials are refused; " +
			"give credentials: gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS " +
			"to a file of them (no\nluck)"},
		"push": {"Pull", codes.FailedPrecondition, "projects/shop/subscriptions/clicks: FailedPrecondition: no\nluck"},
		"failing": {"Pull", codes.Unavailable,
			"projects/shop/subscriptions/clicks: Pub/Sub can't be reached; look at the network, or at endpoint= or " +
				"PUBSUB_EMULATOR_HOST where a stand-in is meant (no\nluck)"},
		"not to be changed": {"ModifyAckDeadline", codes.PermissionDenied,
			"projects/shop/subscriptions/clicks may not be read; "},
	} {
		t.Run(name, func(t *testing.T) {
			server := pubsubtest.Start(t, []string{"clicks"},
				pstest.WithErrorInjection(test.call, test.code, "no\nluck"))
			server.Publish("clicks", []byte("a"), start)
			began := time.Now()
			err := Source{pubsubtest.Project, "clicks", server.Address}.Check(t.Context())
			assert.ErrorContains(t, err, oneLine(test.want))
			assert.NotContains(t, err.Error(), "\n")
			assert.Less(t, time.Since(began), 2*time.Second, "it asks once")
		})
	}
}

func TestCheckOfASubscriptionThatIsNotThere(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks"})
	for _, s := range []Source{{pubsubtest.Project, "orders", server.Address}, {"another", "clicks", server.Address}} {
		assert.ErrorContains(t, s.Check(t.Context()),
			s.path()+" is not there; create it: gcloud pubsub subscriptions create "+
				""+s.Subscription+" --project "+s.Project)
	}
}

func TestCheckGivesBackWhatItPulls(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks"})
	server.Publish("clicks", []byte("a"), start)
	for range 2 {
		require.NoError(t, Source{pubsubtest.Project, "clicks", server.Address}.Check(t.Context()))
	}
	assert.Len(t, server.Delivered("clicks"), 2)
	assert.Equal(t, []string{"a"}, payloads(read(t, connect(t, server), "")))
}

// To give a message back is an attempt to a dead-letter policy.
func TestCheckTouchesNothingWhereItMayLook(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks"})
	server.Publish("clicks", []byte("a"), start)
	for _, test := range []struct {
		granted []string
		pulled  int
	}{{[]string{"pubsub.subscriptions.consume"}, 0}, {[]string{}, 1}} {
		server.Grant(test.granted...)
		require.NoError(t, Source{pubsubtest.Project, "clicks", server.Address}.Check(t.Context()))
		assert.Len(t, server.Delivered("clicks"), test.pulled)
	}
}

func TestCheckFindsTheEmulatorOfTheEnvironment(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks"})
	t.Setenv("PUBSUB_EMULATOR_HOST", server.Address)
	require.NoError(t, Source{Project: pubsubtest.Project, Subscription: "clicks"}.Check(t.Context()))
}

func TestCheckWhereNothingListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	listener.Close()
	err = Source{pubsubtest.Project, "clicks", address}.Check(t.Context())
	assert.ErrorContains(t, err, "projects/shop/subscriptions/clicks: Pub/Sub can't be reached; look at ")
	assert.ErrorContains(t, err, "connection refused")
	assert.NotContains(t, err.Error(), "\n")
}

func TestCheckEndsInTime(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // accepts, and says nothing
	require.NoError(t, err)
	defer listener.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	err = Source{pubsubtest.Project, "clicks", listener.Addr().String()}.Check(ctx)
	assert.EqualError(t, err, "projects/shop/subscriptions/clicks: no answer in time: context deadline exceeded")
	assert.Less(t, time.Since(began), 2*time.Second)
}

func TestCheckWithoutCredentials(t *testing.T) {
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "")
	os.Unsetenv("GOOGLE_APPLICATION_CREDENTIALS")
	t.Setenv("HOME", t.TempDir())
	t.Setenv("PUBSUB_EMULATOR_HOST", "")
	t.Setenv("GCE_METADATA_HOST", "")
	os.Unsetenv("GCE_METADATA_HOST")
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	began := time.Now()
	err := Source{Project: pubsubtest.Project, Subscription: "clicks"}.Check(ctx)
	t.Log(err, time.Since(began))
	assert.ErrorContains(t, err, "give credentials: gcloud auth application-default login, or set "+
		"GOOGLE_APPLICATION_CREDENTIALS")
	assert.NotContains(t, err.Error(), "\n")
}

func TestCheckOfBrokenCredentials(t *testing.T) {
	file := t.TempDir() + "/key.json"
	require.NoError(t, os.WriteFile(file, []byte(`{"type": "service_account", "private_key": "sEcReT"}`), 0o600))
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", file)
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	err := Source{Project: pubsubtest.Project, Subscription: "clicks"}.Check(ctx)
	t.Log(err)
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "sEcReT")
	assert.NotContains(t, err.Error(), "\n")
}
