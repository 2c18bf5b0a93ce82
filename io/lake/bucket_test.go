package lake

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/gcs"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/s3"
	"github.com/fsouza/fake-gcs-server/fakestorage"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"
)

// service is a cloud's storage in this process, with the bucket ads.
type service struct {
	uri string // of the bucket
	// before is asked before a request is served; it may answer it instead.
	before      func(w http.ResponseWriter, r *http.Request) (answered bool)
	connections atomic.Int64 // that are open
}

// services returns the storage of both clouds, and has clients find it.
func services(t *testing.T) []*service {
	t.Helper()
	google, err := fakestorage.NewServerWithOptions(fakestorage.Options{NoListener: true, Scheme: "http", PublicHost: "127.0.0.1"})
	require.NoError(t, err)
	google.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: "ads"})
	amazon := s3mem.New()
	require.NoError(t, amazon.CreateBucket("ads"))
	gs, s3 := &service{uri: "gs://ads"}, &service{uri: "s3://ads"}
	for name, value := range map[string]string{"STORAGE_EMULATOR_HOST": gs.serve(t, google.HTTPHandler()),
		"AWS_ENDPOINT_URL": s3.serve(t, gofakes3.New(amazon).Server()), "AWS_REGION": "us-east-1",
		"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_CA_BUNDLE": ""} {
		t.Setenv(name, value)
	}
	return []*service{gs, s3}
}

func (s *service) serve(t *testing.T, handler http.Handler) (url string) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.before == nil || !s.before(w, r) {
			handler.ServeHTTP(w, r)
		}
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			s.connections.Add(1)
		case http.StateClosed:
			s.connections.Add(-1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// isPut tells whether a request writes an object.
func isPut(r *http.Request) bool { return r.Method == http.MethodPut || r.Method == http.MethodPost }

// failing answers puts with a status as long as there are failures left, and
// returns how many puts there were.
func (s *service) failing(failures int64, status int) (puts *atomic.Int64) {
	puts = new(atomic.Int64)
	s.before = func(w http.ResponseWriter, r *http.Request) bool {
		if !isPut(r) || puts.Add(1) > failures {
			return false
		}
		w.WriteHeader(status)
		return true
	}
	return puts
}

// soon has failures tried again soon.
func soon(t *testing.T) {
	pauses, patient, look := backoff, patience, firstLook
	t.Cleanup(func() { backoff, patience, firstLook = pauses, patient, look })
	backoff.Initial, backoff.Max = time.Millisecond, 10*time.Millisecond
}
