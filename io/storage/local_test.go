package storage

import (
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUpdateMakesDirectories(t *testing.T) {
	dir := t.TempDir()
	for _, text := range []string{"first, longer", "second"} {
		require.NoError(t, opened(t).Update(ctx, dir+"/a/b/c",
			func([]byte) ([]byte, error) { return []byte(text), nil }))
		assert.Equal(t, text, content(t, dir+"/a/b/c"))
	}
	assert.Equal(t, []string{"a/b/c"}, names(t, dir))
	assert.True(t, IsTemporary(dir+"/a/b/.c.00000000"))
}

func TestUpdateAtOnceLosesNothing(t *testing.T) {
	dir := t.TempDir()
	var writers sync.WaitGroup
	for range 20 {
		writers.Go(func() { assert.NoError(t, opened(t).Update(ctx, dir+"/x", add("line"))) })
	}
	writers.Wait()
	assert.Equal(t, strings.Repeat("line\n", 20), content(t, dir+"/x"))
	assert.Equal(t, []string{"x"}, names(t, dir), "a temporary file is left")
}

// A file is neither written in place nor, where it stays as it is, at all.
func TestUpdateReplacesAFileWhole(t *testing.T) {
	file := t.TempDir() + "/x"
	require.NoError(t, opened(t).Update(ctx, file, add("old")))
	before, err := os.Stat(file)
	require.NoError(t, err)
	for replaced, change := range map[bool]func([]byte) ([]byte, error){
		false: func(there []byte) ([]byte, error) { return there, nil },
		true:  add("new"),
	} {
		require.NoError(t, opened(t).Update(ctx, file, change))
		after, err := os.Stat(file)
		require.NoError(t, err)
		assert.Equal(t, replaced, !os.SameFile(before, after))
		before = after
	}
}

func TestUpdateReturnsWhatFails(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(dir+"/file", nil, 0o644))
	assert.Error(t, opened(t).Update(ctx, dir+"/file/below", add("x")))
	assert.ErrorContains(t, opened(t).Update(ctx, dir, add("x")), dir) // a directory
	refused := errors.New("refused")
	assert.ErrorIs(t, opened(t).Update(ctx, dir+"/file", func([]byte) ([]byte, error) { return nil, refused }), refused)
	assert.Equal(t, []string{"file"}, names(t, dir))
	assert.Equal(t, "none", content(t, dir+"/none"))
	assert.NoError(t, opened(t).Remove(ctx, dir+"/none"))
}
