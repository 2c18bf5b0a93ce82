package kinesis

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
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

// reply is what a server answers to an operation.
type reply struct {
	status int
	body   string
}

// streamWith returns the source of a server that answers as Kinesis does, but to
// some operations, and notes what it is asked.
func streamWith(t *testing.T, replies map[string]reply) (s Source, asked *[]string) {
	t.Helper()
	s, _ = answering(t, 200, "")
	all := map[string]reply{
		"ListShards":       {200, `{"Shards": [{"ShardId": "s0"}, {"ShardId": "s1"}]}`},
		"GetShardIterator": {200, `{"ShardIterator": "i"}`},
		"GetRecords":       {200, `{"Records": [], "NextShardIterator": "j", "MillisBehindLatest": 0}`},
	}
	maps.Copy(all, replies)
	asked = new([]string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		body, _ := io.ReadAll(r.Body)
		*asked = append(*asked, operation+" "+string(body))
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(all[operation].status)
		io.WriteString(w, all[operation].body)
	}))
	t.Cleanup(server.Close)
	s.Endpoint = server.URL
	return s, asked
}

func TestCheck(t *testing.T) {
	denied := reply{400, `{"__type": "AccessDeniedException", "message": "User u is not authorized to perform: kinesis:X"}`}
	const refused = "stream clicks: the request is refused, AccessDeniedException: User u is not " +
		"authorized to perform: kinesis:X"
	for name, test := range map[string]struct {
		operation string
		reply     reply
		want      string
	}{
		"there":       {},
		"no shard":    {"ListShards", reply{200, `{"Shards": []}`}, "stream clicks has no shard yet"},
		"missing":     {"ListShards", reply{400, `{"__type": "ResourceNotFoundException", "message": "Stream clicks under account 1 not found."}`}, "stream clicks is not there: Stream clicks under account 1 not found."},
		"credentials": {"ListShards", reply{400, `{"__type": "UnrecognizedClientException", "message": "The security token included in the request is invalid."}`}, "stream clicks: the request is refused, UnrecognizedClientException: The security token included in the request is invalid."},
		"signature":   {"ListShards", reply{400, `{"__type": "InvalidSignatureException", "message": "The signature does not match.\n\nThe String-to-Sign should have been\nAWS4"}`}, "stream clicks: the request is refused, InvalidSignatureException: The signature does not match."},
		"throttled":   {"ListShards", reply{400, `{"__type": "LimitExceededException", "message": "Rate exceeded"}`}, "stream clicks: the request is refused, LimitExceededException: Rate exceeded"},
		"failing": {"ListShards", reply{500, `{"__type": "InternalFailure", "message": "oh"}`},
			"stream clicks: the request is refused, InternalFailure: oh"},
		"not to be found": {"GetShardIterator", denied, refused},
		"not to be read":  {"GetRecords", denied, refused},
		"not to be decrypted": {"GetRecords", reply{400, `{"__type": "KMSAccessDeniedException", "message": "The ciphertext refers to a key that you may not use."}`},
			"stream clicks: the request is refused, KMSAccessDeniedException: The ciphertext refers to " +
				"a key that you may not use."},
		"read by others, too": {"GetRecords", reply{400, `{"__type": "ProvisionedThroughputExceededException", "message": "Rate exceeded"}`}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, asked := streamWith(t, map[string]reply{test.operation: test.reply})
			err := s.Check(t.Context())
			if test.want != "" {
				assert.EqualError(t, err, test.want)
				assert.Contains(t, (*asked)[len(*asked)-1], test.operation, "it asks once")
				return
			}
			assert.NoError(t, err)
			assert.Equal(t, []string{`ListShards {"ShardFilter":{"Type":"AT_LATEST"},"StreamName":"clicks"}`,
				`GetShardIterator {"ShardId":"s0","ShardIteratorType":"LATEST","StreamName":"clicks"}`,
				`GetRecords {"Limit":1,"ShardIterator":"i"}`}, *asked)
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
