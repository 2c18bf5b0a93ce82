package folder

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"adtoorder/io/record"
	"adtoorder/io/storage"
	"adtoorder/io/storage/storagetest"
	"adtoorder/io/unbounded"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func put(t *testing.T, path, content string) {
	t.Helper()
	var s storage.Storage
	defer s.Close()
	require.NoError(t, s.Update(t.Context(), path, func([]byte) ([]byte, error) { return []byte(content), nil }))
}

func remove(t *testing.T, path string) {
	t.Helper()
	var s storage.Storage
	defer s.Close()
	require.NoError(t, s.Remove(t.Context(), path))
}

// sources returns what was read, without repetitions.
func sources(records []record.Record) (all []string) {
	for _, r := range records {
		if len(all) == 0 || all[len(all)-1] != r.Source {
			all = append(all, r.Source)
		}
	}
	return all
}

func TestBuckets(t *testing.T) {
	storagetest.Serve(t)
	for _, scheme := range []string{"gs", "s3"} {
		t.Run(scheme, func(t *testing.T) {
			in := scheme + "://ads/in/"
			large := strings.Repeat("line\n", 500_000)
			for name, content := range map[string]string{"a.jsonl": "a\n", "b.gz": gzipped(t, "b1\nb2\n"),
				"c 1%2?#.jsonl": large,
				"_d":            "d\n", "e.tmp": "e\n", "sub/f": "f\n", "": ""} {
				put(t, in+name, content)
			}
			s, err := Parse("watch:" + in + "?every=1m")
			require.NoError(t, err)
			require.NoError(t, s.Check(t.Context()))
			c := connect(t, s)
			started := time.Now()
			ctx, cancel := context.WithCancel(t.Context())
			b, err := c.Read(ctx, "", "")
			require.NoError(t, err)
			require.Greater(t, len(b.Records), 10_000)
			require.True(t, b.More)
			cancel() // a bundle has ended
			all := b.Records
			for range 5 { // more than is on its way already
				b = read(t, c, b.Next)
				require.NotEmpty(t, b.Records)
				all = append(all, b.Records...)
			}
			assert.WithinDuration(t, started.Add(-time.Minute), time.UnixMilli(all[0].Time), 10*time.Second)
			records, at := drain(t, connect(t, s), b.Next) // another client goes on
			all = append(all, records...)
			assert.ElementsMatch(t, []string{in + "a.jsonl", in + "b.gz", in + "c 1%2?#.jsonl"}, sources(all))
			assert.Len(t, all, 500_003)

			_, at = drain(t, c, at)
			put(t, in+"g", "g\n")
			put(t, in+"h", "h\n")
			c.batchSize = 1
			g := read(t, c, at)
			require.Len(t, g.Records, 1)
			c.due = time.Now().Add(time.Minute)
			remove(t, in+"h")
			rest, at := drainFast(t, c, g.Next)
			assert.Empty(t, rest, "it is gone")
			c.due = time.Time{}
			last := read(t, c, at)
			assert.WithinDuration(t, time.Now().Add(-time.Minute), last.End, 5*time.Second)
			assert.Zero(t, last.End.Nanosecond(), "times in S3 are of whole seconds")
		})
	}
}

func TestGlobsInBuckets(t *testing.T) {
	storagetest.Serve(t)
	for _, scheme := range []string{"gs", "s3"} {
		in := scheme + "://ads/in/"
		for _, name := range []string{"a1", "a2", "b1", "_c1", "a1/x", "a2/y", "b1/x", "a1/_x", "a1.tmp/x", "a1/"} {
			put(t, in+name, name)
		}
		for glob, want := range map[string][]string{
			"*":       {"a1", "a2", "b1"},
			"?1":      {"a1", "b1"},
			"a?":      {"a1", "a2"},
			"[ab]1*":  {"a1", "b1"},
			`\a1`:     {"a1"},
			"a1":      {"a1"},
			"a?/*":    {"a1/x", "a2/y"},
			"[ab]1/x": {"a1/x", "b1/x"},
			"*/y":     {"a2/y"},
			"c?":      nil,
		} {
			t.Run(in+glob, func(t *testing.T) {
				s, err := Parse("watch:" + in + glob)
				require.NoError(t, err)
				records, _ := drain(t, connect(t, s), "")
				var got []string
				for _, r := range records {
					got = append(got, string(r.Payload))
					assert.Equal(t, in+string(r.Payload), r.Source)
				}
				assert.ElementsMatch(t, want, got, "%s%s", in, glob)
			})
		}
	}
}

// A reader that tries for long to have a file does not drain.
func TestAFileIsTriedNoLongerThanAListing(t *testing.T) {
	for _, s := range storagetest.Serve(t) {
		large := strings.Repeat("line\n", 500_000)
		put(t, s.URI+"/in/a", large)
		source, err := Parse("watch:" + s.URI + "/in/*")
		require.NoError(t, err)
		c := connect(t, source)
		require.Equal(t, time.Minute, c.storage.(*storage.Storage).Patience)
		c.storage = &storage.Storage{Patience: 100 * time.Millisecond}
		t.Cleanup(func() { c.storage.Close() })
		answered, gone := 0, false // requests for the file, and whether it can't be had
		s.Before = func(w http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.URL.RawQuery, "prefix=") {
				return false
			}
			if gone {
				w.WriteHeader(http.StatusServiceUnavailable)
				return true
			}
			if answered++; answered == 1 {
				s.Cut(w, r, 1_000_000)
				gone = true // what is left of it
			}
			return false
		}
		defer func() { s.Before = nil }()
		t.Run("reading on from "+s.URI, func(t *testing.T) {
			var b unbounded.Batch
			at, got := "", 0
			began := time.Now()
			for err == nil {
				at, got = b.Next, got+len(b.Records)
				b, err = c.Read(t.Context(), "", at)
			}
			assert.ErrorContains(t, err, "reading "+s.URI+"/in/a, tried for 100ms: ")
			assert.Less(t, time.Since(began), 20*time.Second)
			assert.Positive(t, got)
			t.Run("opening", func(t *testing.T) {
				began := time.Now()
				_, err := c.Read(t.Context(), "", at)
				assert.ErrorContains(t, err, "opening "+s.URI+"/in/a, tried for 100ms: ")
				assert.Less(t, time.Since(began), 20*time.Second)
			})
			gone = false
			records, _ := drain(t, c, at)
			assert.Equal(t, 500_000, got+len(records))
		})
	}
}

// drainFast reads while there is more.
func drainFast(t *testing.T, c *client, at string) (records []record.Record, next string) {
	t.Helper()
	for more := true; more; {
		b := read(t, c, at)
		records, at, more = append(records, b.Records...), b.Next, b.More
	}
	return records, at
}

func TestCheckOfBuckets(t *testing.T) {
	storagetest.Serve(t)
	for _, scheme := range []string{"gs", "s3"} {
		for uri, want := range map[string]string{
			"://ads":      "",
			"://ads/in/":  "",
			"://ads/in":   "://ads/in does not exist",
			"://none/in/": "listing " + scheme + "://none/in/*",
		} {
			t.Run(scheme+uri, func(t *testing.T) {
				s, err := Parse("watch:" + scheme + uri)
				require.NoError(t, err)
				if err = s.Check(t.Context()); want == "" {
					assert.NoError(t, err, uri)
				} else {
					assert.ErrorContains(t, err, want, uri)
				}
			})
		}
	}
}
