package partitionio

import (
	"errors"
	"net/http"
	"strings"
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

func TestWhatPasses(t *testing.T) {
	assert.False(t, passes(errors.New("no such thing")))
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
