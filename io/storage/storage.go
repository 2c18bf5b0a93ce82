// Package storage reads, writes and lists files by their names: of a local disk,
// or as a URL in a bucket of Google Cloud Storage (gs://BUCKET/OBJECT), S3
// (s3://BUCKET/OBJECT) or Azure Blob Storage (az://CONTAINER/BLOB).
//
// What fails for a while in a bucket is tried again for ten minutes, and told of.
// Beam's file systems know neither versions nor conditions, without which the
// last of two writers would win, and ask for every object's size and time. The
// providers' own clients are used here, and not gocloud.dev/blob: its S3 writer
// takes a buffer of 8 MB a file and no condition of its own, and it renames
// objects whose names have characters that it escapes.
package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Storage reaches files, and has one client of each provider for all buckets. It
// is ready to use as it is, by many at once.
type Storage struct {
	// Patience is for how long what fails for a while in a bucket is tried again, each
	// time that something is asked for; 0 for ten minutes.
	Patience time.Duration

	mu      sync.Mutex
	clients map[string]client // by scheme
}

// Info describes a file.
type Info struct {
	Size     int64 // bytes as stored
	Modified time.Time
	Mode     fs.FileMode // its type, as far as a local file has one
}

// files is where files are: on the local disk, or in a bucket.
type files interface {
	stat(ctx context.Context, name string) (Info, error)
	read(ctx context.Context, name string) ([]byte, error)
	head(ctx context.Context, name string, size int64) ([]byte, error)
	open(ctx context.Context, name string) (io.ReadCloser, error)
	update(ctx context.Context, name string, change func([]byte) ([]byte, error)) error
	remove(ctx context.Context, name string) error
	list(ctx context.Context, pattern string, skip func(string) bool) iter.Seq2[Object, error]
}

// openers make the clients of the schemes.
var openers = map[string]func(context.Context) (client, error){"gs": openGCS, "s3": openS3, "az": openAzure}

// Schemes returns those that URLs of buckets have.
func Schemes() []string { return slices.Sorted(maps.Keys(openers)) }

var url = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*)://([^/]*)/?`)

// IsLocal reports whether a name or pattern is one of the local disk.
func IsLocal(name string) bool { return !url.MatchString(name) }

// Credentials returns what a process must have in its environment to reach a file where
// Google's own are not enough; "" for nothing.
func Credentials(name string) string {
	switch scheme, _, _ := strings.Cut(name, "://"); scheme {
	case "s3":
		return "AWS credentials"
	case "az":
		return "Azure credentials"
	}
	return ""
}

// in returns where the file of a name is. Nothing is asked yet.
func (s *Storage) in(ctx context.Context, name string) (files, error) {
	parts := url.FindStringSubmatch(name)
	if parts == nil {
		return local{}, nil
	}
	b := bucket{name: parts[2], uri: parts[1] + "://" + parts[2], patience: s.Patience}
	open, known := openers[parts[1]]
	if !known || b.name == "" {
		return nil, fmt.Errorf("opening %s: must be gs://BUCKET, s3://BUCKET or az://CONTAINER, or a local file", b.uri)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.client = s.clients[parts[1]]; b.client != nil {
		return b, nil
	}
	c, err := open(context.WithoutCancel(ctx)) // it is used longer than for one bundle
	if err != nil {
		return nil, explain("opening "+b.uri, err)
	}
	if s.clients == nil {
		s.clients = map[string]client{}
	}
	s.clients[parts[1]], b.client = c, c
	return b, nil
}

// Stat describes a file. Its error is an fs.ErrNotExist where there is none.
func (s *Storage) Stat(ctx context.Context, name string) (Info, error) {
	at, err := s.in(ctx, name)
	if err != nil {
		return Info{}, err
	}
	return at.stat(ctx, name)
}

// Read returns a file's content, nil where there is no such file.
func (s *Storage) Read(ctx context.Context, name string) ([]byte, error) {
	at, err := s.in(ctx, name)
	if err != nil {
		return nil, err
	}
	content, err := at.read(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return content, err
}

// Head returns a file's first bytes, at most so many. In a bucket it must not be empty.
func (s *Storage) Head(ctx context.Context, name string, size int64) ([]byte, error) {
	at, err := s.in(ctx, name)
	if err != nil {
		return nil, err
	}
	return at.head(ctx, name, size)
}

// Open opens a file to be read as long as the context lives. What a cut connection
// leaves of an object is asked for again.
func (s *Storage) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	at, err := s.in(ctx, name)
	if err != nil {
		return nil, err
	}
	return at.open(ctx, name)
}

// Update puts in place of a file's content, nil where there is none, what a function
// makes of it. No other writer comes between, so the function may be called again.
// What it leaves as it was is not written. A reader never sees half a file.
func (s *Storage) Update(ctx context.Context, name string, change func(there []byte) ([]byte, error)) error {
	at, err := s.in(ctx, name)
	if err != nil {
		return err
	}
	return at.update(ctx, name, change)
}

// Remove removes a file, if it is there.
func (s *Storage) Remove(ctx context.Context, name string) error {
	at, err := s.in(ctx, name)
	if err != nil {
		return err
	}
	if err = at.remove(ctx, name); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Close closes the clients.
func (s *Storage) Close() (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.clients {
		err = errors.Join(err, c.Close())
	}
	s.clients = nil
	return err
}
