package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	neturl "net/url"
	"strings"
	"time"

	"adtoorder/io/retry"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	awshttp "github.com/aws/smithy-go/transport/http"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/api/googleapi"
)

// How often and how long what fails for a while in a bucket is tried again.
var (
	backoff      = gax.Backoff{Initial: 500 * time.Millisecond, Max: 30 * time.Second, Multiplier: 2}
	retryTimeout = 10 * time.Minute
	tryTimeout   = time.Minute
)

// RetryTime returns for how long an update of a file is tried again that fails for a
// while.
func RetryTime(name string) time.Duration {
	if IsLocal(name) {
		return time.Minute
	}
	return retryTimeout + tryTimeout
}

// again does something until it succeeds or fails for good, or another has changed an
// object meanwhile.
func (b bucket) again(ctx context.Context, doing string, do func(context.Context) error) error {
	p := retry.Policy{Backoff: backoff, Patience: cmp.Or(b.patience, retryTimeout), Answer: tryTimeout,
		Passes: passes, Explain: explain}
	return p.Do(ctx, doing, do)
}

// passes reports whether a failure may be over when tried again.
func passes(err error) bool {
	var network *neturl.Error
	switch code := statusOf(err); {
	case code == http.StatusNotImplemented:
		return false
	case errors.As(err, new(cut)):
		return true
	case code != 0:
		return code == http.StatusRequestTimeout || code == http.StatusTooManyRequests || code >= 500
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return true
	}
	text := err.Error() // where credentials can't be had, there may have been a network at fault, too
	return errors.As(err, &network) && !strings.Contains(text, "oauth2") && !strings.Contains(text, "credentials")
}

// cut is a connection that has ended in the middle of an object.
type cut struct{ error }

// Unwrap returns the error as it came.
func (c cut) Unwrap() error { return c.error }

// missing is the answer that there is no such object.
type missing struct{ error }

// missingIf makes an error that says so, if it does, a missing.
func missingIf(err error, says bool) error {
	if says {
		return missing{err}
	}
	return err
}

// statusOf returns the HTTP status of a bucket's answer; 0 where there was none.
func statusOf(err error) int {
	var gs *googleapi.Error
	var s3 *awshttp.ResponseError
	var az *azcore.ResponseError
	switch {
	case errors.As(err, &az):
		return az.StatusCode
	case errors.As(err, &gs):
		return gs.Code
	case errors.As(err, &s3):
		return s3.HTTPStatusCode()
	}
	return 0
}

// explain says what to do about a failure, where somebody can do something.
func explain(doing string, err error) error {
	if errors.Is(err, errChanged) {
		return err
	}
	if errors.As(err, new(missing)) {
		return fmt.Errorf("%s: %w", doing, fs.ErrNotExist)
	}
	todo, text := "", oneLine(err)
	switch code := statusOf(err); {
	case text == noAzureCredentials:
		todo = "; run: az login, or set AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN " +
			"or the AZURE_… variables of a service principal"
	case strings.HasPrefix(text, "dialing: "), strings.Contains(text, "oauth2"): // GCS's client begins with credentials
		todo = "; run: gcloud auth application-default login, or name a file of credentials in " +
			"GOOGLE_APPLICATION_CREDENTIALS"
	case strings.Contains(text, "get credentials"):
		todo = "; give AWS credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a " +
			"profile in AWS_PROFILE, or a role"
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		todo = "; the account must be allowed to get, put, list and delete objects in this bucket " +
			"(roles/storage.objectUser on gs://, Storage Blob Data Contributor on az://)"
	case code == http.StatusNotFound:
		todo = "; is there such a bucket?"
	case code == http.StatusNotImplemented:
		todo = "; the lake needs a bucket that takes conditional writes (If-Match and If-None-Match)"
	}
	return &failure{fmt.Sprintf("%s: %s%s", doing, text, todo), err}
}

// failure is what failed for good, in a line.
type failure struct {
	text  string
	cause error
}

// Error implements error.
func (f *failure) Error() string { return f.text }

// Unwrap returns the client's error; but that a file of credentials is missing must not
// be taken for a missing object.
func (f *failure) Unwrap() error {
	if errors.Is(f.cause, fs.ErrNotExist) {
		return nil
	}
	return f.cause
}

// noAzureCredentials stands for what fails in each of a dozen ways to have some.
const noAzureCredentials = "no Azure credentials are found"

// oneLine is an error's text. Azure's clients print whole answers.
func oneLine(err error) string {
	if strings.HasPrefix(err.Error(), "DefaultAzureCredential: ") {
		return noAzureCredentials
	}
	var az *azcore.ResponseError
	if errors.As(err, &az) {
		return strings.TrimSpace(fmt.Sprint(az.StatusCode, " ", az.ErrorCode))
	}
	return retry.OneLine(err)
}
