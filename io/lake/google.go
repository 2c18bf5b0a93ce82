package lake

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"cloud.google.com/go/storage"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/iterator"
)

// google is a bucket of Google Cloud Storage.
type google struct {
	client *storage.Client
	bucket *storage.BucketHandle
}

// openGoogle makes a client as the environment says: STORAGE_EMULATOR_HOST, or
// the default credentials. By itself it would try for ever, without a word.
func openGoogle(ctx context.Context, name string) (bucket, error) {
	client, err := storage.NewClient(ctx)
	if err != nil {
		return nil, err
	}
	client.SetRetry(storage.WithPolicy(storage.RetryNever))
	return google{client, client.Bucket(name)}, nil
}

// get implements bucket.
func (g google) get(ctx context.Context, key string) ([]byte, version, error) {
	in, err := g.bucket.Object(key).NewReader(ctx)
	if errors.Is(err, storage.ErrObjectNotExist) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	defer in.Close()
	content, err := readBody(in)
	return content, version(strconv.FormatInt(in.Attrs.Generation, 10)), err
}

// put implements bucket.
func (g google) put(ctx context.Context, key string, was version, content []byte) error {
	condition := storage.Conditions{DoesNotExist: true}
	if was != "" {
		generation, err := strconv.ParseInt(string(was), 10, 64)
		if err != nil {
			return err
		}
		condition = storage.Conditions{GenerationMatch: generation}
	}
	out := g.bucket.Object(key).If(condition).NewWriter(ctx)
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

// has implements bucket.
func (g google) has(ctx context.Context, begin, end string) (bool, error) {
	all := g.bucket.Objects(ctx, &storage.Query{Prefix: begin})
	all.PageInfo().MaxSize = 1
	object, err := all.Next()
	for err == nil && !strings.HasSuffix(object.Name, end) { // a folder's mark, say
		object, err = all.Next()
	}
	if errors.Is(err, iterator.Done) {
		return false, nil
	}
	return err == nil, err
}

// Close implements bucket.
func (g google) Close() error { return g.client.Close() }
