package dataflow

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/oauth2"
	"google.golang.org/api/googleapi"
)

// serviceError is a refusal of the service, with what to do about it.
type serviceError struct {
	doing, problem, advice string
	transient              bool // it may be gone the next time
}

// Error is one line.
func (e *serviceError) Error() string {
	text := e.doing + ": " + e.problem
	if e.advice != "" {
		text += "; " + e.advice
	}
	return text
}

// explain makes one line of an error of Google's services, which says what to
// grant or to set. doing is what was being done, and to what.
func (f Flags) explain(doing string, err error) error {
	var refused *googleapi.Error
	var token *oauth2.RetrieveError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused):
		return f.refusal(doing, refused)
	case errors.As(err, &token) && token.Response != nil: // its text would repeat the answer
		return &serviceError{doing, fmt.Sprintf("the credentials of the environment are not accepted (status %d)",
			token.Response.StatusCode), login, false}
	}
	return &serviceError{doing, oneLine(err.Error()), "", true}
}

const login = "log in: gcloud auth application-default login, or name a key file in GOOGLE_APPLICATION_CREDENTIALS"

// refusal explains an answer by its status and reason.
func (f Flags) refusal(doing string, e *googleapi.Error) error {
	advice, transient := "", false
	switch reason := reasonOf(e); {
	case reason == "SERVICE_DISABLED" || reason == "accessNotConfigured":
		service := "dataflow.googleapis.com"
		if strings.Contains(e.Message, "storage") {
			service = "storage.googleapis.com"
		}
		advice = fmt.Sprintf("enable it: gcloud services enable %s --project=%s", service, f.Project)
	case e.Code == http.StatusTooManyRequests, e.Code == http.StatusForbidden && isQuota(reason):
		advice = "wait, or ask for more quota: https://console.cloud.google.com/iam-admin/quotas?project=" + f.Project
		transient = e.Code == http.StatusTooManyRequests
	case e.Code == http.StatusUnauthorized:
		advice = login
	case e.Code == http.StatusForbidden && strings.Contains(e.Message, "storage."):
		advice = "grant your account roles/storage.admin on the bucket, or on the project " + f.Project
	case e.Code == http.StatusForbidden && strings.Contains(e.Message, "actAs"):
		advice = "grant your account roles/iam.serviceAccountUser on the workers' service account"
	case e.Code == http.StatusForbidden:
		advice = fmt.Sprintf("grant your account roles/dataflow.developer in project %s, and "+
			"roles/iam.serviceAccountUser on the workers' service account; or check --project", f.Project)
	case e.Code == http.StatusNotFound:
		advice = fmt.Sprintf("check --project=%s, --region=%s, and the job's id", f.Project, f.Region)
	case e.Code >= http.StatusInternalServerError:
		advice, transient = "try again", true
	}
	return &serviceError{doing, fmt.Sprintf("%s (status %d)", messageOf(e), e.Code), advice, transient}
}

// reasonOf returns why a request was refused, in the service's word for it.
func reasonOf(e *googleapi.Error) string {
	for _, d := range e.Details {
		if info, ok := d.(map[string]any); ok {
			if reason, ok := info["reason"].(string); ok {
				return reason
			}
		}
	}
	if len(e.Errors) > 0 {
		return e.Errors[0].Reason
	}
	return ""
}

func isQuota(reason string) bool {
	switch reason {
	case "quotaExceeded", "rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED":
		return true
	}
	return false
}

func messageOf(e *googleapi.Error) string {
	if e.Message == "" { // not every answer is as Google's are
		return http.StatusText(e.Code)
	}
	return oneLine(e.Message)
}

// maxLine is how much of a service's text is repeated, in bytes.
const maxLine = 400

func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxLine {
		text = strings.ToValidUTF8(text[:maxLine], "") + "…"
	}
	return strings.TrimRight(text, ".")
}
