package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"google.golang.org/api/googleapi"
)

// explain makes a line of what went wrong in BigQuery, and of what to grant or set.
func (b *bigQuery) explain(err error) error {
	var answer *googleapi.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("BigQuery's dataset %s: no answer within %v; check the network "+
			"and, if it is given, endpoint=",
			b.dataset.ID(), catalogTimeout)
	case strings.Contains(err.Error(), "could not find default credentials"):
		return errors.New("no Google credentials are found; run gcloud auth application-default login, or name a " +
			"key file in GOOGLE_APPLICATION_CREDENTIALS")
	case !errors.As(err, &answer):
		return fmt.Errorf("BigQuery's dataset %s: %s", b.dataset.ID(), firstLine(err.Error()))
	}
	does := fmt.Sprintf("BigQuery's dataset %s: %s", b.dataset.ID(), firstLine(answer.Message))
	switch answer.Code {
	case http.StatusUnauthorized:
		return errors.New(does + "; renew the credentials: gcloud auth application-default login")
	case http.StatusForbidden:
		return errors.New(does + "; grant roles/bigquery.jobUser on the project, roles/bigquery.dataEditor on the " +
			"dataset (on the project, to have it created), and roles/storage.objectViewer on the bucket")
	case http.StatusNotFound:
		return errors.New(does + "; check the project and the bucket, and that both are of one location")
	case http.StatusConflict, http.StatusPreconditionFailed:
		return errors.New(does + "; someone else has changed it meanwhile: run this again")
	}
	return errors.New(does)
}

// explainBucket does so for what could not be read in gs://, whose errors say what to
// grant.
func explainBucket(lake string, err error) error {
	return fmt.Errorf("looking into %s: %s", lake, firstLine(err.Error()))
}

// What AWS has to permit.
const (
	glueActions = "glue:GetDatabase, glue:CreateDatabase, glue:GetTable, glue:CreateTable and glue:UpdateTable on " +
		"the catalog, the database and its tables"
	s3Actions = "s3:ListBucket on the bucket and s3:GetObject on what is in it"
)

// explainAWS makes a line of what went wrong in AWS while something was done, and
// of the actions to grant. The SDK's own errors tell of attempts, request numbers
// and more.
func explainAWS(doing, actions string, err error) error {
	var (
		answer smithy.APIError
		unsent *smithyhttp.RequestSendError
		region *aws.MissingRegionError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &region):
		return errors.New("no AWS region is found; give --region, or set AWS_REGION")
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: no answer within %v; check the network, --region and --endpoint", doing, catalogTimeout)
	case errors.As(err, &unsent):
		return fmt.Errorf("%s: can't be reached: %s; check --region and --endpoint", doing,
			firstLine(unsent.Err.Error()))
	case !errors.As(err, &answer):
		return fmt.Errorf("%s: %s", doing, firstLine(err.Error()))
	}
	text := fmt.Sprintf("%s: %s: %s", doing, answer.ErrorCode(), firstLine(answer.ErrorMessage()))
	switch code := answer.ErrorCode(); {
	case strings.HasPrefix(code, "AccessDenied"), code == "Forbidden":
		text += "; grant " + actions
	case code == "NoSuchBucket":
		text += "; check --lake"
	case code == "PermanentRedirect", code == "AuthorizationHeaderMalformed":
		text += "; the bucket is in another region: check --region"
	case code == "UnrecognizedClientException", code == "InvalidClientTokenId", code == "InvalidAccessKeyId",
		strings.HasPrefix(code, "ExpiredToken"):
		text += "; renew the credentials"
	case code == "AlreadyExistsException", code == "ConcurrentModificationException":
		text += "; someone else has changed it meanwhile: run this again"
	}
	return errors.New(text)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}
