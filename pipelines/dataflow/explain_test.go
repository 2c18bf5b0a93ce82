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
		return fmt.Errorf("storage: %w", &googleapi.Error{Code: status, Message: message, Errors: []googleapi.ErrorItem{{Reason: reason}}})
	}
	for _, c := range []struct {
		err     error
		want    string
		passing bool
	}{
		{refused(401, "authError", "Request had invalid credentials."), "doing: Request had invalid credentials (status 401); log in: ", false},
		{refused(403, "forbidden", "me@x does not have storage.buckets.get access\nto the bucket."), "doing: me@x does not have storage.buckets.get access to the bucket (status 403); grant your account roles/storage.admin", false},
		{refused(403, "forbidden", "Current user cannot act as service account w@x: iam.serviceAccounts.actAs."), "grant your account roles/iam.serviceAccountUser", false},
		{refused(403, "forbidden", "(1): The caller lacks dataflow.jobs.create"), "grant your account roles/dataflow.developer in project shop-12345", false},
		{refused(403, "quotaExceeded", "Too many."), "ask for more quota", false},
		{refused(429, "", "Too many."), "ask for more quota", true},
		{refused(403, "accessNotConfigured", "Dataflow API is off."), "gcloud services enable dataflow.googleapis.com --project=shop-12345", false},
		{refused(403, "accessNotConfigured", "storage API is off."), "gcloud services enable storage.googleapis.com", false},
		{&googleapi.Error{Code: 403, Message: "off", Details: []any{map[string]any{"reason": "SERVICE_DISABLED"}}}, "gcloud services enable dataflow.googleapis.com", false},
		{refused(404, "", ""), "doing: Not Found (status 404); check --project=shop-12345, --region=europe-west1", false},
		{refused(409, "", "It is being updated."), "doing: It is being updated (status 409)", false},
		{refused(400, "", "(2): The workflow is wrong."), "doing: (2): The workflow is wrong (status 400)", false},
		{refused(503, "", "Not now."), "try again", true},
		{errors.New("dial tcp: no route"), "doing: dial tcp: no route", true},
		{errors.New(strings.Repeat("long\n", 1000)), "long long", true},
	} {
		err := valid.explain("doing", c.err)
		assert.ErrorContains(t, err, c.want)
		assert.Equal(t, c.passing, isTransient(err), c.want)
		assert.NotContains(t, err.Error(), "\n")
		assert.Less(t, len(err.Error()), 700)
	}
	assert.NoError(t, valid.explain("doing", nil))
}
