package lake

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"adtoorder/io/progress"
	"adtoorder/io/storage/storagetest"
	"adtoorder/io/table"
	"adtoorder/io/window"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var minutes = window.Policy{Size: time.Minute}

// formerFile is the name of a window's file in the former layout.
func formerFile(lake Lake, dataset string, start int64, shard string) string {
	t := time.UnixMilli(start).UTC()
	return fmt.Sprintf("%s/%s/%s/%s-%s.%s", lake.Dir, dataset, t.Format("year=2006/month=01/day=02/hour=15"),
		t.Format("20060102T150405Z"), shard, lake.Format)
}

// former fills a lake of the former layout: three hours of windows, with two shards of
// rejects. It returns the rows of each file that they go to.
func former(t *testing.T, lake Lake) map[string][]row {
	t.Helper()
	want := map[string][]row{}
	for at := int64(start0); at < start0+3*3600_000; at += 20 * 60_000 {
		for _, place := range [][2]string{{"conversions", "0"}, {"rejects", "0a-1"}, {"rejects", "0b-1"}} {
			rows := []row{rowOf(table.Time(at), "P1", at%7, 1), rowOf(table.Time(at), "P2", 1, at%11)}
			mergeAll(t, lake.Format, formerFile(lake, place[0], at, place[1]), rows)
			into := lake.path(place[0], minutes.PartitionOf(at), place[1])
			want[into] = append(want[into], rows...)
		}
	}
	return want
}

// assertFolded checks that there are these files, with these rows, and no others.
func assertFolded(t *testing.T, lake Lake, want map[string][]row) {
	t.Helper()
	assert.Len(t, files(t, lake.Dir), len(want))
	for file, rows := range want {
		assert.Equal(t, text(reduce(rowOrder, rows)), text(rowsOf(t, file)), file)
	}
}

func TestFold(t *testing.T) {
	for _, lake := range lakes(t) {
		want := former(t, lake)
		// Some rows are there already, more and less complete: of a run that was killed.
		into := lake.path("conversions", start0, "0")
		there := []row{rowOf(start0, "P1", 100, 0), rowOf(start0, "P2", 0, 0)}
		mergeAll(t, lake.Format, into, there)
		want[into] = append(want[into], there...)
		before := progress.Folded.Load()
		require.NoError(t, lake.Fold(ctx, datasets, minutes))
		assertFolded(t, lake, want)
		assert.EqualValues(t, 27, progress.Folded.Load()-before)
		require.NoError(t, lake.Fold(ctx, datasets, minutes))
		assertFolded(t, lake, want)
	}
}

// Of longer windows each has a file, as before, by another name.
func TestFoldOfLongWindows(t *testing.T) {
	lake := Lake{t.TempDir(), JSONL}
	const half = 90 * 60_000
	want := map[string][]row{}
	for i, name := range []string{"hour=00/20261101T00-0.jsonl", "hour=01/20261101T0130-0.jsonl"} {
		at := start0 + int64(i)*half
		rows := []row{rowOf(table.Time(at), "P1", 1, 1)}
		mergeAll(t, JSONL, formerFile(lake, "d", at, "0"), rows)
		want[lake.Dir+"/d/year=2026/month=11/day=01/"+name] = rows
	}
	require.NoError(t, lake.Fold(ctx, datasets, window.Policy{Size: 90 * time.Minute}))
	assertFolded(t, lake, want)
}

func TestFoldGoesOnAfterAKill(t *testing.T) {
	for _, lake := range lakes(t) {
		want := former(t, lake)
		into := lake.path("conversions", start0, "0")
		var merged []row
		for _, r := range want[into] {
			merged = append(merged, r)
		}
		// merged, and nothing removed
		mergeAll(t, lake.Format, into, merged)
		require.NoError(t, os.Remove(formerFile(lake, "conversions", start0+20*60_000, "0"))) // or one of three
		require.NoError(t, lake.Fold(ctx, datasets, minutes))
		assertFolded(t, lake, want)
	}
}

// A file is only removed once its rows are elsewhere.
func TestFoldRemovesNothingWhereItCanNotWrite(t *testing.T) {
	for _, s := range storagetest.Serve(t) {
		lake := Lake{s.URI + "/lake", JSONL}
		at := formerFile(lake, "d", start0, "0")
		mergeAll(t, JSONL, at, []row{rowOf(start0, "P1", 1, 1)})
		var removed atomic.Bool
		s.Before = func(w http.ResponseWriter, r *http.Request) bool {
			removed.Store(removed.Load() || r.Method == http.MethodDelete)
			if storagetest.IsPut(r) {
				w.WriteHeader(http.StatusForbidden)
			}
			return storagetest.IsPut(r)
		}
		assert.Error(t, lake.Fold(ctx, datasets, minutes), s.URI)
		assert.False(t, removed.Load(), s.URI)
		s.Before = nil
		require.NoError(t, lake.Fold(ctx, datasets, minutes), s.URI)
		assert.Equal(t, text([]row{rowOf(start0, "P1", 1, 1)}), text(inBucket(t, lake.path("d", start0, "0"))))
		content, err := opened(t).Read(ctx, at)
		require.NoError(t, err)
		assert.Nil(t, content, "left in %s", s.URI)
	}
}

func TestFoldNamesADamagedFile(t *testing.T) {
	for _, lake := range lakes(t) {
		former(t, lake)
		damaged := formerFile(lake, "conversions", start0, "0")
		require.NoError(t, os.WriteFile(damaged, []byte("damaged"), 0o644))
		err := lake.Fold(ctx, datasets, minutes)
		assert.True(t, errors.As(err, new(*damage)))
		assert.ErrorContains(t, err, "reading "+damaged)
		assert.FileExists(t, formerFile(lake, "conversions", start0+20*60_000, "0"), "its hour is left as it is")
		assert.NoFileExists(t, lake.path("conversions", start0, "0"))
	}
}

func TestFoldLeavesFilesOfOthersAlone(t *testing.T) {
	for _, lake := range lakes(t) {
		former(t, lake)
		at := formerFile(lake, "conversions", start0, "0")
		notes := []string{put(t, at, "notes", "x"), put(t, at, "part-0."+lake.Format, "x"),
			put(t, formerFile(lake, "of-others", start0, "0"), filepath.Base(at), "x")}
		require.NoError(t, lake.Fold(ctx, datasets, minutes))
		for _, file := range notes {
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Equal(t, "x", string(content))
		}
	}
}

// The same rows give the same bytes, whichever came first and where they were.
func TestFoldGivesTheBytesOfAWrite(t *testing.T) {
	for _, lake := range lakes(t) {
		random := rand.New(rand.NewPCG(1, 2))
		var all []row
		for at := int64(start0); at < start0+3600_000; at += 60_000 {
			rows := []row{rowOf(table.Time(at), fmt.Sprint("P", random.IntN(9)), random.Int64N(9), 1)}
			mergeAll(t, lake.Format, formerFile(lake, "d", at, "0"), rows)
			all = append(all, rows...)
		}
		require.NoError(t, lake.Fold(ctx, datasets, minutes))
		other := lake.path("other", start0, "0")
		mergeAll(t, lake.Format, other, all)
		want, err := os.ReadFile(other)
		require.NoError(t, err)
		got, err := os.ReadFile(lake.path("d", start0, "0"))
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}
