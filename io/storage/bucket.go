package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"slices"
	"strings"
	"time"
)

// version is what an object was when it was read: its generation in GCS, its ETag
// in S3 and Azure; empty where there was none.
type version string

// query is a part of a listing: what begins with a prefix, from where the last part
// ended. Where it is by folders, all objects below one are listed as the folder's name
// with its slash.
type query struct {
	prefix   string
	byFolder bool
	from     string // what the last part has told; "" for the first
	limit    int    // of objects; 0 for as many as the provider gives
}

// page is a part of a listing.
type page struct {
	objects []Object // by key
	next    string   // what the next part is asked for with; "" for the last
}

// span is a range of an object.
type span struct {
	offset int64
	size   int64 // bytes; 0 for all that follow
}

// client is that of a provider. It tries nothing again by itself for long, and keeps
// objects whole.
type client interface {
	// get opens an object, given what it was if it must still be that, to be read in a
	// range. It returns a missing where there is none.
	get(ctx context.Context, bucket, key string, was version, r span) (io.ReadCloser, version, error)
	// put writes an object in place of the version that was read. It returns
	// errChanged where another is there.
	put(ctx context.Context, bucket, key string, was version, content []byte) error
	remove(ctx context.Context, bucket, key string) error
	list(ctx context.Context, bucket string, q query) (page, error)
	Close() error
}

// errChanged says that another has written an object since it was read.
var errChanged = errors.New("others have changed it each time since it was read")

// rounds is how often an object is updated anew where others write it, too: as often
// as there may be of them, since one of them gets through each time.
const rounds = 100

// bucket is where the objects of a bucket are.
type bucket struct {
	client
	name string
	uri  string // gs://BUCKET, say

	patience time.Duration // see Storage
}

func (b bucket) key(name string) string {
	return strings.TrimPrefix(strings.TrimPrefix(name, b.uri), "/")
}

// stat implements files. What is listed first is the object itself, if it is there.
func (b bucket) stat(ctx context.Context, name string) (Info, error) {
	key := b.key(name)
	first, err := b.page(ctx, name, query{prefix: key, limit: 1})
	if err != nil {
		return Info{}, err
	}
	if len(first.objects) == 0 || first.objects[0].Name != key {
		return Info{}, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
	}
	return *first.objects[0].info, nil
}

// read implements files.
func (b bucket) read(ctx context.Context, name string) ([]byte, error) {
	content, _, err := b.get(ctx, name, span{})
	if errors.Is(err, fs.ErrNotExist) {
		// Google's answer is the same where there is no bucket. Listing tells.
		if _, err := b.page(ctx, name, query{prefix: b.key(name), limit: 1}); err != nil {
			return nil, err
		}
	}
	return content, err
}

// head implements files.
func (b bucket) head(ctx context.Context, name string, size int64) ([]byte, error) {
	content, _, err := b.get(ctx, name, span{size: size})
	return content, err
}

// get reads a range of an object.
func (b bucket) get(ctx context.Context, name string, r span) (content []byte, was version, err error) {
	err = b.again(ctx, "reading "+name, func(ctx context.Context) error {
		content = nil // of a try that was cut
		body, version, err := b.client.get(ctx, b.name, b.key(name), "", r)
		if err != nil {
			return err
		}
		defer body.Close()
		if content, err = io.ReadAll(body); err != nil {
			return cut{err}
		}
		was = version
		return nil
	})
	return content, was, err
}

// update implements files.
func (b bucket) update(ctx context.Context, name string, change func([]byte) ([]byte, error)) error {
	here := writingIn(name)
	here.Lock()
	defer here.Unlock()
	for round := 1; ; round++ {
		there, was, err := b.get(ctx, name, span{})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		content, err := change(there)
		if err != nil || there != nil && bytes.Equal(content, there) {
			return err
		}
		err = b.again(ctx, "writing "+name, func(ctx context.Context) error {
			return b.put(ctx, b.name, b.key(name), was, content)
		})
		if !errors.Is(err, errChanged) || round == rounds {
			return err
		}
	}
}

// remove implements files.
func (b bucket) remove(ctx context.Context, name string) error {
	return b.again(ctx, "removing "+name, func(ctx context.Context) error {
		return b.client.remove(ctx, b.name, b.key(name))
	})
}

// page lists a part of a bucket.
func (b bucket) page(ctx context.Context, name string, q query) (p page, err error) {
	err = b.again(ctx, "listing "+name, func(ctx context.Context) error {
		p, err = b.client.list(ctx, b.name, q)
		return err
	})
	return p, err
}

// list implements files.
func (b bucket) list(ctx context.Context, pattern string, skip func(string) bool) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		key := b.key(pattern)
		if literal(key) == key || strings.ContainsAny(key, unlikely) {
			info, err := b.stat(ctx, pattern)
			if !errors.Is(err, fs.ErrNotExist) {
				yield(Object{pattern, &info}, err)
				return
			}
		}
		dir, glob := Split(key)
		if err := CheckGlob(glob); err != nil || literal(key) == key {
			if err != nil {
				yield(Object{}, fmt.Errorf("listing %s: %w", pattern, err))
			}
			return
		}
		globs := strings.Split(glob, "/")
		for o, err := range b.all(ctx, pattern, literal(key), byFolder(globs)) {
			names := strings.Split(strings.TrimPrefix(o.Name, dir), "/")
			if err == nil && (!fits(globs, names) || slices.ContainsFunc(names, skip)) {
				continue
			}
			o.Name = b.uri + "/" + o.Name
			if !yield(o, err) {
				return
			}
		}
	}
}

// byFolder reports whether all that globs fit is in one folder, or is the name of one
// in it, with a slash.
func byFolder(globs []string) bool {
	return globs[0] != anyDepth && (len(globs) == 1 || len(globs) == 2 && globs[1] == "")
}

// all lists what begins with a prefix, by key.
func (b bucket) all(ctx context.Context, name, prefix string, byFolder bool) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		q := query{prefix: prefix, byFolder: byFolder}
		for {
			p, err := b.page(ctx, name, q)
			if err != nil {
				yield(Object{}, err)
				return
			}
			for _, o := range p.objects {
				if !yield(o, nil) {
					return
				}
			}
			if q.from = p.next; q.from == "" {
				return
			}
		}
	}
}
