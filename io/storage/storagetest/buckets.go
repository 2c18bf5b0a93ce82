// Package storagetest serves buckets in a test's process. It is for tests only.
package storagetest

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/fsouza/fake-gcs-server/fakestorage"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// Service is a cloud's storage, with the bucket ads.
type Service struct {
	URI string // of the bucket
	// Before is asked before a request is served; it may answer it instead.
	Before      func(w http.ResponseWriter, r *http.Request) (answered bool)
	Connections atomic.Int64 // that are open
}

// Serve serves gs://ads and s3://ads until the test's end, and has clients find them.
func Serve(t testing.TB) []*Service {
	t.Helper()
	google, err := fakestorage.NewServerWithOptions(
		fakestorage.Options{NoListener: true, Scheme: "http", PublicHost: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	google.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: "ads"})
	amazon := s3mem.New()
	if err := amazon.CreateBucket("ads"); err != nil {
		t.Fatal(err)
	}
	gs, s3 := &Service{URI: "gs://ads"}, &Service{URI: "s3://ads"}
	for name, value := range map[string]string{
		"STORAGE_EMULATOR_HOST": gs.serve(t, google.HTTPHandler()),
		"AWS_ENDPOINT_URL":      s3.serve(t, gofakes3.New(amazon).Server()),
		"AWS_REGION":            "us-east-1",
		"AWS_ACCESS_KEY_ID":     "test",
		"AWS_SECRET_ACCESS_KEY": "test",
		"AWS_CA_BUNDLE":         "",
	} {
		t.Setenv(name, value)
	}
	return []*Service{gs, s3}
}

func (s *Service) serve(t testing.TB, handler http.Handler) (url string) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &cutter{w, -1}
		if s.Before == nil || !s.Before(answer, r) {
			handler.ServeHTTP(answer, r)
		}
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			s.Connections.Add(1)
		case http.StateClosed:
			s.Connections.Add(-1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// IsPut reports whether a request writes an object.
func IsPut(r *http.Request) bool { return r.Method == http.MethodPut || r.Method == http.MethodPost }

// Fail answers puts with a status as long as there are failures left, and returns how
// many puts there were.
func (s *Service) Fail(failures int64, status int) (puts *atomic.Int64) {
	puts = new(atomic.Int64)
	s.Before = func(w http.ResponseWriter, r *http.Request) bool {
		if !IsPut(r) || puts.Add(1) > failures {
			return false
		}
		w.WriteHeader(status)
		return true
	}
	return puts
}

// Cut has the answer to a request end, without an end of its own, behind some bytes.
func (s *Service) Cut(w http.ResponseWriter, _ *http.Request, after int) {
	w.(*cutter).left = after
}

// cutter writes an answer, and aborts it behind some bytes.
type cutter struct {
	http.ResponseWriter
	left int // -1 for no limit
}

// Write implements http.ResponseWriter.
func (c *cutter) Write(content []byte) (int, error) {
	if c.left < 0 {
		return c.ResponseWriter.Write(content)
	}
	n, err := c.ResponseWriter.Write(content[:min(len(content), c.left)])
	if c.left -= n; c.left == 0 && err == nil {
		http.NewResponseController(c.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	return n, err
}
