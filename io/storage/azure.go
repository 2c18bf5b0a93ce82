package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"
)

// azureClient is that of a storage account of Azure.
type azureClient struct{ *service.Client }

// errNoAccount says what the environment lacks.
var errNoAccount = errors.New("no Azure account is named; " +
	"set AZURE_STORAGE_ACCOUNT, or AZURE_STORAGE_CONNECTION_STRING")

// openAzure makes a client as the environment says: AZURE_STORAGE_CONNECTION_STRING; or
// AZURE_STORAGE_ACCOUNT, with AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN or the default
// credentials. It tries nothing again by itself.
func openAzure(context.Context) (client, error) {
	once := policy.ClientOptions{Retry: policy.RetryOptions{MaxRetries: -1}}
	options := &service.ClientOptions{ClientOptions: once}
	if connection := os.Getenv("AZURE_STORAGE_CONNECTION_STRING"); connection != "" {
		c, err := service.NewClientFromConnectionString(connection, options)
		return azureClient{c}, err
	}
	account := os.Getenv("AZURE_STORAGE_ACCOUNT")
	if account == "" {
		return nil, errNoAccount
	}
	url := fmt.Sprintf("https://%s.blob.core.windows.net/", account)
	if key := os.Getenv("AZURE_STORAGE_KEY"); key != "" {
		shared, err := service.NewSharedKeyCredential(account, key)
		if err != nil {
			return nil, err
		}
		c, err := service.NewClientWithSharedKeyCredential(url, shared, options)
		return azureClient{c}, err
	}
	if token := os.Getenv("AZURE_STORAGE_SAS_TOKEN"); token != "" {
		c, err := service.NewClientWithNoCredential(url+"?"+token, options)
		return azureClient{c}, err
	}
	defaults := &azidentity.DefaultAzureCredentialOptions{ClientOptions: once}
	credentials, err := azidentity.NewDefaultAzureCredential(defaults)
	if err != nil {
		return nil, err
	}
	c, err := service.NewClient(url, credentials, options)
	return azureClient{c}, err
}

func (c azureClient) blob(bucket, key string) *blockblob.Client {
	return c.NewContainerClient(bucket).NewBlockBlobClient(key)
}

// unchanged is the condition that a blob is still of a version; that there is none,
// for the empty one.
func unchanged(was version) *blob.AccessConditions {
	condition := &blob.ModifiedAccessConditions{IfMatch: to.Ptr(azcore.ETag(was))}
	if was == "" {
		condition = &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}
	}
	return &blob.AccessConditions{ModifiedAccessConditions: condition}
}

// get implements client.
func (c azureClient) get(
	ctx context.Context, bucket, key string, was version, r span,
) (io.ReadCloser, version, error) {
	options := &blob.DownloadStreamOptions{Range: blob.HTTPRange{Offset: r.offset, Count: r.size}}
	if was != "" {
		options.AccessConditions = unchanged(was)
	}
	out, err := c.blob(bucket, key).DownloadStream(ctx, options)
	if err != nil {
		return nil, "", missingIf(err, isAzure(err, http.StatusNotFound, "BlobNotFound"))
	}
	return out.Body, version(*out.ETag), nil
}

// put implements client.
func (c azureClient) put(ctx context.Context, bucket, key string, was version, content []byte) error {
	body := streaming.NopCloser(bytes.NewReader(content))
	_, err := c.blob(bucket, key).Upload(ctx, body, &blockblob.UploadOptions{AccessConditions: unchanged(was)})
	if isAzure(err, http.StatusPreconditionFailed, "") || isAzure(err, http.StatusConflict, "BlobAlreadyExists") {
		return errChanged
	}
	return err
}

// remove implements client.
func (c azureClient) remove(ctx context.Context, bucket, key string) error {
	_, err := c.blob(bucket, key).Delete(ctx, nil)
	return missingIf(err, isAzure(err, http.StatusNotFound, "BlobNotFound"))
}

// list implements client.
func (c azureClient) list(ctx context.Context, bucket string, q query) (p page, err error) {
	var from *string
	if q.from != "" {
		from = &q.from
	}
	var limit *int32
	if q.limit > 0 {
		limit = to.Ptr(int32(q.limit))
	}
	in := c.NewContainerClient(bucket)
	var blobs []*container.BlobItem
	if q.byFolder {
		options := &container.ListBlobsHierarchyOptions{Prefix: &q.prefix, Marker: from, MaxResults: limit}
		out, err := in.NewListBlobsHierarchyPager("/", options).NextPage(ctx)
		if err != nil {
			return p, err
		}
		for _, folder := range out.Segment.BlobPrefixes {
			p.objects = append(p.objects, Object{*folder.Name, &Info{}})
		}
		blobs, p.next = out.Segment.BlobItems, deref(out.NextMarker)
	} else {
		options := &container.ListBlobsFlatOptions{Prefix: &q.prefix, Marker: from, MaxResults: limit}
		out, err := in.NewListBlobsFlatPager(options).NextPage(ctx)
		if err != nil {
			return p, err
		}
		blobs, p.next = out.Segment.BlobItems, deref(out.NextMarker)
	}
	for _, b := range blobs {
		info := &Info{Size: deref(b.Properties.ContentLength), Modified: deref(b.Properties.LastModified)}
		p.objects = append(p.objects, Object{*b.Name, info})
	}
	return p, nil
}

// deref returns the zero value for what an answer lacks.
func deref[T any](p *T) (value T) {
	if p != nil {
		value = *p
	}
	return value
}

// isAzure reports whether an error is an answer with a status and a code; "" for any.
func isAzure(err error, status int, code string) bool {
	var answer *azcore.ResponseError
	return errors.As(err, &answer) && answer.StatusCode == status && (code == "" || answer.ErrorCode == code)
}

// Close implements client: Azure's has nothing to close.
func (c azureClient) Close() error { return nil }
