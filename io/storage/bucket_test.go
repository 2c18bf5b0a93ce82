package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"adtoorder/io/storage/storagetest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Another process writes between our read and our put: an object that was not
// there, then one that was.
func TestUpdateInABucketKeepsWhatAnotherWrites(t *testing.T) {
	for _, s := range storagetest.Serve(t) {
		file := s.URI + "/lake/d/x"
		other := bucketOf(t, file)
		var between atomic.Bool
		s.Before = func(_ http.ResponseWriter, r *http.Request) bool {
			if storagetest.IsPut(r) && between.CompareAndSwap(true, false) {
				there, was, err := other.get(ctx, file, span{})
				assert.True(t, err == nil || errors.Is(err, fs.ErrNotExist), err)
				assert.NoError(t, other.put(ctx, other.name, other.key(file), was, append(there, "theirs\n"...)))
			}
			return false
		}
		want := ""
		for i := range 2 {
			between.Store(true)
			require.NoError(t, opened(t).Update(ctx, file, add(fmt.Sprint("ours ", i))))
			want += fmt.Sprintf("theirs\nours %d\n", i)
			assert.Equal(t, want, content(t, file), s.URI)
			assert.False(t, between.Load(), "nothing was written")
		}
	}
}

// An object goes away between our read and our put.
func TestUpdateInABucketMakesAgainWhatIsRemoved(t *testing.T) {
	for _, s := range storagetest.Serve(t) {
		file := s.URI + "/x"
		put(t, s.URI, "x")
		var once sync.Once
		s.Before = func(_ http.ResponseWriter, r *http.Request) bool {
			if storagetest.IsPut(r) {
				once.Do(func() { assert.NoError(t, opened(t).Remove(ctx, file)) })
			}
			return false
		}
		require.NoError(t, opened(t).Update(ctx, file, add("new")))
		assert.Equal(t, "new\n", content(t, file), s.URI)
		require.NoError(t, opened(t).Remove(ctx, s.URI+"/none"), "it is not there")
	}
}

// Writers of other processes don't wait for one another: here each has no lock.
func TestManyWritersOfAnObjectLoseNothing(t *testing.T) {
	for _, s := range storagetest.Serve(t) {
		file := s.URI + "/lake/d/x"
		var writers sync.WaitGroup
		for i := range 12 {
			writers.Go(func() {
				b := bucketOf(t, file)
				for err := errChanged; err != nil; {
					there, was, missing := b.get(ctx, file, span{})
					assert.True(t, missing == nil || errors.Is(missing, fs.ErrNotExist), missing)
					content, _ := add(fmt.Sprint(i))(there)
					if err = b.put(ctx, b.name, b.key(file), was, content); err != errChanged {
						assert.NoError(t, err)
						return
					}
				}
			})
		}
		writers.Wait()
		got := strings.Fields(content(t, file))
		assert.Len(t, got, 12, s.URI)
		assert.Subset(t, got, []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"}, s.URI)
	}
}

func TestFilesInABucket(t *testing.T) {
	for _, s := range storagetest.Serve(t) {
		file := s.URI + "/in/c 1%2?#[x].jsonl"
		_, err := opened(t).Stat(ctx, file)
		assert.ErrorIs(t, err, fs.ErrNotExist)
		_, err = opened(t).Open(ctx, file)
		assert.ErrorIs(t, err, fs.ErrNotExist)
		before := time.Now().Truncate(time.Second)
		put(t, s.URI+"/in", "c 1%2?#[x].jsonl", "c 1%2?#[x].jsonl.gz")
		info, err := opened(t).Stat(ctx, file)
		require.NoError(t, err)
		assert.EqualValues(t, 16, info.Size)
		assert.WithinRange(t, info.Modified, before, time.Now().Add(time.Second))
		assert.True(t, info.Mode.IsRegular())
		assert.Equal(t, "c 1%2?#[x].jsonl", content(t, file))
		assert.Equal(t, "none", content(t, s.URI+"/in/c 1%2?#[x]"))
		_, err = opened(t).Read(ctx, strings.Replace(file, "ads", "none", 1))
		assert.ErrorContains(t, err, "is there such a bucket?", s.URI)
	}
}

// A connection may end in the middle of an object, which is read on from there.
func TestAStreamThatIsCutGoesOn(t *testing.T) {
	soon(t)
	for _, s := range storagetest.Serve(t) {
		file, text := s.URI+"/x", strings.Repeat("0123456789", 500_000)
		require.NoError(t, opened(t).Update(ctx, file, func([]byte) ([]byte, error) { return []byte(text), nil }))
		told := problems(t)
		var cuts atomic.Int64
		s.Before = func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodGet && !strings.Contains(r.URL.RawQuery, "prefix=") && cuts.Add(1) < 3 {
				s.Cut(w, r, 1_000_000)
			}
			return false
		}
		in, err := opened(t).Open(ctx, file)
		require.NoError(t, err)
		got, err := io.ReadAll(in)
		require.NoError(t, err)
		require.NoError(t, in.Close())
		assert.True(t, text == string(got), "%s: %d of %d", s.URI, len(got), len(text))
		if s.URI == "s3://ads" { // Google's client does so by itself
			assert.Contains(t, told.String(), "reading "+file+" failed, trying again in")
		}
	}
}

// Where an object can't be asked for again at once, or not at all, what was read of it
// is neither lost nor followed by another version.
func TestAStreamThatIsCutAndThenRefused(t *testing.T) {
	soon(t)
	for _, s := range storagetest.Serve(t) {
		if s.URI != "s3://ads" { // Google's client asks again by itself
			continue
		}
		for name, c := range map[string]struct {
			refused int64 // requests after the cut
			status  int
			fails   bool
		}{
			"for a while": {5, http.StatusServiceUnavailable, false},
			"for good":    {1_000, http.StatusForbidden, true},
		} {
			t.Run(name, func(t *testing.T) {
				file, text := s.URI+"/y", strings.Repeat("0123456789", 300_000)
				require.NoError(t, opened(t).Update(ctx, file,
					func([]byte) ([]byte, error) { return []byte(text), nil }))
				var asked atomic.Int64
				s.Before = func(w http.ResponseWriter, r *http.Request) bool {
					if r.Method != http.MethodGet || strings.Contains(r.URL.RawQuery, "prefix=") {
						return false
					}
					n := asked.Add(1)
					assert.Equal(t, n > 1, r.Header.Get("If-Match") != "", "what follows is of the same version")
					switch {
					case n == 1:
						s.Cut(w, r, 1_000_000)
					case n <= 1+c.refused:
						w.WriteHeader(c.status)
						return true
					}
					return false
				}
				defer func() { s.Before = nil }()
				in, err := opened(t).Open(ctx, file)
				require.NoError(t, err)
				got, err := io.ReadAll(in)
				assert.NoError(t, in.Close())
				assert.True(t, strings.HasPrefix(text, string(got)))
				if c.fails {
					assert.Error(t, err)
					return
				}
				require.NoError(t, err)
				assert.Len(t, got, len(text))
			})
		}
	}
}

// A bucket may take a request, and not answer it.
func TestAStreamThatIsNotAnsweredIsAskedForAgain(t *testing.T) {
	soon(t)
	limit := tryTimeout
	tryTimeout = 200 * time.Millisecond
	defer func() { tryTimeout = limit }()
	for _, s := range storagetest.Serve(t) {
		t.Run(s.URI, func(t *testing.T) {
			file := s.URI + "/z"
			put(t, s.URI, "z")
			told := problems(t)
			var asked atomic.Int64
			s.Before = func(_ http.ResponseWriter, r *http.Request) bool {
				if asked.Add(1) > 1 {
					return false
				}
				<-r.Context().Done()
				return true
			}
			in, err := opened(t).Open(ctx, file)
			require.NoError(t, err)
			got, err := io.ReadAll(in)
			require.NoError(t, err)
			require.NoError(t, in.Close())
			assert.Equal(t, "z", string(got))
			assert.Contains(t, told.String(), "opening "+file+" failed, trying again in")
		})
	}
}

func TestAStreamEndsWithItsContext(t *testing.T) {
	for _, s := range storagetest.Serve(t) {
		file := s.URI + "/x"
		require.NoError(t, opened(t).Update(ctx, file, func([]byte) ([]byte, error) {
			return make([]byte, 5_000_000), nil
		}))
		ctx, cancel := context.WithCancel(ctx)
		in, err := opened(t).Open(ctx, file)
		require.NoError(t, err)
		_, err = in.Read(make([]byte, 10))
		require.NoError(t, err)
		cancel()
		_, err = io.ReadAll(in)
		assert.ErrorIs(t, err, context.Canceled)
		in.Close()
	}
}

func TestUnknownSchemes(t *testing.T) {
	for name, want := range map[string]string{"nosuch://a/b": "opening nosuch://a: must be gs://BUCKET",
		"gs:///b": "opening gs://: must be"} {
		t.Run(name, func(t *testing.T) {
			_, err := opened(t).Read(ctx, name)
			assert.ErrorContains(t, err, want)
			assert.False(t, IsLocal(name))
		})
	}
	for _, name := range []string{"a.jsonl", "/a/b", "a,gs://b/c", "a/b://c", "c:/d"} {
		t.Run(name, func(t *testing.T) {
			assert.True(t, IsLocal(name))
		})
	}
	assert.Equal(t, []string{"az", "gs", "s3"}, Schemes())
}
