package folder

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
)

// bucket is a directory in a bucket.
type bucket struct {
	pattern string
	dir     string // of the pattern
	first   string // element of the glob below it
	wide    string // what Beam lists
	fs      filesystem.Interface
}

func openBucket(ctx context.Context, pattern string) (*bucket, error) {
	fs, err := filesystem.New(context.WithoutCancel(ctx), pattern) // it is used longer than for one bundle
	if err != nil {
		return nil, err
	}
	if _, ok := fs.(filesystem.LastModifiedGetter); !ok {
		fs.Close()
		return nil, fmt.Errorf("%s does not tell when files were modified", pattern)
	}
	dir, glob := split(pattern)
	first, below, deeper := strings.Cut(glob, "/")
	b := &bucket{pattern: pattern, dir: dir, first: first, wide: pattern, fs: fs}
	// Beam lists what begins with all that is before the first *, be it special.
	if i := strings.IndexAny(first, special); i >= 0 && first[i] != '*' {
		if b.wide = dir + "*"; deeper {
			b.wide += "/" + below
		}
	}
	return b, nil
}

func (b *bucket) list(ctx context.Context) ([]string, error) {
	paths, err := b.fs.List(ctx, quote(b.wide))
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", b.pattern, err)
	}
	return slices.DeleteFunc(paths, func(path string) bool { return !b.takes(path) }), nil
}

// takes tells whether what Beam listed is to be read.
func (b *bucket) takes(object string) bool {
	name := strings.TrimPrefix(object, b.dir)
	if hidden(name) || name == "" || strings.HasSuffix(name, "/") { // objects dir/ stand for directories
		return false
	}
	name, _, _ = strings.Cut(name, "/")
	ok, _ := path.Match(b.first, name)
	return ok || b.wide == b.pattern
}

// stat leaves the size open, which would take another request.
func (b *bucket) stat(ctx context.Context, path string) (stat, bool, error) {
	modified, err := b.fs.(filesystem.LastModifiedGetter).LastModified(ctx, quote(path))
	if err != nil {
		return stat{}, false, fmt.Errorf("describing %s: %w", path, err)
	}
	return stat{modified: modified}, true, nil
}

func (b *bucket) open(ctx context.Context, path string) (io.ReadCloser, error) {
	in, err := b.fs.OpenRead(ctx, quote(path))
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	return in, nil
}

func (b *bucket) Close() error { return b.fs.Close() }

// quote writes a path as the URL that Beam takes it for: a question mark would
// begin a query.
func quote(path string) string {
	scheme, rest, _ := strings.Cut(path, "://")
	bucket, object, _ := strings.Cut(rest, "/")
	return (&url.URL{Scheme: scheme, Host: bucket, Path: "/" + object}).String()
}
