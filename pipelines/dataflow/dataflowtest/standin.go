// Package dataflowtest stands in for Google's cloud in tests: Dataflow's interface,
// which keeps the jobs that it is given and runs none, the buckets that they are
// staged in, and what hands out tokens. It says which credentials to use.
package dataflowtest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/fsouza/fake-gcs-server/fakestorage"
	"github.com/stretchr/testify/require"
	api "google.golang.org/api/dataflow/v1b3"
)

// Bucket is the bucket that is there.
const Bucket = "conversions-test"

// Token is what every request has to carry.
const Token = "ya29.sEcReT-token"

// Service is Google's cloud.
type Service struct {
	URL     string // of Dataflow's interface, with a slash at its end
	Storage *fakestorage.Server
	// Key is the private key of the credentials, which nobody must see.
	Key string

	lock    sync.Mutex
	jobs    []*api.Job
	ahead   map[string][]string // states that a job is still to go through, by its id
	next    []string            // those of the next job that is created
	refuses map[string]refusal  // by method
	errors  map[string]string   // what a job tells of, by its id
	revoked bool                // the credentials
}

type refusal struct {
	status int
	body   any
	seen   chan struct{} // closed once it was given
	once   *sync.Once
}

// Start starts a cloud, which ends with the test, and has this process and those
// that it starts use it.
func Start(t testing.TB) *Service {
	t.Helper()
	storage, err := fakestorage.NewServerWithOptions(fakestorage.Options{Scheme: "http", Host: "127.0.0.1",
		PublicHost: "127.0.0.1"})
	require.NoError(t, err)
	t.Cleanup(storage.Stop)
	storage.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: Bucket})
	s := &Service{Storage: storage, ahead: map[string][]string{}, refuses: map[string]refusal{},
		errors: map[string]string{}}
	server := httptest.NewServer(s.routes())
	t.Cleanup(server.Close)
	s.URL = server.URL + "/"
	for name, value := range map[string]string{"STORAGE_EMULATOR_HOST": storage.URL(),
		"GOOGLE_APPLICATION_CREDENTIALS": s.credentials(t)} {
		t.Setenv(name, value)
	}
	return s
}

// credentials writes the key file of a service account of this cloud.
func (s *Service) credentials(t testing.TB) string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	s.Key = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}))
	text, err := json.Marshal(map[string]string{"type": "service_account", "project_id": "not-this-one",
		"private_key_id": "1",
		"private_key":    s.Key, "client_email": "tester@not-this-one.iam.gserviceaccount.com",
		"token_uri": s.URL + "token"})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "key.json")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	return file
}

// Jobs returns the jobs that there are, in the order of their creation.
func (s *Service) Jobs() []*api.Job {
	s.lock.Lock()
	defer s.lock.Unlock()
	return append([]*api.Job{}, s.jobs...)
}

// Add adds a job, as if somebody had submitted it.
func (s *Service) Add(job *api.Job) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.jobs = append(s.jobs, job)
}

// Next says which states the next job that is created goes through, one each
// time that it is looked at.
func (s *Service) Next(states ...string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.next = states
}

// Go says which states a job goes through, likewise.
func (s *Service) Go(id string, states ...string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.ahead[id] = states
}

// Refuse has a method (such as "POST") answered with an error.
func (s *Service) Refuse(method string, status int, reason, message string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.refuses[method] = refusal{status, map[string]any{"error": map[string]any{"code": status, "message": message,
		"errors": []any{map[string]any{"reason": reason, "message": message}}}}, make(chan struct{}), new(sync.Once)}
}

// Accept takes back all refusals.
func (s *Service) Accept() {
	s.lock.Lock()
	defer s.lock.Unlock()
	clear(s.refuses)
}

// AwaitRefused waits until a method was refused.
func (s *Service) AwaitRefused(method string) {
	s.lock.Lock()
	refused := s.refuses[method].seen
	s.lock.Unlock()
	<-refused
}

// Revoke has the credentials be worth nothing.
func (s *Service) Revoke() {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.revoked = true
}

// Tell has a job tell of an error.
func (s *Service) Tell(id, text string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.errors[id] = text
}

// Objects returns the contents of all objects in the bucket, by their names.
func (s *Service) Objects(t testing.TB) map[string][]byte {
	t.Helper()
	listed, err := s.Storage.ListObjectsWithOptionsPaginated(Bucket, fakestorage.ListOptions{})
	require.NoError(t, err)
	all := map[string][]byte{}
	for _, o := range listed.Objects {
		object, err := s.Storage.GetObject(Bucket, o.Name)
		require.NoError(t, err)
		all[o.Name] = object.Content
	}
	return all
}

// Put puts an object into the bucket.
func (s *Service) Put(name string, content []byte) {
	s.Storage.CreateObject(fakestorage.Object{ObjectAttrs: fakestorage.ObjectAttrs{BucketName: Bucket, Name: name},
		Content: content})
}

// answer answers with JSON.
func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // to who has gone, nothing is said
}
