package lake

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"adtoorder/io/progress"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// problems returns what is told of failures until the test ends.
func problems(t *testing.T) *strings.Builder {
	told := new(strings.Builder)
	progress.OnProblem(func(text string) { told.WriteString(text + "\n") })
	t.Cleanup(func() { progress.OnProblem(func(string) {}) })
	return told
}

// Amazon's client tries three times by itself before it is told.
func TestPutsAreTriedAgain(t *testing.T) {
	soon(t)
	for _, s := range services(t) {
		for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
			file := s.uri + "/lake/d/x.jsonl"
			told := problems(t)
			puts := s.failing(4, status)
			require.NoError(t, merge(ctx, open(t, file), columns, JSONL, file, []row{rowOf(1, "P1", int64(status), 1)}), s.uri)
			assert.EqualValues(t, 5, puts.Load(), s.uri)
			assert.Contains(t, told.String(), "writing "+file+" failed, trying again in", s.uri)
			assert.EqualValues(t, status, inBucket(t, file)[0].Count, s.uri)
		}
	}
}

func TestPutsAreNotTriedForEver(t *testing.T) {
	soon(t)
	patience = 500 * time.Millisecond
	for _, s := range services(t) {
		file := s.uri + "/lake/d/x.jsonl"
		s.failing(1000, http.StatusServiceUnavailable)
		err := merge(ctx, open(t, file), columns, JSONL, file, []row{rowOf(1, "P1", 1, 1)})
		assert.ErrorContains(t, err, "writing "+file+", tried for ", s.uri)
	}
}

func TestRefusedPutsFailAtOnce(t *testing.T) {
	for status, want := range map[int]string{
		http.StatusForbidden:      "the account must be allowed to",
		http.StatusNotImplemented: "conditional writes",
		http.StatusBadRequest:     "400",
	} {
		for _, s := range services(t) {
			file := s.uri + "/lake/d/x.jsonl"
			told := problems(t)
			s.failing(1000, status)
			err := merge(ctx, open(t, file), columns, JSONL, file, []row{rowOf(1, "P1", 1, 1)})
			assert.ErrorContains(t, err, "writing "+file+": ", s.uri)
			assert.ErrorContains(t, err, want, s.uri)
			assert.Empty(t, told.String(), s.uri)
			assert.NotContains(t, err.Error(), "\n")
		}
	}
}

// Nobody listens there.
func TestABucketOutOfReachIsFoundBeforeARun(t *testing.T) {
	t.Setenv("STORAGE_EMULATOR_HOST", "127.0.0.1:1")
	soon(t)
	firstLook = time.Second
	start := time.Now()
	_, err := Lake{"gs://ads/lake", JSONL}.Origin(ctx)
	assert.ErrorContains(t, err, "reading gs://ads/lake/.origin.json, tried for 1s: ")
	assert.ErrorContains(t, err, "connection refused")
	assert.Less(t, time.Since(start), 5*time.Second)
}

// A connection may end in the middle of an object.
func TestAReadThatIsCutIsDoneAgain(t *testing.T) {
	soon(t)
	told := problems(t)
	var reads atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Goog-Generation", "7")
		w.Header().Set("Content-Length", "10")
		w.Write([]byte("01234"))
		if reads.Add(1) < 3 {
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		w.Write([]byte("56789"))
	}))
	t.Cleanup(server.Close)
	t.Setenv("STORAGE_EMULATOR_HOST", server.URL)
	content, err := open(t, "gs://b/k").read(ctx, "gs://b/k")
	require.NoError(t, err)
	assert.Equal(t, "0123456789", string(content))
	assert.Contains(t, told.String(), "reading gs://b/k failed, trying again in")
}

func TestWhatPasses(t *testing.T) {
	assert.False(t, passes(errors.New("no such thing")))
	assert.True(t, passes(cut{errors.New("connection reset by peer")}))
	assert.False(t, passes(errChanged))
}

func TestWithoutCredentials(t *testing.T) {
	for _, name := range []string{"STORAGE_EMULATOR_HOST", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_ENDPOINT_URL"} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_REGION", "eu-central-1")
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", t.TempDir()+"/none.json")
	for dir, want := range map[string]string{"gs://b/lake": "gcloud auth application-default login", "s3://b/lake": "AWS_ACCESS_KEY_ID"} {
		_, err := Lake{Dir: dir, Format: JSONL}.Origin(t.Context())
		assert.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), "\n")
	}
}
