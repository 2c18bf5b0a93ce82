package lake

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	awshttp "github.com/aws/smithy-go/transport/http"
)

// amazon is a bucket of S3, or of what stands in for it.
type amazon struct {
	client *s3.Client
	name   string
}

// openAmazon makes a client as the environment says, as Beam does, which lists
// and removes files: AWS_ENDPOINT_URL, AWS_REGION, and the default credentials.
func openAmazon(ctx context.Context, name string) (bucket, error) {
	loaded, err := config.LoadDefaultConfig(ctx, config.WithLogger(logging.Nop{})) // its errors say enough
	if err != nil {
		return nil, err
	}
	return amazon{s3.NewFromConfig(loaded), name}, nil
}

// noSuchKey is the code of the answer where there is no such object. A bucket
// that is not there has another.
const noSuchKey = "NoSuchKey"

// get implements bucket.
func (a amazon) get(ctx context.Context, key string) ([]byte, version, error) {
	out, err := a.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &a.name, Key: &key})
	if isCode(err, noSuchKey) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	defer out.Body.Close()
	content, err := readBody(out.Body)
	return content, version(aws.ToString(out.ETag)), err
}

// put implements bucket.
func (a amazon) put(ctx context.Context, key string, was version, content []byte) error {
	in := &s3.PutObjectInput{Bucket: &a.name, Key: &key, Body: bytes.NewReader(content)}
	if was == "" {
		in.IfNoneMatch = aws.String("*")
	} else {
		in.IfMatch = aws.String(string(was))
	}
	_, err := a.client.PutObject(ctx, in)
	var answer *awshttp.ResponseError
	switch {
	case errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusPreconditionFailed,
		isCode(err, "ConditionalRequestConflict"), // another put was under way
		isCode(err, noSuchKey):                    // it was removed
		return errChanged
	}
	return err
}

// has implements bucket.
func (a amazon) has(ctx context.Context, begin, end string) (bool, error) {
	pages := s3.NewListObjectsV2Paginator(a.client, &s3.ListObjectsV2Input{Bucket: &a.name, Prefix: &begin, MaxKeys: aws.Int32(1)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(page.Contents, func(o types.Object) bool { return strings.HasSuffix(aws.ToString(o.Key), end) }) {
			return true, nil
		}
	}
	return false, nil
}

func isCode(err error, code string) bool {
	var refused smithy.APIError
	return errors.As(err, &refused) && refused.ErrorCode() == code
}

// Close implements bucket: S3's client has nothing to close.
func (a amazon) Close() error { return nil }
