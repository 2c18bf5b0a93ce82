package storage

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"adtoorder/io/progress"
	"adtoorder/io/storage/storagetest"

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
	for _, s := range storagetest.Serve(t) {
		for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
			file := s.URI + "/lake/d/x.jsonl"
			told := problems(t)
			puts := s.Fail(4, status)
			require.NoError(t, opened(t).Update(ctx, file, add("line")), s.URI)
			assert.EqualValues(t, 5, puts.Load(), s.URI)
			assert.Contains(t, told.String(), "writing "+file+" failed, trying again in", s.URI)
			assert.Contains(t, content(t, file), "line", s.URI)
		}
	}
}

func TestPutsAreNotTriedForEver(t *testing.T) {
	soon(t)
	retryTimeout = 500 * time.Millisecond
	for _, s := range storagetest.Serve(t) {
		file := s.URI + "/lake/d/x.jsonl"
		s.Fail(1000, http.StatusServiceUnavailable)
		err := opened(t).Update(ctx, file, add("line"))
		assert.ErrorContains(t, err, "writing "+file+", tried for ", s.URI)
	}
}

func TestRefusedPutsFailAtOnce(t *testing.T) {
	for status, want := range map[int]string{
		http.StatusForbidden:      "the account must be allowed to",
		http.StatusNotImplemented: "conditional writes",
		http.StatusBadRequest:     "400",
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			for _, s := range storagetest.Serve(t) {
				file := s.URI + "/lake/d/x.jsonl"
				told := problems(t)
				s.Fail(1000, status)
				err := opened(t).Update(ctx, file, add("line"))
				assert.ErrorContains(t, err, "writing "+file+": ", s.URI)
				assert.ErrorContains(t, err, want, s.URI)
				assert.Empty(t, told.String(), s.URI)
				assert.NotContains(t, err.Error(), "\n")
			}
		})
	}
}

// Nobody listens there.
func TestABucketOutOfReachIsFoundBeforeARun(t *testing.T) {
	t.Setenv("STORAGE_EMULATOR_HOST", "127.0.0.1:1")
	soon(t)
	start := time.Now()
	err := opened(t).reach(ctx, "gs://ads/in/clicks-*", time.Second)
	assert.ErrorContains(t, err, "gs://ads/in/clicks-* can't be reached in 1s: ")
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
	content, err := opened(t).Read(ctx, "gs://b/k")
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
	for _, name := range []string{"STORAGE_EMULATOR_HOST", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE",
		"AWS_ENDPOINT_URL"} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_REGION", "eu-central-1")
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", t.TempDir()+"/none.json")
	for _, name := range []string{"AZURE_STORAGE_CONNECTION_STRING", "AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_KEY"} {
		t.Setenv(name, "")
	}
	for dir, want := range map[string]string{
		"gs://b/lake": "gcloud auth application-default login",
		"s3://b/lake": "AWS_ACCESS_KEY_ID",
		"az://b/lake": "AZURE_STORAGE_ACCOUNT",
	} {
		t.Run(dir, func(t *testing.T) {
			_, err := opened(t).Read(t.Context(), dir)
			assert.ErrorContains(t, err, want)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
	t.Setenv("AZURE_STORAGE_ACCOUNT", "nobody")
	t.Setenv("AZURE_TOKEN_CREDENTIALS", "dev") // those of tools, which are not found
	t.Setenv("PATH", "")
	_, err := opened(t).Read(ctx, "az://b/lake")
	assert.EqualError(t, err, "reading az://b/lake: no Azure credentials are found; "+
		"run: az login, or set AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN or the AZURE_… "+
		"variables of a service principal")
}
