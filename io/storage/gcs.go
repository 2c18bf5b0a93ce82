package storage

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"

	gcs "cloud.google.com/go/storage"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/iterator"
)

// gcsClient is that of Google Cloud Storage.
type gcsClient struct{ *gcs.Client }

// openGCS makes a client as the environment says: STORAGE_EMULATOR_HOST, or the
// default credentials. By itself it would try for ever, without a word.
func openGCS(ctx context.Context) (client, error) {
	c, err := gcs.NewClient(ctx)
	if err != nil {
		return nil, err
	}
	c.SetRetry(gcs.WithPolicy(gcs.RetryNever))
	return gcsClient{c}, nil
}

// get implements client.
func (c gcsClient) get(
	ctx context.Context, bucket, key string, was version, r span,
) (io.ReadCloser, version, error) {
	object := c.Bucket(bucket).Object(key)
	if was != "" {
		generation, err := generationOf(was)
		if err != nil {
			return nil, "", err
		}
		object = object.Generation(generation)
	}
	length := int64(-1)
	if r.size > 0 {
		length = r.size
	}
	in, err := object.NewRangeReader(ctx, r.offset, length)
	if err != nil {
		return nil, "", missingIf(err, errors.Is(err, gcs.ErrObjectNotExist))
	}
	return in, version(strconv.FormatInt(in.Attrs.Generation, 10)), nil
}

func generationOf(v version) (int64, error) { return strconv.ParseInt(string(v), 10, 64) }

// put implements client.
func (c gcsClient) put(ctx context.Context, bucket, key string, was version, content []byte) error {
	condition := gcs.Conditions{DoesNotExist: true}
	if was != "" {
		generation, err := generationOf(was)
		if err != nil {
			return err
		}
		condition = gcs.Conditions{GenerationMatch: generation}
	}
	out := c.Bucket(bucket).Object(key).If(condition).NewWriter(ctx)
	out.ChunkSize = 0             // it is sent at once; otherwise each writer takes 16 MiB of memory
	out.CacheControl = "no-cache" // of a public bucket, caches would give former versions
	_, err := out.Write(content)
	if closing := out.Close(); closing != nil { // it fails again with what failed before
		err = closing
	}
	var refused *googleapi.Error
	if errors.As(err, &refused) && refused.Code == http.StatusPreconditionFailed {
		return errChanged
	}
	return err
}

// remove implements client.
func (c gcsClient) remove(ctx context.Context, bucket, key string) error {
	err := c.Bucket(bucket).Object(key).Delete(ctx)
	return missingIf(err, errors.Is(err, gcs.ErrObjectNotExist))
}

// list implements client.
func (c gcsClient) list(ctx context.Context, bucket string, q query) (p page, err error) {
	asked := gcs.Query{Prefix: q.prefix, Projection: gcs.ProjectionNoACL}
	if q.byFolder {
		asked.Delimiter = "/"
	}
	if err := asked.SetAttrSelection([]string{"Name", "Size", "Updated"}); err != nil {
		return p, err
	}
	limit := q.limit
	if limit == 0 {
		limit = 1000 // as many as Google gives at once
	}
	var found []*gcs.ObjectAttrs
	p.next, err = iterator.NewPager(c.Bucket(bucket).Objects(ctx, &asked), limit, q.from).NextPage(&found)
	for _, o := range found {
		// one of both
		p.objects = append(p.objects, Object{o.Prefix + o.Name, &Info{Size: o.Size, Modified: o.Updated}})
	}
	return p, err
}
