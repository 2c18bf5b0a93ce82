package main

import (
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"
)

// amazon is a stand-in for AWS with a lake in s3://ads.
type amazon struct {
	endpoint string
	s3       *s3.Client
	glue     *glue.Client
}

// connect makes clients of a stand-in, and the lake's bucket.
func connect(t *testing.T, endpoint string) amazon {
	t.Helper()
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
		"AWS_REGION": "", "AWS_DEFAULT_REGION": "",
		"AWS_CA_BUNDLE": "", "AWS_CONFIG_FILE": os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true"} {
		t.Setenv(name, value)
	}
	loaded, err := config.LoadDefaultConfig(t.Context(), config.WithRegion("us-east-1"),
		config.WithBaseEndpoint(endpoint))
	require.NoError(t, err)
	a := amazon{endpoint, s3.NewFromConfig(loaded, func(o *s3.Options) { o.UsePathStyle = true }),
		glue.NewFromConfig(loaded)}
	_, err = a.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("ads")})
	require.NoError(t, err)
	return a
}

func (a amazon) put(t *testing.T, key, content string) {
	t.Helper()
	_, err := a.s3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("ads"), Key: &key,
		Body: strings.NewReader(content)})
	require.NoError(t, err)
}

// args are the arguments for the stand-in.
func (a amazon) args(more ...string) []string {
	return append([]string{"--target", "glue", "--lake", "s3://ads/lake/", "--database", "reports", "--region",
		"us-east-1", "--endpoint", a.endpoint}, more...)
}

func (a amazon) table(t *testing.T, name string) *types.Table {
	t.Helper()
	found, err := a.glue.GetTable(t.Context(), &glue.GetTableInput{DatabaseName: aws.String("reports"), Name: &name})
	require.NoError(t, err)
	return found.Table
}

// change puts a changed table in place of one that is there.
func (a amazon) change(t *testing.T, name string, change func(*types.TableInput)) {
	t.Helper()
	there := a.table(t, name)
	input := &types.TableInput{Name: &name, TableType: there.TableType, Parameters: there.Parameters,
		PartitionKeys: there.PartitionKeys, StorageDescriptor: there.StorageDescriptor}
	change(input)
	_, err := a.glue.UpdateTable(t.Context(), &glue.UpdateTableInput{DatabaseName: aws.String("reports"),
		TableInput: input})
	require.NoError(t, err)
}
