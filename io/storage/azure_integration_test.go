//go:build integration

package storage

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"

	"adtoorder/io/storage/storagetest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAzure(t *testing.T) {
	uri := storagetest.ServeAzure(t)
	t.Run("files", func(t *testing.T) {
		file := uri + "/in/c 1%2?#[x].jsonl"
		_, err := opened(t).Stat(ctx, file)
		assert.ErrorIs(t, err, fs.ErrNotExist)
		_, err = opened(t).Open(ctx, file)
		assert.ErrorIs(t, err, fs.ErrNotExist)
		put(t, uri+"/in", "c 1%2?#[x].jsonl")
		info, err := opened(t).Stat(ctx, file)
		require.NoError(t, err)
		assert.EqualValues(t, 16, info.Size)
		assert.Equal(t, "c 1%2?#[x].jsonl", content(t, file))
		require.NoError(t, opened(t).Remove(ctx, file))
		require.NoError(t, opened(t).Remove(ctx, file))
		assert.Equal(t, "none", content(t, file))
		_, err = opened(t).Read(ctx, "az://none/x")
		assert.ErrorContains(t, err, "is there such a bucket?")
		assert.NotContains(t, err.Error(), "\n")
	})
	t.Run("a stream", func(t *testing.T) {
		text := strings.Repeat("0123456789", 1_000_000)
		require.NoError(t, opened(t).Update(ctx, uri+"/large",
			func([]byte) ([]byte, error) { return []byte(text), nil }))
		in, err := opened(t).Open(ctx, uri+"/large")
		require.NoError(t, err)
		_, err = io.ReadFull(in, make([]byte, 1005))
		require.NoError(t, err)
		in.(*stream).body.Close() // as a network does
		got, err := io.ReadAll(in)
		require.NoError(t, err)
		assert.True(t, text[1005:] == string(got), "it goes on")
	})
	t.Run("many writers", func(t *testing.T) {
		var writers sync.WaitGroup
		for i := range 8 {
			writers.Go(func() {
				b := bucketOf(t, uri+"/shared")
				for err := errChanged; err != nil; {
					there, was, missing := b.get(ctx, uri+"/shared", span{})
					assert.True(t, missing == nil || errors.Is(missing, fs.ErrNotExist), missing)
					content, _ := add(fmt.Sprint(i))(there)
					if err = b.put(ctx, b.name, "shared", was, content); err != errChanged {
						assert.NoError(t, err)
						return
					}
				}
			})
		}
		writers.Wait()
		assert.ElementsMatch(t, strings.Fields("0 1 2 3 4 5 6 7"), strings.Fields(content(t, uri+"/shared")))
	})
	t.Run("lists", func(t *testing.T) {
		put(t, uri+"/lake", "year=2026/a.jsonl", "year=2026/b/c.jsonl", "year=2027/d.jsonl", "e.jsonl", "data[1]",
			"data1")
		for pattern, want := range map[string][]string{
			"*.jsonl": {"e.jsonl"}, "year=*/*": {"year=2026/a.jsonl", "year=2027/d.jsonl"}, "data[1]": {"data[1]"},
			"**/c.jsonl": {"year=2026/b/c.jsonl"}, "year=*/": {"year=2026/", "year=2027/"}, "none*": nil,
		} {
			t.Run(pattern, func(t *testing.T) {
				got, err := listed(t, uri+"/lake", pattern, nil)
				require.NoError(t, err)
				assert.ElementsMatch(t, want, got)
			})
		}
		b := bucketOf(t, uri)
		first, err := b.page(ctx, uri, query{prefix: "lake/", limit: 2})
		require.NoError(t, err)
		second, err := b.page(ctx, uri, query{prefix: "lake/", limit: 2, from: first.next})
		require.NoError(t, err)
		assert.Len(t, append(first.objects, second.objects...), 4)
		assert.NotEqual(t, first.objects[1].Name, second.objects[0].Name)
	})
}
