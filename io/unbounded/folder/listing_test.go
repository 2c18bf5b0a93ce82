package folder

import (
	"context"
	"iter"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"adtoorder/io/storage"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNamesThatAreNotRead(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.jsonl", "b.part.jsonl", ".hidden.jsonl", "_SUCCESS", "c.jsonl.tmp", "d.jsonl.part",
		"x/e.jsonl", "y/_f.jsonl", "_z/g.jsonl", ".z/h.jsonl", "z.tmp/i.jsonl", "x/deep/j.jsonl", "x/deep.jsonl/k"} {
		drop(t, dir, name, name+"\n", 0)
	}
	require.NoError(t, os.Symlink(dir+"/a.jsonl", dir+"/link.jsonl"))
	require.NoError(t, os.Symlink(dir+"/gone", dir+"/dangling.jsonl"))
	require.NoError(t, os.Symlink(dir+"/x", dir+"/xlink"))
	for glob, want := range map[string][]string{
		"*":             {"a.jsonl", "b.part.jsonl", "a.jsonl"},
		"[ab]*.jsonl":   {"a.jsonl", "b.part.jsonl"},
		"a?jsonl":       {"a.jsonl"},
		"a.jsonl":       {"a.jsonl"},
		"*/*":           {"x/e.jsonl", "x/e.jsonl"},
		"?/*.jsonl":     {"x/e.jsonl"},
		"*/deep/*":      {"x/deep/j.jsonl", "x/deep/j.jsonl"},
		"_z/*":          {"_z/g.jsonl"},
		"a.jsonl/*":     nil,
		"none*":         nil,
		"*/*/*/*/*/*":   nil,
		"x/deep*/[jk]*": {"x/deep.jsonl/k", "x/deep/j.jsonl"},
	} {
		t.Run(glob, func(t *testing.T) {
			c := connect(t, Source{Pattern: dir + "/" + glob})
			if glob == "a.jsonl/*" {
				_, err := c.Read(t.Context(), "", "")
				assert.ErrorContains(t, err, "not a directory")
				return
			}
			var got []string
			records, _ := drain(t, c, "")
			for _, r := range records {
				got = append(got, string(r.Payload))
			}
			assert.ElementsMatch(t, want, got)
		})
	}
}

func TestFilesThatDisappearAreSkipped(t *testing.T) {
	dir := t.TempDir()
	drop(t, dir, "a", "a\n", 1)
	gone := drop(t, dir, "b", "b\n", 2)
	target := drop(t, t.TempDir(), "link", "link\n", 2)
	require.NoError(t, os.Symlink(target, dir+"/link"))
	drop(t, dir, "c", "c\n", 3)
	c := watch(t, dir)
	c.listEvery, c.batchSize = time.Hour, 1
	first := read(t, c, "")
	require.Equal(t, []string{"a@1 0+1 a"}, describe(first.Records))
	require.NoError(t, os.Remove(gone))
	require.NoError(t, os.Remove(target))
	second := read(t, c, first.Next)
	assert.Equal(t, []string{"c@3 0+1 c"}, describe(second.Records))
	assert.False(t, second.More)
}

func TestAFileThatDisappearsWhileItIsRead(t *testing.T) {
	dir := t.TempDir()
	large := drop(t, dir, "a", strings.Repeat("line\n", 100_000), 1)
	drop(t, dir, "b", "b\n", 2)
	c := watch(t, dir)
	first := read(t, c, "")
	require.Contains(t, first.Next, large)
	require.NoError(t, os.Remove(large))
	rest, _ := drain(t, watch(t, dir), first.Next)
	assert.Equal(t, []string{"b@2 0+1 b"}, describe(rest), "another client can't go on")
	rest, _ = drain(t, c, first.Next)
	assert.Len(t, append(first.Records, rest...), 100_001, "it is open")
}

// An unmounted disk must not make all files of it new.
func TestAMissingDirectoryForgetsNothing(t *testing.T) {
	top := t.TempDir()
	dir := top + "/in"
	drop(t, dir, "a", "a\n", 1)
	c := watch(t, dir)
	_, at := drain(t, c, "")
	require.NoError(t, os.Rename(dir, top+"/away"))
	_, err := c.Read(t.Context(), "", at)
	assert.ErrorContains(t, err, "directory "+dir+" does not exist: create it")
	require.NoError(t, os.Rename(top+"/away", dir))
	drop(t, dir, "b", "b\n", 2)
	got, _ := drain(t, c, at)
	assert.Equal(t, []string{"b@2 0+1 b"}, describe(got))
}

func TestAFailingFileIsTriedAgain(t *testing.T) {
	dir := t.TempDir()
	drop(t, dir, "a", "a\n", 1)
	large := drop(t, dir, "b", strings.Repeat("line\n", 100_000), 2)
	c := watch(t, dir)
	first := read(t, c, "")
	require.Contains(t, first.Next, large)
	c.Close()
	require.NoError(t, os.Rename(large, large+".tmp"))
	require.NoError(t, os.Symlink(large, large)) // a link to itself can't be opened
	c = watch(t, dir)
	for range 2 {
		_, err := c.Read(t.Context(), "", first.Next)
		require.ErrorContains(t, err, large)
	}
	require.NoError(t, os.Rename(large+".tmp", large))
	rest, _ := drain(t, c, first.Next)
	assert.Len(t, append(first.Records, rest...), 100_001)
}

// A damaged record ends its file, also for a client that comes behind it.
// silent is a bucket that never answers.
type silent struct{ files }

func (silent) List(ctx context.Context, _ string, _ func(string) bool) iter.Seq2[storage.Object, error] {
	return func(yield func(storage.Object, error) bool) {
		<-ctx.Done()
		yield(storage.Object{}, ctx.Err())
	}
}

// A reader that waits for a listing does not drain.
func TestAListingIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, err := list(t.Context(), silent{}, "gs://ads/*")
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, patience, time.Since(start))
	})
}

func TestDamagedFiles(t *testing.T) {
	dir := t.TempDir()
	at := ""
	for i, test := range []struct{ name, content, want string }{
		{"a.gz", gzipped(t, "a\nrest")[:12], "a.gz@0 0+1 corrupt_gzipa"},
		{"b.zst", "plain", "b.zst@1 0+5 plain"},
		{"c.bz2", "BZh9\x00", "c.bz2@2 0+0 corrupt_bzip2"},
		{"d", "d\n", "d@3 0+1 d"},
		{"e", "PK\x03\x04", "e@4 0+4 unsupported_formatPK\x03\x04"},
	} {
		drop(t, dir, test.name, test.content, i)
		b := read(t, watch(t, dir), at)
		assert.Equal(t, []string{test.want}, describe(b.Records))
		at = b.Next
	}
}

// Its name is no glob, also for a worker that reads the URI again.
func TestADirectoryWithBracketsInItsName(t *testing.T) {
	dir := t.TempDir() + "/data[1]"
	drop(t, dir, "a", "a\n", 1)
	s, err := Parse("watch:" + dir)
	require.NoError(t, err)
	again, err := Parse(s.String())
	require.NoError(t, err)
	assert.Equal(t, s, again)
	require.NoError(t, again.Check(t.Context()))
	got, _ := drain(t, connect(t, again), "")
	assert.Equal(t, []string{"a@1 0+1 a"}, describe(got))
}

// A folder that can't be read is not an empty one, whose files would be forgotten.
func TestAFolderThatCantBeReadForgetsNothing(t *testing.T) {
	top := t.TempDir()
	drop(t, top, "in/a", "a\n", 1)
	c := connect(t, Source{Pattern: top + "/*/*"})
	_, at := drain(t, c, "")
	require.NoError(t, os.Rename(top+"/in", top+"/.away"))
	require.NoError(t, os.Symlink(top+"/in", top+"/in"))
	_, err := c.Read(t.Context(), "", at)
	assert.ErrorContains(t, err, "too many levels of symbolic links")
	require.NoError(t, os.Remove(top+"/in"))
	require.NoError(t, os.Rename(top+"/.away", top+"/in"))
	drop(t, top, "in/b", "b\n", 2)
	got, _ := drain(t, c, at)
	assert.Equal(t, []string{"b@2 0+1 b"}, describe(got))
}
