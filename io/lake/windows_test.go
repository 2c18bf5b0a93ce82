package lake

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"adtoorder/io/table"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var ctx = context.Background()

// start0 is 2026-11-01T00:00:00Z.
const start0 = 1793491200000

// filled returns a lake with rows in three windows and two datasets.
func filled(t *testing.T) Lake {
	lake := Lake{t.TempDir(), JSONL}
	for _, f := range []struct {
		dataset string
		start   int64
		shard   string
	}{
		{"conversions", start0, "0"}, {"conversions", start0 + 60_000, "0"}, {"conversions", start0 + 3600_000, "0"},
		{"rejects", start0, "0a-1"}, {"rejects", start0, "0b-1"}, {"rejects", 0, "0a-1"},
	} {
		mergeAll(t, lake.Format, lake.path(f.dataset, f.start, f.shard),
			[]row{rowOf(table.Time(f.start), f.dataset, 1, 1)})
	}
	return lake
}

func TestSweepRemovesOnlyTemporaryFiles(t *testing.T) {
	lake := filled(t)
	require.NoError(t, lake.SetOrigin(ctx, table.Origin{Window: time.Minute}))
	require.NoError(t, os.WriteFile(lake.Dir+"/.hidden", nil, 0o644))
	before := files(t, lake.Dir)
	file := lake.path("conversions", start0, "0")
	for _, left := range []string{file, lake.path("rejects", 0, "0a-1")} {
		temporary := filepath.Dir(left) + "/." + filepath.Base(left) + ".0123abcd"
		require.NoError(t, os.WriteFile(temporary, []byte("half"), 0o644))
	}
	require.NoError(t, os.WriteFile(lake.Dir+"/..origin.json.0123abcd", []byte("half"), 0o644))
	require.Len(t, files(t, lake.Dir), len(before)+3)
	require.NoError(t, lake.Sweep(ctx))
	assert.Equal(t, before, files(t, lake.Dir))
	require.NoError(t, lake.Sweep(ctx))
	require.NoError(t, Lake{lake.Dir + "/none", JSONL}.Sweep(ctx), "no lake yet")
}

func TestWindows(t *testing.T) {
	lake := filled(t)
	got, err := lake.Windows(ctx)
	require.NoError(t, err)
	assert.Equal(t, []int64{0, start0, start0 + 60_000, start0 + 3600_000}, got)

	file := lake.path("conversions", start0+120_000, "0")
	require.NoError(t, os.WriteFile(filepath.Dir(file)+"/."+filepath.Base(file)+".1", nil, 0o644))
	require.NoError(t, os.WriteFile(filepath.Dir(file)+"/notes", nil, 0o644))
	got, err = lake.Windows(ctx)
	require.NoError(t, err)
	assert.Len(t, got, 4, "a window of a file that is none")

	got, err = Lake{lake.Dir + "/none", JSONL}.Windows(ctx)
	require.NoError(t, err)
	assert.Empty(t, got, "no lake yet")
}

func TestRemoveWindows(t *testing.T) {
	lake := filled(t)
	require.NoError(t, lake.SetOrigin(ctx, table.Origin{Window: time.Minute}))
	notes := filepath.Dir(lake.path("conversions", start0, "0")) + "/notes"
	require.NoError(t, os.WriteFile(notes, nil, 0o644))
	before := files(t, lake.Dir)
	require.NoError(t, lake.RemoveWindows(ctx, nil))
	require.NoError(t, lake.RemoveWindows(ctx, []int64{start0 + 1, start0 + 30_000, start0 - 60_000,
		time.Time{}.UnixMilli()}))
	assert.Equal(t, before, files(t, lake.Dir), "windows that are not there")

	require.NoError(t, lake.RemoveWindows(ctx, []int64{start0, start0 + 3600_000}))
	assert.Equal(t, []string{
		".origin.json",
		"conversions/year=2026/month=11/day=01/hour=00/20261101T000100Z-0.jsonl",
		"conversions/year=2026/month=11/day=01/hour=00/notes",
		"rejects/year=1970/month=01/day=01/hour=00/19700101T000000Z-0a-1.jsonl",
	}, files(t, lake.Dir))
}

// allRows reads all rows of a dataset.
func allRows(lake Lake, dataset string) (rows []row, err error) {
	for some, failure := range Scan[row](ctx, lake, dataset) {
		rows, err = append(rows, some...), failure
	}
	return rows, err
}

func TestScanReturnsAllRows(t *testing.T) {
	lake := filled(t)
	// Rows of both formats are read, of temporary files none.
	other := Lake{lake.Dir, Parquet}
	mergeAll(t, Parquet, other.path("conversions", start0+180_000, "0"), []row{rowOf(5, "parquet", 1, 1)})
	file := lake.path("conversions", start0, "0")
	require.NoError(t, os.WriteFile(filepath.Dir(file)+"/."+filepath.Base(file)+".1", []byte("half"), 0o644))
	rows, err := allRows(lake, "conversions")
	require.NoError(t, err)
	assert.ElementsMatch(t, text([]row{rowOf(start0, "conversions", 1, 1), rowOf(start0+60_000, "conversions", 1, 1),
		rowOf(start0+3600_000, "conversions", 1, 1), rowOf(5, "parquet", 1, 1)}), text(rows))

	rows, err = allRows(lake, "ledger")
	require.NoError(t, err)
	assert.Empty(t, rows)

	require.NoError(t, os.WriteFile(file, []byte(`{"start":5}`), 0o644))
	_, err = allRows(lake, "conversions")
	assert.ErrorContains(t, err, file)
}

func TestOrigin(t *testing.T) {
	lake := Lake{t.TempDir() + "/lake", JSONL}
	origin, err := lake.Origin(ctx)
	require.NoError(t, err)
	assert.Equal(t, table.Origin{}, origin, "no lake yet")

	for _, want := range []table.Origin{
		{Window: time.Minute, Format: JSONL, Sources: []table.Source{{Stream: "clicks", Path: "/a", Size: 7}}},
		{Window: time.Hour, Format: Parquet, Sources: []table.Source{}},
	} {
		require.NoError(t, lake.SetOrigin(ctx, want))
		origin, err = lake.Origin(ctx)
		require.NoError(t, err)
		assert.Equal(t, want, origin)
	}
	assert.Equal(t, []string{".origin.json"}, files(t, lake.Dir))
	require.NoError(t, lake.Sweep(ctx))
	assert.Equal(t, []string{".origin.json"}, files(t, lake.Dir))

	require.NoError(t, os.WriteFile(lake.Dir+"/.origin.json", []byte("{"), 0o644))
	_, err = lake.Origin(ctx)
	assert.ErrorContains(t, err, lake.Dir+"/.origin.json")
}
