package storage

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var ctx = context.Background()

func TestMain(m *testing.M) {
	if file := os.Getenv(asWriter); file != "" {
		if err := writeAs("there ", file); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	slog.SetDefault(slog.New(slog.DiscardHandler)) // of what is tried again
	os.Exit(m.Run())
}

// opened returns a storage that is closed at the test's end.
func opened(t *testing.T) *Storage {
	s := new(Storage)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

// bucketOf returns where a file in a bucket is.
func bucketOf(t *testing.T, file string) bucket {
	t.Helper()
	at, err := opened(t).in(ctx, file)
	require.NoError(t, err)
	return at.(bucket)
}

// add returns a change that adds a line to a file.
func add(line string) func([]byte) ([]byte, error) {
	return func(there []byte) ([]byte, error) { return append(there[:len(there):len(there)], line+"\n"...), nil }
}

// put writes files below a directory.
func put(t *testing.T, dir string, names ...string) {
	t.Helper()
	s := opened(t)
	for _, name := range names {
		require.NoError(t, s.Update(ctx, dir+"/"+name, func([]byte) ([]byte, error) { return []byte(name), nil }))
	}
}

// content returns a file's, or "none".
func content(t *testing.T, file string) string {
	t.Helper()
	content, err := opened(t).Read(ctx, file)
	require.NoError(t, err)
	if content == nil {
		return "none"
	}
	return string(content)
}

// names returns the names of all files below a directory.
func names(t *testing.T, dir string) (names []string) {
	t.Helper()
	require.NoError(t, filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			names = append(names, strings.TrimPrefix(path, dir+"/"))
		}
		return err
	}))
	return names
}

// soon has failures tried again soon.
func soon(t *testing.T) {
	pauses, timeout := backoff, retryTimeout
	t.Cleanup(func() { backoff, retryTimeout = pauses, timeout })
	backoff.Initial, backoff.Max = time.Millisecond, 10*time.Millisecond
}
