package kinesisio

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// answering returns the source of a server that gives one answer to all, and
// counts what it is asked.
func answering(t *testing.T, status int, body string) (s Source, asked *atomic.Int64) {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	asked = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return Source{Stream: "clicks", Region: "a", Endpoint: server.URL}, asked
}

func TestCheck(t *testing.T) {
	for name, test := range map[string]struct {
		status     int
		body, want string
	}{
		"there":       {200, `{"Shards": [{"ShardId": "s0"}]}`, ""},
		"no shard":    {200, `{"Shards": []}`, "stream clicks has no shard yet"},
		"missing":     {400, `{"__type": "ResourceNotFoundException", "message": "Stream clicks under account 1 not found."}`, "stream clicks is not there: Stream clicks under account 1 not found."},
		"credentials": {400, `{"__type": "UnrecognizedClientException", "message": "The security token included in the request is invalid."}`, "stream clicks: the request is refused, UnrecognizedClientException: The security token included in the request is invalid."},
		"signature":   {400, `{"__type": "InvalidSignatureException", "message": "The signature does not match.\n\nThe String-to-Sign should have been\nAWS4"}`, "stream clicks: the request is refused, InvalidSignatureException: The signature does not match."},
		"throttled":   {400, `{"__type": "LimitExceededException", "message": "Rate exceeded"}`, "stream clicks: the request is refused, LimitExceededException: Rate exceeded"},
		"failing":     {500, `{"__type": "InternalFailure", "message": "oh"}`, "stream clicks: the request is refused, InternalFailure: oh"},
	} {
		t.Run(name, func(t *testing.T) {
			s, asked := answering(t, test.status, test.body)
			err := s.Check(t.Context())
			if test.want == "" {
				assert.NoError(t, err)
			} else {
				assert.EqualError(t, err, test.want)
			}
			assert.EqualValues(t, 1, asked.Load())
		})
	}
}

func TestCheckOfAnotherServer(t *testing.T) {
	s, _ := answering(t, 404, "<html>\n<body>not here</body>\n</html>")
	err := s.Check(t.Context())
	require.ErrorContains(t, err, "stream clicks: ")
	assert.NotContains(t, err.Error(), "\n")
}

func TestCheckOfAnEndpointThatIsNotThere(t *testing.T) {
	s, _ := answering(t, 200, "")
	server := httptest.NewServer(nil)
	s.Endpoint = server.URL
	server.Close()
	err := s.Check(t.Context())
	require.ErrorContains(t, err, "stream clicks: the endpoint can't be reached: ")
	assert.ErrorContains(t, err, "connection refused")
	assert.NotContains(t, err.Error(), "\n")
}

func TestCheckEndsInTime(t *testing.T) {
	s, _ := answering(t, 200, "")
	hang := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(hang) })
	s.Endpoint = server.URL
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	err := s.Check(ctx)
	assert.EqualError(t, err, "stream clicks: no answer in time: context deadline exceeded")
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Less(t, time.Since(start), 2*time.Second)
}

func TestCheckWithoutCredentials(t *testing.T) {
	s, asked := answering(t, 200, "")
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
	assert.ErrorContains(t, s.Check(t.Context()), "stream clicks: no AWS credentials are found")
	assert.Zero(t, asked.Load())
}

func TestConfigurationThatCannotBeRead(t *testing.T) {
	s, _ := answering(t, 200, "")
	t.Setenv("AWS_CA_BUNDLE", t.TempDir()+"/none")
	assert.ErrorContains(t, s.Check(t.Context()), "configuring the AWS client of kinesis://clicks?region=a")
	_, err := s.Connect(t.Context())
	assert.Error(t, err)
	_, err = NewWriter(t.Context(), s)
	assert.Error(t, err)
}
