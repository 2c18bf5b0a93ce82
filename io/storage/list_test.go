package storage

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"

	"adtoorder/io/storage/storagetest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// listed returns the names below a directory that a pattern lists.
func listed(t *testing.T, dir, pattern string, skip func(string) bool) (names []string, err error) {
	t.Helper()
	for o, err := range opened(t).List(ctx, dir+"/"+pattern, skip) {
		if err != nil {
			return names, err
		}
		names = append(names, strings.TrimPrefix(o.Name, dir+"/"))
	}
	return names, nil
}

// homes returns a folder of each kind of storage.
func homes(t *testing.T) []string {
	dirs := []string{t.TempDir()}
	for _, s := range storagetest.Serve(t) {
		dirs = append(dirs, s.URI+"/in")
	}
	return dirs
}

func TestList(t *testing.T) {
	for _, dir := range homes(t) {
		put(t, dir, "a.jsonl", "b.jsonl", "data[1].jsonl", "data1.jsonl", `x\y`, "what?", "whats", "c,d.jsonl",
			".hidden",
			"sub/a.jsonl", "sub/deep/a.jsonl", "sub/deep/b.txt", "year=2026/x", "year=2027/x/y", "l[2]/z", "l2/z")
		for pattern, want := range map[string][]string{
			"a.jsonl":          {"a.jsonl"},
			"none":             nil,
			"a.jsonl/none":     nil,
			"*.jsonl":          {"a.jsonl", "b.jsonl", "c,d.jsonl", "data1.jsonl", "data[1].jsonl"},
			"?.jsonl":          {"a.jsonl", "b.jsonl"},
			"[ab].jsonl":       {"a.jsonl", "b.jsonl"},
			"data[1].jsonl":    {"data[1].jsonl"},
			"data[0-9].jsonl":  {"data1.jsonl"},
			`data\[1].jsonl`:   {"data[1].jsonl"},
			`x\y`:              {`x\y`},
			"what?":            {"what?"},
			"*/a.jsonl":        {"sub/a.jsonl"},
			"*/*/*":            {"sub/deep/a.jsonl", "sub/deep/b.txt", "year=2027/x/y"},
			"sub/**":           {"sub/a.jsonl", "sub/deep/a.jsonl", "sub/deep/b.txt"},
			"**/a.jsonl":       {"a.jsonl", "sub/a.jsonl", "sub/deep/a.jsonl"},
			"s*/**/a.jsonl":    {"sub/a.jsonl", "sub/deep/a.jsonl"},
			"**/deep/*":        {"sub/deep/a.jsonl", "sub/deep/b.txt"},
			"**/deep/**/b.txt": {"sub/deep/b.txt"},
			"a.jsonl/**":       nil,
			"c,*":              {"c,d.jsonl"},
		} {
			got, err := listed(t, dir, pattern, nil)
			if !errors.Is(err, syscall.ENOTDIR) {
				require.NoError(t, err, "%s %s", dir, pattern)
			}
			assert.ElementsMatch(t, want, got, "%s %s", dir, pattern)
		}
		every, err := listed(t, dir, "**", func(name string) bool {
			return name == "deep" || strings.HasPrefix(name, ".")
		})
		require.NoError(t, err)
		assert.Len(t, every, 13, dir)
		_, err = listed(t, dir, "sub/[", nil)
		assert.ErrorContains(t, err, "[ is no glob", dir)
	}
}

func TestListDescribes(t *testing.T) {
	for _, dir := range homes(t) {
		put(t, dir, "one", "other")
		for o, err := range opened(t).List(ctx, dir+"/o*", nil) {
			require.NoError(t, err)
			info, err := o.Info()
			require.NoError(t, err)
			direct, err := opened(t).Stat(ctx, o.Name)
			require.NoError(t, err)
			assert.Equal(t, direct.Size, info.Size)
			assert.True(t, direct.Modified.Equal(info.Modified), o.Name)
			assert.EqualValues(t, len(o.Name)-len(dir)-1, info.Size)
		}
	}
}

// Folders are listed by the slash at a pattern's end, without what is below them.
func TestListOfFolders(t *testing.T) {
	for _, s := range storagetest.Serve(t) {
		put(t, s.URI+"/d", "year=2026/a", "year=2026/b/c", "year=2027/a", "year", "other/x")
		got, err := listed(t, s.URI+"/d", "year=*/", nil)
		require.NoError(t, err)
		assert.Equal(t, []string{"year=2026/", "year=2027/"}, got)
	}
}

// More than a provider lists at once.
func TestListOfManyObjects(t *testing.T) {
	for _, s := range storagetest.Serve(t) {
		b := bucketOf(t, s.URI)
		for i := range 1203 {
			key := "many/" + string(rune('a'+i%26)) + "/" + strings.Repeat("x", i/26)
			require.NoError(t, b.put(ctx, b.name, key, "", nil))
		}
		got, err := listed(t, s.URI, "many/*/x*", nil)
		require.NoError(t, err)
		assert.Len(t, got, 1203-26, s.URI)
	}
}

// A folder that can't be read is not an empty one: records would be missing.
func TestListFailsWhereAFolderCantBeRead(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a/x", "b/x")
	require.NoError(t, os.Symlink(dir+"/loop", dir+"/loop"))
	for _, pattern := range []string{"*/x", "loop/*", "l*/x"} {
		t.Run(pattern, func(t *testing.T) {
			_, err := listed(t, dir, pattern, nil)
			assert.ErrorIs(t, err, syscall.ELOOP)
			assert.ErrorContains(t, err, "listing "+dir+"/"+pattern)
		})
	}
	_, err := listed(t, dir, "none/*", nil)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	for _, s := range storagetest.Serve(t) {
		_, err = listed(t, strings.Replace(s.URI, "ads", "none", 1), "*", nil)
		assert.ErrorContains(t, err, "is there such a bucket?", s.URI)
	}
}

// Links to directories are followed, but not by **, for which they may be circles.
func TestListFollowsLinks(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a/x")
	require.NoError(t, os.Symlink(dir+"/a", dir+"/link"))
	require.NoError(t, os.Symlink(dir, dir+"/a/up"))
	require.NoError(t, os.Symlink(dir+"/a/x", dir+"/a/same"))
	got, err := listed(t, dir, "*/x", nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"a/x", "link/x"}, got)
	got, err = listed(t, dir, "**", nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"a/same", "a/x"}, got)
}

func TestNamesAndPatterns(t *testing.T) {
	dir := t.TempDir() + "/[a]*?\\"
	put(t, dir, "x", "y")
	got, err := listed(t, Quote(dir), "*", nil)
	require.NoError(t, err)
	assert.Len(t, got, 2)
	for _, s := range storagetest.Serve(t) {
		put(t, s.URI, "root")
		got, err = listed(t, s.URI, "r*", nil)
		require.NoError(t, err)
		assert.Equal(t, []string{"root"}, got)
	}
	at, glob := Split("gs://b/in/a*/c")
	assert.Equal(t, []string{"gs://b/in/", "a*/c"}, []string{at, glob})
}

func TestHead(t *testing.T) {
	for _, dir := range homes(t) {
		s := opened(t)
		require.NoError(t, s.Update(ctx, dir+"/a", func([]byte) ([]byte, error) { return []byte("0123456789"), nil }))
		for size, want := range map[int64]string{1: "0", 4: "0123", 10: "0123456789", 1000: "0123456789"} {
			got, err := s.Head(ctx, dir+"/a", size)
			require.NoError(t, err, dir)
			assert.Equal(t, want, string(got), dir)
		}
		_, err := s.Head(ctx, dir+"/none", 4)
		assert.ErrorIs(t, err, fs.ErrNotExist, dir)
	}
}
