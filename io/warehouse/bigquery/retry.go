package bigquery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"adtoorder/io/retry"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/api/googleapi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// How often and how long what fails for a while is tried again.
var (
	backoff      = gax.Backoff{Initial: 500 * time.Millisecond, Max: 30 * time.Second, Multiplier: 2}
	retryTimeout = 10 * time.Minute
)

// retry does something until it succeeds or fails for good.
func (b Warehouse) retry(ctx context.Context, doing string, do func(context.Context) error) error {
	return retry.Policy{Of: "BigQuery " + b.ID() + ": ", Backoff: backoff, Patience: retryTimeout,
		Passes: transient, Explain: b.explain}.Do(ctx, doing, do)
}

// transientCodes are those of failures that pass. A table that was made just now may not
// be known to all of BigQuery yet (NotFound).
var transientCodes = []codes.Code{codes.Unavailable, codes.ResourceExhausted, codes.Aborted, codes.Internal,
	codes.DeadlineExceeded, codes.Canceled, codes.Unknown, codes.NotFound}

// transient reports whether a failure may be over when tried again.
func transient(err error) bool {
	var rest *googleapi.Error
	var network *url.Error
	switch {
	case errors.As(err, &rest):
		return rest.Code == http.StatusTooManyRequests || rest.Code == http.StatusPreconditionFailed ||
			rest.Code >= 500 ||
			hasReason(rest, "rateLimitExceeded", "backendError", "jobRateLimitExceeded")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, io.EOF), errors.Is(err, context.Canceled):
		return true // by another that has dropped the stream: where the run is cancelled, this is not asked
	}
	if s, ok := status.FromError(err); ok {
		return slices.Contains(transientCodes, s.Code()) || slices.ContainsFunc(s.Details(), isBehind)
	}
	return errors.As(err, &network) && !strings.Contains(err.Error(), "oauth2")
}

// isBehind reports whether a status's detail says that the Storage Write API does not
// know of a table or column yet that was made just now: that takes it minutes.
func isBehind(detail any) bool {
	e, ok := detail.(*storagepb.StorageError)
	return ok && (e.Code == storagepb.StorageError_SCHEMA_MISMATCH_EXTRA_FIELDS ||
		e.Code == storagepb.StorageError_TABLE_NOT_FOUND)
}

func hasReason(err *googleapi.Error, reasons ...string) bool {
	return slices.ContainsFunc(err.Errors,
		func(e googleapi.ErrorItem) bool { return slices.Contains(reasons, e.Reason) })
}

// explain says what to do about a failure, where somebody can do something.
func (b Warehouse) explain(doing string, err error) error {
	var rest *googleapi.Error
	errors.As(err, &rest)
	code := status.Code(err)
	todo := ""
	const login = "run: gcloud auth application-default login, " +
		"or name a file of credentials in GOOGLE_APPLICATION_CREDENTIALS"
	switch text := err.Error(); {
	case doing == findingCredentials: // the clients are made from credentials, and nothing is asked yet
		todo = login
	case strings.Contains(text, "oauth2") || strings.Contains(text, "invalid_grant"):
		todo = "the credentials have ended, or are not taken; " + login
	case rest != nil && hasReason(rest, "quotaExceeded", "rateLimitExceeded"), code == codes.ResourceExhausted:
		todo = "wait, or raise the quota of project " + b.Project + " for the BigQuery API"
	case rest != nil && hasReason(rest, "accessNotConfigured", "SERVICE_DISABLED"), strings.Contains(text,
		"SERVICE_DISABLED"):
		todo = "run: gcloud services enable bigquery.googleapis.com bigquerystorage.googleapis.com --project=" +
			b.Project
	case rest != nil && hasReason(rest, "billingNotEnabled"):
		todo = "enable billing in project " + b.Project + ": without it BigQuery takes no rows"
	case rest != nil && (rest.Code == http.StatusUnauthorized), code == codes.Unauthenticated:
		todo = "the credentials are not taken; " + login
	case rest != nil && rest.Code == http.StatusForbidden, code == codes.PermissionDenied:
		todo = "grant the account roles/bigquery.dataEditor on the dataset (dataViewer to read alone; " +
			"roles/bigquery.user on the project, if it is to be made) and roles/bigquery.jobUser on project " +
			b.Project
	case rest != nil && rest.Code == http.StatusNotFound && strings.Contains(text, "Not found: Project"):
		todo = "is project " + b.Project + " spelled right, and BigQuery enabled in it?"
	}
	if todo != "" {
		return fmt.Errorf("BigQuery %s: %s: %s; %s", b.ID(), doing, retry.OneLine(err), todo)
	}
	return &failure{fmt.Sprintf("BigQuery %s: %s: %s", b.ID(), doing, retry.OneLine(err)), err}
}

// failure is an error told in one line.
type failure struct {
	text string
	err  error
}

// Error implements error.
func (f *failure) Error() string { return f.text }

// Unwrap returns the error as it came.
func (f *failure) Unwrap() error { return f.err }
