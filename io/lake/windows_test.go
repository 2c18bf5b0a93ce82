package lake

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"adtoorder/io/progress"
	"adtoorder/io/table"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var ctx = context.Background()

// start0 is 2026-11-01T00:00:00Z.
const start0 = 1793491200000

// filled returns a lake with rows in windows of a minute, of two datasets.
func filled(t *testing.T, format string) Lake {
	lake := Lake{t.TempDir(), format}
	require.NoError(t, lake.SetOrigin(ctx, table.Origin{Window: time.Minute}))
	for _, f := range []struct {
		dataset, shard string
		starts         []table.Time
	}{
		{"conversions", "0", []table.Time{start0, start0 + 60_000}},
		{"conversions", "0", []table.Time{start0 + 3600_000}},
		{"rejects", "0a-1", []table.Time{start0 + 1, start0 + 59_999}}, {"rejects", "0b-1", []table.Time{start0}},
		{"rejects", "0a-1", []table.Time{0}},
	} {
		var rows []row
		for _, start := range f.starts {
			rows = append(rows, rowOf(start, f.dataset, 1, 1))
		}
		hour := int64(f.starts[0]) - int64(f.starts[0])%3600_000
		mergeAll(t, lake.Format, lake.path(f.dataset, hour, f.shard), rows)
	}
	return lake
}

// put writes a file beside another.
func put(t *testing.T, beside, name, content string) string {
	t.Helper()
	file := filepath.Dir(beside) + "/" + name
	require.NoError(t, os.MkdirAll(filepath.Dir(beside), 0o755))
	require.NoError(t, os.WriteFile(file, []byte(content), 0o644))
	return file
}

func TestSweepRemovesOnlyTemporaryFiles(t *testing.T) {
	lake := filled(t, JSONL)
	file := lake.path("conversions", start0, "0")
	put(t, lake.originFile(), ".hidden", "")
	put(t, file, ".DS_Store", "")
	before := files(t, lake.Dir)
	for _, left := range []string{file, lake.path("rejects", 0, "0a-1"), lake.originFile(),
		lake.noteFile("0")} {
		put(t, left, "."+filepath.Base(left)+".0123abcd", "half")
	}
	put(t, file, ".20261101T000100Z-0.jsonl.0123abcd", "half, of the former layout")
	require.Len(t, files(t, lake.Dir), len(before)+5)
	require.NoError(t, lake.Sweep(ctx, datasets))
	assert.Equal(t, before, files(t, lake.Dir))
	require.NoError(t, lake.Sweep(ctx, datasets))
	require.NoError(t, Lake{lake.Dir + "/none", JSONL}.Sweep(ctx, datasets), "no lake yet")
}

// A lake may be a disk of its own, with a folder that only the administrator reads.
func TestFoldersOfOthersAreNotLookedInto(t *testing.T) {
	if os.Getuid() == 0 {
		t.Log("as root each folder can be read")
	}
	for _, format := range Formats() {
		lake := filled(t, format)
		for _, dir := range []string{"/lost+found", "/conversions/lost+found"} {
			require.NoError(t, os.Mkdir(lake.Dir+dir, 0))
		}
		// A link to itself can't be read as a folder by anybody.
		require.NoError(t, os.Symlink("year=1", lake.Dir+"/others"))
		require.NoError(t, lake.Sweep(ctx, datasets))
		starts, err := lake.Windows(ctx, datasets)
		require.NoError(t, err)
		assert.Len(t, starts, 4)
		require.NoError(t, lake.Fold(ctx, datasets, minutes))
		require.NoError(t, lake.RemoveWindows(ctx, datasets, starts))
		rows, err := allRows(lake, "conversions")
		require.NoError(t, err)
		assert.Empty(t, rows)
		found, err := lake.Has(ctx, "conversions")
		require.NoError(t, err)
		assert.False(t, found)
	}
}

func TestWindows(t *testing.T) {
	for _, format := range Formats() {
		lake := filled(t, format)
		want := []int64{0, start0, start0 + 60_000, start0 + 3600_000}
		got, err := lake.Windows(ctx, datasets)
		require.NoError(t, err)
		assert.Equal(t, want, got)

		file := lake.path("conversions", start0, "0")
		put(t, file, "."+filepath.Base(file)+".1", "half")
		put(t, file, "notes", "")
		got, err = lake.Windows(ctx, datasets)
		require.NoError(t, err)
		assert.Equal(t, want, got, "files that are none of the lake's")

		got, err = lake.Windows(ctx, datasets[1:2])
		require.NoError(t, err)
		assert.Equal(t, []int64{0, start0}, got, "the windows that hold the times of rejects")

		got, err = Lake{lake.Dir + "/none", format}.Windows(ctx, datasets)
		require.NoError(t, err)
		assert.Empty(t, got, "no lake yet")
	}
}

// --replace is a way out: so what can't be read has to go where the run has a window of it.
func TestWindowsOfDamagedFiles(t *testing.T) {
	var told []string
	progress.OnProblem(func(text string) { told = append(told, text) })
	defer progress.OnProblem(func(string) {})
	for _, format := range Formats() {
		lake := Lake{t.TempDir(), format}
		require.NoError(t, lake.SetOrigin(ctx, table.Origin{Window: 25 * time.Minute}))
		size := int64(25 * 60_000)
		first := start0 - start0%size + size // the first window that starts in the hour
		damaged := put(t, lake.path("d", start0, "0"), "20261101T00-0."+format, "damaged")
		former := put(t, damaged, "20261101T000600Z-0."+format, "damaged")
		got, err := lake.Windows(ctx, datasets)
		require.NoError(t, err)
		var want []int64
		for at := first; at < start0+3600_000; at += size {
			want = append(want, at)
		}
		assert.Contains(t, got, int64(start0+6*60_000), "the former file's own")
		assert.Subset(t, got, want)
		assert.Len(t, got, len(want)+1)

		require.NoError(t, lake.RemoveWindows(ctx, datasets, []int64{first - size, start0 + 3600_000}))
		assert.Len(t, files(t, lake.Dir), 3, "windows of other hours")
		require.NoError(t, lake.RemoveWindows(ctx, datasets, want[1:]))
		assert.Equal(t, []string{".origin.json"}, files(t, lake.Dir), former)
		require.Len(t, told, 2)
		assert.Contains(t, told[0]+told[1], "removing "+damaged+", since it ")
		told = nil
	}
}

func TestRemoveWindows(t *testing.T) {
	for _, format := range Formats() {
		lake := filled(t, format)
		file := lake.path("conversions", start0, "0")
		put(t, file, "notes", "")
		before := files(t, lake.Dir)
		was, err := os.Stat(file)
		require.NoError(t, err)
		require.NoError(t, lake.RemoveWindows(ctx, datasets, nil))
		require.NoError(t, lake.RemoveWindows(ctx, datasets, []int64{start0 + 120_000, start0 - 60_000}))
		assert.Equal(t, before, files(t, lake.Dir), "windows that are not there")
		is, err := os.Stat(file)
		require.NoError(t, err)
		assert.True(t, os.SameFile(was, is), "written again")

		require.NoError(t, lake.RemoveWindows(ctx, datasets, []int64{start0, start0 + 3600_000}))
		assert.Equal(t, []string{
			".origin.json",
			"conversions/year=2026/month=11/day=01/hour=00/20261101T00-0." + format,
			"conversions/year=2026/month=11/day=01/hour=00/notes",
			"rejects/year=1970/month=01/day=01/hour=00/19700101T00-0a-1." + format,
		}, files(t, lake.Dir))
		assert.Equal(t, text([]row{rowOf(start0+60_000, "conversions", 1, 1)}), text(rowsOf(t, file)))

		require.NoError(t, lake.RemoveWindows(ctx, datasets, []int64{0, start0 + 60_000}))
		assert.Equal(t, []string{".origin.json", "conversions/year=2026/month=11/day=01/hour=00/notes"},
			files(t, lake.Dir))
	}
}

// allRows reads all rows of a dataset.
func allRows(lake Lake, dataset string) (rows []row, err error) {
	for some, failure := range Scan[row](ctx, lake, dataset) {
		rows, err = append(rows, some...), failure
	}
	return rows, err
}

func TestScanReturnsAllRows(t *testing.T) {
	lake := filled(t, JSONL)
	// Rows of both formats and layouts are read, of files of others none.
	other := Lake{lake.Dir, Parquet}
	mergeAll(t, Parquet, other.path("conversions", start0+2*3600_000, "0"), []row{rowOf(5, "parquet", 1, 1)})
	file := lake.path("conversions", start0, "0")
	mergeAll(t, JSONL, filepath.Dir(file)+"/20261101T000500Z-0.jsonl", []row{rowOf(6, "former", 1, 1)})
	put(t, file, "."+filepath.Base(file)+".1", "half")
	put(t, file, "notes.jsonl", "notes")
	rows, err := allRows(lake, "conversions")
	require.NoError(t, err)
	assert.ElementsMatch(t, text([]row{rowOf(start0, "conversions", 1, 1), rowOf(start0+60_000, "conversions", 1, 1),
		rowOf(start0+3600_000, "conversions", 1, 1), rowOf(5, "parquet", 1, 1), rowOf(6, "former", 1, 1)}), text(rows))

	rows, err = allRows(lake, "ledger")
	require.NoError(t, err)
	assert.Empty(t, rows)

	require.NoError(t, os.WriteFile(file, []byte(`{"start":5}`), 0o644))
	_, err = allRows(lake, "conversions")
	assert.ErrorContains(t, err, file)
	assert.ErrorContains(t, err, "restore the file, or remove it, or have a run with --replace write its hours anew")
}

// Of a wide row a scan may want two columns.
func TestScanOfSomeColumns(t *testing.T) {
	type some struct {
		Count int64  `json:"count" parquet:"count"`
		Name  string `json:"name" parquet:"name"`
	}
	for _, format := range Formats() {
		lake := filled(t, format)
		var rows []some
		for scanned, err := range Scan[some](ctx, lake, "conversions") {
			require.NoError(t, err)
			rows = append(rows, scanned...)
		}
		assert.Equal(t, []some{{1, "conversions"}, {1, "conversions"}, {1, "conversions"}}, rows)
	}
}

func TestOrigin(t *testing.T) {
	lake := Lake{t.TempDir() + "/lake", JSONL}
	origin, err := lake.Origin(ctx)
	require.NoError(t, err)
	assert.Equal(t, table.Origin{}, origin, "no lake yet")

	for _, want := range []table.Origin{
		{Window: time.Minute, Format: JSONL, Layout: Layout, Sources: []table.Source{{Stream: "clicks", Path: "/a",
			Size: 7}}},
		{Window: time.Hour, Format: Parquet, Sources: []table.Source{}},
	} {
		require.NoError(t, lake.SetOrigin(ctx, want))
		origin, err = lake.Origin(ctx)
		require.NoError(t, err)
		assert.Equal(t, want, origin)
	}
	assert.Equal(t, []string{".origin.json"}, files(t, lake.Dir))
	require.NoError(t, lake.Sweep(ctx, datasets))
	assert.Equal(t, []string{".origin.json"}, files(t, lake.Dir))

	require.NoError(t, os.WriteFile(lake.Dir+"/.origin.json", []byte("{"), 0o644))
	_, err = lake.Origin(ctx)
	assert.ErrorContains(t, err, lake.Dir+"/.origin.json")
}
