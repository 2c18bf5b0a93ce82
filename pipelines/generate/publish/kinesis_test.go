package publish

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// streams answers as Kinesis does, with one shard a stream.
type streams struct {
	lock     sync.Mutex
	requests int
	taken    []taken // without times
}

func (s *streams) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.lock.Lock()
	defer s.lock.Unlock()
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".ListShards") {
		io.WriteString(w, `{"Shards": [{"ShardId": "s0"}]}`)
		return
	}
	var in struct {
		Records []struct {
			Data         []byte
			PartitionKey string
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.requests++
	for _, r := range in.Records {
		s.taken = append(s.taken, taken{Payload: string(r.Data), Key: r.PartitionKey})
	}
	answers := strings.Repeat(`{"SequenceNumber": "1", "ShardId": "s0"},`, len(in.Records))
	io.WriteString(w, `{"FailedRecordCount": 0, "Records": [`+strings.TrimSuffix(answers, ",")+`]}`)
}

func kinesisStreams(t *testing.T) (*streams, Destination) {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	s := &streams{}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	d, err := Parse("clicks", "kinesis://clicks?region=a&endpoint="+server.URL, 0)
	require.NoError(t, err)
	return s, d
}

func TestKinesisGetsTheRecords(t *testing.T) {
	s, clicks := kinesisStreams(t)
	opts := simulated()
	_, _, err := Plan{clicks, &memory{}, opts}.Run(t.Context(), &Sent{})
	require.NoError(t, err)
	var want []taken
	for r := range generator(t, opts).Clicks() {
		want = append(want, taken{Payload: string(r.Payload), Key: key(r)})
	}
	assert.Equal(t, want, s.taken)
}

func TestLiveKinesisIsFlushedNowAndThen(t *testing.T) {
	s, clicks := kinesisStreams(t)
	_, _, err := Plan{clicks, &memory{}, live(500, time.Second)}.Run(t.Context(), &Sent{})
	require.NoError(t, err)
	assert.Len(t, s.taken, 500)
	assert.LessOrEqual(t, s.requests, int(time.Second/flushEvery)+2)
	assert.Greater(t, s.requests, 1, "one request would come at the end alone")
}
