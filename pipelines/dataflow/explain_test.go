package dataflow

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"google.golang.org/api/googleapi"
)

func TestRefusalsSayWhatToDo(t *testing.T) {
	refused := func(status int, reason, message string) error {
		return fmt.Errorf("storage: %w", &googleapi.Error{Code: status, Message: message,
			Errors: []googleapi.ErrorItem{{Reason: reason}}})
	}
	for _, c := range []struct {
		name    string
		err     error
		want    string
		passing bool
	}{
		{"not logged in", refused(401, "authError", "Request had invalid credentials."),
			"doing: Request had invalid credentials (status 401); log in: ", false},
		{"no bucket permission", refused(403, "forbidden",
			"me@x does not have storage.buckets.get access\nto the bucket."), "doing: me@x does not have " +
			"storage.buckets.get access to the bucket (status 403); grant your account roles/storage.admin", false},
		{"not the service account", refused(403, "forbidden",
			"Current user cannot act as service account w@x: iam.serviceAccounts.actAs."), "grant your account " +
			"roles/iam.serviceAccountUser", false},
		{"no job permission", refused(403, "forbidden", "(1): The caller lacks dataflow.jobs.create"),
			"grant your account roles/dataflow.developer in project shop-12345", false},
		{"quota as 403", refused(403, "quotaExceeded", "Too many."), "ask for more quota", false},
		{"quota", refused(429, "", "Too many."), "ask for more quota", true},
		{"Dataflow is off", refused(403, "accessNotConfigured", "Dataflow API is off."),
			"gcloud services enable dataflow.googleapis.com --project=shop-12345", false},
		{"storage is off", refused(403, "accessNotConfigured", "storage API is off."),
			"gcloud services enable storage.googleapis.com", false},
		{"off, in the details", &googleapi.Error{Code: 403, Message: "off",
			Details: []any{map[string]any{"reason": "SERVICE_DISABLED"}}}, "gcloud services enable " +
			"dataflow.googleapis.com", false},
		{"nothing there", refused(404, "", ""),
			"doing: Not Found (status 404); check --project=shop-12345, --region=europe-west1", false},
		{"a conflict", refused(409, "", "It is being updated."), "doing: It is being updated (status 409)", false},
		{"a bad request", refused(400, "", "(2): The workflow is wrong."),
			"doing: (2): The workflow is wrong (status 400)", false},
		{"not now", refused(503, "", "Not now."), "try again", true},
		{"no network", errors.New("dial tcp: no route"), "doing: dial tcp: no route", true},
		{"a long one", errors.New(strings.Repeat("long\n", 1000)), "long long", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := valid.explain("doing", c.err)
			assert.ErrorContains(t, err, c.want)
			assert.Equal(t, c.passing, isTransient(err), c.want)
			assert.NotContains(t, err.Error(), "\n")
			assert.Less(t, len(err.Error()), 700)
		})
	}
	assert.NoError(t, valid.explain("doing", nil))
}
