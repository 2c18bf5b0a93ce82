package lake

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mergeAll merges rows into a file, one call after another.
func mergeAll(t *testing.T, format, file string, panes ...[]row) {
	t.Helper()
	for _, pane := range panes {
		require.NoError(t, merge(ctx, opened(t), rowOrder, format, file, pane))
	}
}

func TestMergeKeepsTheMoreCompleteRows(t *testing.T) {
	older := []row{rowOf(0, "P1", 1, 9)}
	newer := []row{rowOf(0, "P1", 5, 2), rowOf(0, "P2", 1, 1)}
	want := []row{rowOf(0, "P1", 5, 9), rowOf(0, "P2", 1, 1)}
	for name, panes := range map[string][][]row{
		"a newer pane after an older": {older, newer},
		"an older pane after a newer": {newer, older},
		"each again":                  {newer, older, newer, older},
		"both in one pane":            {append(older[:1:1], newer...)},
		"nothing after":               {older, newer, nil},
	} {
		t.Run(name, func(t *testing.T) {
			for _, lake := range lakes(t) {
				file := lake.path("d", 0, "0")
				mergeAll(t, lake.Format, file, panes...)
				assert.Equal(t, text(want), text(rowsOf(t, file)), lake.Format)
			}
		})
	}
}

func TestMergeGivesTheSameBytesInAnyOrder(t *testing.T) {
	for _, lake := range lakes(t) {
		for seed := range uint64(5) {
			random := rand.New(rand.NewPCG(seed, 0))
			var panes [][]row
			for range 6 {
				panes = append(panes, []row{rowOf(0, "P1", random.Int64N(9), 1), rowOf(0, "P2", 1, random.Int64N(9))})
			}
			one, other := lake.path("one", int64(seed)*1000, "0"), lake.path("other", int64(seed)*1000, "0")
			mergeAll(t, lake.Format, one, panes...)
			random.Shuffle(len(panes), func(i, j int) { panes[i], panes[j] = panes[j], panes[i] })
			mergeAll(t, lake.Format, other, panes...)
			a, err := os.ReadFile(one)
			require.NoError(t, err)
			b, err := os.ReadFile(other)
			require.NoError(t, err)
			require.Equal(t, a, b, "%s, seed %d", lake.Format, seed)
		}
	}
}

func TestMergeAtOnceLosesNothing(t *testing.T) {
	for _, lake := range lakes(t) {
		file := lake.path("d", 0, "0")
		var writers sync.WaitGroup
		var want []row
		for i := range int64(20) {
			want = append(want, rowOf(0, string(rune('a'+i)), i, i))
			writers.Go(func() {
				pane := []row{rowOf(0, string(rune('a'+i)), i, i), rowOf(0, "z", i, 1)}
				assert.NoError(t, merge(ctx, opened(t), rowOrder, lake.Format, file, pane))
			})
		}
		writers.Wait()
		assert.Equal(t, text(append(want, rowOf(0, "z", 19, 1))), text(rowsOf(t, file)))
		assert.Len(t, files(t, lake.Dir), 1, "a temporary file is left")
	}
}

func TestMergeLeavesAnUnchangedFileAlone(t *testing.T) {
	for _, lake := range lakes(t) {
		file := lake.path("d", 0, "0")
		mergeAll(t, lake.Format, file, []row{rowOf(0, "P1", 5, 2)})
		before, err := os.Stat(file)
		require.NoError(t, err)
		mergeAll(t, lake.Format, file, []row{rowOf(0, "P1", 4, 1)})
		after, err := os.Stat(file)
		require.NoError(t, err)
		assert.True(t, os.SameFile(before, after), "replaced")
	}
}

func TestMergeReplacesTheFileWhole(t *testing.T) {
	for _, lake := range lakes(t) {
		file := lake.path("d", 0, "0")
		mergeAll(t, lake.Format, file, []row{rowOf(0, "P1", 1, 1)})
		reader, err := os.Open(file) // which has begun to read
		require.NoError(t, err)
		defer reader.Close()
		before, err := os.Stat(file)
		require.NoError(t, err)
		mergeAll(t, lake.Format, file, []row{rowOf(0, "P1", 2, 2)})
		still, err := reader.Stat()
		require.NoError(t, err)
		assert.Equal(t, before.Size(), still.Size(), "written in place")
		after, err := os.Stat(file)
		require.NoError(t, err)
		assert.False(t, os.SameFile(before, after), "written in place")
	}
}

func TestMergeRefusesAFileThatItCannotRead(t *testing.T) {
	for _, lake := range lakes(t) {
		file := lake.path("d", 0, "0")
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte("something else"), 0o644))
		err := merge(ctx, opened(t), rowOrder, lake.Format, file, []row{{}})
		assert.ErrorContains(t, err, "reading "+file)
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, "something else", string(content))
	}
}

func TestMergeReturnsAFailingDisk(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(dir+"/file", nil, 0o644))
	assert.Error(t, merge(ctx, opened(t), rowOrder, JSONL, dir+"/file/below", []row{{}}))
	assert.ErrorContains(t, merge(ctx, opened(t), rowOrder, JSONL, dir, []row{{}}), dir) // a directory
	assert.Equal(t, []string{"file"}, files(t, dir))
}
