package folder

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"adtoorder/io/record"
	"adtoorder/io/unbounded"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
)

// long is before every test's files, and long ago.
var long = time.UnixMilli(1_700_000_000_000)

// drop has a file appear, with a modification time in seconds after long.
func drop(t *testing.T, dir, name, content string, seconds int) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	modified := long.Add(time.Duration(seconds) * time.Second)
	require.NoError(t, os.Chtimes(path, modified, modified))
	return path
}

// connect returns a client that lists whenever it can.
func connect(t *testing.T, s Source) *client {
	t.Helper()
	connected, err := s.Connect(t.Context())
	require.NoError(t, err)
	t.Cleanup(connected.Close)
	c := connected.(*client)
	c.listEvery = 0
	return c
}

func watch(t *testing.T, dir string) *client {
	t.Helper()
	return connect(t, Source{Pattern: dir + "/*"})
}

func read(t *testing.T, c *client, at string) unbounded.Batch {
	t.Helper()
	b, err := c.Read(t.Context(), "", at)
	require.NoError(t, err)
	for _, r := range b.Records {
		require.True(t, r.Unbounded())
		require.Zero(t, r.Watermark)
	}
	return b
}

// drain reads until everything was read.
func drain(t *testing.T, c *client, at string) (records []record.Record, next string) {
	t.Helper()
	for until := time.Now().Add(10 * time.Second); ; {
		require.True(t, time.Now().Before(until), "it does not end")
		b := read(t, c, at)
		records, at = append(records, b.Records...), b.Next
		if !b.End.IsZero() {
			require.False(t, b.More)
			return records, at
		}
	}
}

// describe tells where records come from and when, and how they begin.
func describe(records []record.Record) (all []string) {
	for _, r := range records {
		text := string(r.Payload[:min(len(r.Payload), 20)])
		seconds := float64(r.Time-long.UnixMilli()) / 1000
		all = append(all, fmt.Sprintf("%s@%v %d+%d %s%s", filepath.Base(r.Source), seconds, r.Offset, r.Size, r.Damage,
			text))
	}
	return all
}

func compress(t *testing.T, text string, open func(io.Writer) io.WriteCloser) string {
	t.Helper()
	var out bytes.Buffer
	w := open(&out)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.String()
}

func gzipped(t *testing.T, text string) string {
	return compress(t, text, func(out io.Writer) io.WriteCloser { return gzip.NewWriter(out) })
}

func zstandard(t *testing.T, text string) string {
	return compress(t, text, func(out io.Writer) io.WriteCloser {
		w, err := zstd.NewWriter(out)
		require.NoError(t, err)
		return w
	})
}
