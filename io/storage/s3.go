package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	awshttp "github.com/aws/smithy-go/transport/http"
)

// s3Client is that of S3, or of what stands in for it.
type s3Client struct{ *s3.Client }

// openS3 makes a client as the environment says: AWS_ENDPOINT_URL, AWS_REGION, and the
// default credentials.
func openS3(ctx context.Context) (client, error) {
	loaded, err := config.LoadDefaultConfig(ctx, config.WithLogger(logging.Nop{})) // its errors say enough
	if err != nil {
		return nil, err
	}
	return s3Client{s3.NewFromConfig(loaded)}, nil
}

// WithS3 returns a Storage that reaches S3 by a client of one's own.
func WithS3(c *s3.Client) *Storage {
	return &Storage{clients: map[string]client{"s3": s3Client{c}}}
}

// noSuchKey is the code of the answer where there is no such object. A bucket
// that is not there has another.
const noSuchKey = "NoSuchKey"

// get implements client.
func (c s3Client) get(
	ctx context.Context, bucket, key string, was version, r span,
) (io.ReadCloser, version, error) {
	in := &s3.GetObjectInput{Bucket: &bucket, Key: &key}
	if was != "" {
		in.IfMatch = aws.String(string(was))
	}
	switch {
	case r.size > 0:
		in.Range = aws.String(fmt.Sprintf("bytes=%d-%d", r.offset, r.offset+r.size-1))
	case r.offset > 0:
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", r.offset))
	}
	out, err := c.GetObject(ctx, in, func(o *s3.Options) {
		if in.Range != nil { // a checksum is of the whole object
			o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
		}
	})
	if err != nil {
		return nil, "", missingIf(err, isCode(err, noSuchKey))
	}
	return out.Body, version(aws.ToString(out.ETag)), nil
}

// put implements client.
func (c s3Client) put(ctx context.Context, bucket, key string, was version, content []byte) error {
	in := &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(content)}
	if was == "" {
		in.IfNoneMatch = aws.String("*")
	} else {
		in.IfMatch = aws.String(string(was))
	}
	_, err := c.PutObject(ctx, in)
	var answer *awshttp.ResponseError
	switch {
	case errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusPreconditionFailed,
		isCode(err, "ConditionalRequestConflict"), // another put was under way
		isCode(err, noSuchKey):                    // it was removed
		return errChanged
	}
	return err
}

// remove implements client.
func (c s3Client) remove(ctx context.Context, bucket, key string) error {
	_, err := c.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: &key})
	return err
}

// list implements client.
func (c s3Client) list(ctx context.Context, bucket string, q query) (p page, err error) {
	in := &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &q.prefix}
	if q.byFolder {
		in.Delimiter = aws.String("/")
	}
	if q.from != "" {
		in.ContinuationToken = &q.from
	}
	if q.limit > 0 {
		in.MaxKeys = aws.Int32(int32(q.limit))
	}
	out, err := c.ListObjectsV2(ctx, in)
	if err != nil {
		return p, err
	}
	for _, o := range out.Contents {
		info := &Info{Size: aws.ToInt64(o.Size), Modified: aws.ToTime(o.LastModified)}
		p.objects = append(p.objects, Object{aws.ToString(o.Key), info})
	}
	for _, folder := range out.CommonPrefixes {
		p.objects = append(p.objects, Object{aws.ToString(folder.Prefix), &Info{}})
	}
	p.next = aws.ToString(out.NextContinuationToken)
	return p, nil
}

func isCode(err error, code string) bool {
	var refused smithy.APIError
	return errors.As(err, &refused) && refused.ErrorCode() == code
}

// Close implements client: S3's has nothing to close.
func (c s3Client) Close() error { return nil }
