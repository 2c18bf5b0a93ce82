package bigquery

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// answers serves requests in turn; the last answer stays.
func answers(t *testing.T, all ...http.HandlerFunc) Warehouse {
	t.Helper()
	var n atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		all[min(int(n.Add(1)), len(all))-1](w, r)
	}))
	t.Cleanup(server.Close)
	b := Warehouse{Project: "project-1", Dataset: "d", Endpoint: server.URL, GRPCEndpoint: "127.0.0.1:1"}
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	hurry(t)
	retryTimeout = 3 * time.Second
	return b
}

func failing(code int, reason, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		fmt.Fprintf(w, `{"error":{"code":%d,"message":%q,"errors":[{"reason":%q,"message":%q}]}}`, code, message, reason, message)
	}
}

func TestWhatToDoAboutFailures(t *testing.T) {
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"permission": {failing(403, "accessDenied", "Access Denied: Dataset project-1:d"),
			"403 Access Denied: Dataset project-1:d; grant the account roles/bigquery.dataEditor"},
		"API": {failing(403, "accessNotConfigured", "has not been used"),
			"gcloud services enable bigquery.googleapis.com bigquerystorage.googleapis.com --project=project-1"},
		"billing": {failing(403, "billingNotEnabled", "Billing has not been enabled"),
			"enable billing in project project-1"},
		"an ended login": {failing(400, "", `oauth2: "invalid_grant" "Token has been expired or revoked."`),
			"gcloud auth application-default login"},
		"quota":       {failing(403, "quotaExceeded", "Quota exceeded"), "raise the quota of project project-1"},
		"credentials": {failing(401, "authError", "Invalid Credentials"), "gcloud auth application-default login"},
		"project":     {failing(404, "notFound", "Not found: Project project-1"), "is project project-1 spelled right"},
		"dataset": {failing(404, "notFound", "Not found: Dataset project-1:d"),
			"there is no such dataset; give its location, as in bigquery://project-1/d?location=EU"},
		"down for long":     {failing(503, "backendError", "try later"), "tried for 3s"},
		"too much for long": {failing(429, "rateLimitExceeded", "slow down"), "raise the quota"},
	} {
		t.Run(name, func(t *testing.T) {
			problems(t)
			err := answers(t, test.answer).Create(ctx, tables, noViews)
			assert.ErrorContains(t, err, test.want)
			assert.ErrorContains(t, err, "BigQuery project-1.d: making the dataset")
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestWithoutCredentials(t *testing.T) {
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", t.TempDir()+"/none.json")
	err := Warehouse{Project: "project-1", Dataset: "none"}.Create(ctx, tables, noViews)
	assert.ErrorContains(t, err, "gcloud auth application-default login")
	assert.NotContains(t, err.Error(), "\n")
}

func TestFailuresThatPassAreTold(t *testing.T) {
	told := problems(t)
	b := answers(t, failing(429, "", "slow down"), failing(503, "backendError", "try later"), failing(500, "", "oops"),
		failing(403, "accessDenied", "in the end"))
	assert.ErrorContains(t, b.Create(ctx, tables, noViews), "in the end")
	for _, want := range []string{"429", "503", "500", "trying again"} {
		assert.Contains(t, told(), want)
	}
}
