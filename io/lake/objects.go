package lake

import (
	"bytes"
	"context"
	"errors"
	"strings"
)

// version is what an object was when it was read: its generation in GCS, its ETag
// in S3; empty where there was none.
type version string

// bucket keeps objects whole. Beam's file systems know neither versions nor
// conditions, without which the last of two writers would win.
type bucket interface {
	// get returns an object's content; nil, and no version, where there is none.
	get(ctx context.Context, key string) ([]byte, version, error)
	// put writes an object in place of the version that was read. It returns
	// errChanged where another is there.
	put(ctx context.Context, key string, was version, content []byte) error
	// has tells whether there is any object whose key begins and ends so.
	has(ctx context.Context, begin, end string) (bool, error)
	Close() error
}

// errChanged says that another has written an object since it was read.
var errChanged = errors.New("others have changed it each time since it was read")

// rounds is how often an object is merged with anew where others write it, too:
// as often as there may be of them, since one of them gets through each time.
const rounds = 100

// objects is the store of files in a bucket.
type objects struct {
	bucket
	uri string // gs://BUCKET or s3://BUCKET
}

// openObjects opens the bucket of a URI such as gs://BUCKET/lake.
func openObjects(ctx context.Context, uri string) (store, error) {
	ctx = context.WithoutCancel(ctx) // clients are used longer than for one bundle
	scheme, path, _ := strings.Cut(uri, "://")
	name, _, _ := strings.Cut(path, "/")
	o := objects{uri: scheme + "://" + name}
	var err error
	switch scheme {
	case "gs":
		o.bucket, err = openGoogle(ctx, name)
	case "s3":
		o.bucket, err = openAmazon(ctx, name)
	default:
		err = errors.New("want gs://BUCKET or s3://BUCKET")
	}
	if err != nil {
		return nil, explain("opening "+o.uri, err)
	}
	return o, nil
}

func (o objects) key(file string) string { return strings.TrimPrefix(file, o.uri+"/") }

// read implements store.
func (o objects) read(ctx context.Context, file string) ([]byte, error) {
	there, _, err := o.get(ctx, file)
	if err != nil || there != nil {
		return there, err
	}
	// Google's answer is the same where there is no bucket. Listing tells.
	_, err = o.has(ctx, file, "")
	return nil, err
}

func (o objects) get(ctx context.Context, file string) (there []byte, was version, err error) {
	err = again(ctx, "reading "+file, func(ctx context.Context) (err error) {
		there, was, err = o.bucket.get(ctx, o.key(file))
		return err
	})
	return there, was, err
}

// update implements store.
func (o objects) update(ctx context.Context, file string, change func([]byte) ([]byte, error)) error {
	here := writingIn(file)
	here.Lock()
	defer here.Unlock()
	for round := 1; ; round++ {
		there, was, err := o.get(ctx, file)
		if err != nil {
			return err
		}
		content, err := change(there)
		if err != nil || there != nil && bytes.Equal(content, there) {
			return err
		}
		err = again(ctx, "writing "+file, func(ctx context.Context) error {
			return o.put(ctx, o.key(file), was, content)
		})
		if !errors.Is(err, errChanged) || round == rounds {
			return err
		}
	}
}

// has implements store.
func (o objects) has(ctx context.Context, dir, end string) (found bool, err error) {
	err = again(ctx, "listing "+dir, func(ctx context.Context) (err error) {
		found, err = o.bucket.has(ctx, o.key(dir), end)
		return err
	})
	return found, err
}
