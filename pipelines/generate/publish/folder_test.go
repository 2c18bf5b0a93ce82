package publish

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"adtoorder/pipelines/generate/traffic"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// files are those of a directory, hidden ones too.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestFolderGetsAFileAPeriod(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "in")
	opts := simulated()
	opts.Span = 27 * time.Second // ends within a period
	_, _, err := Plan{Folder{dir, "clicks", 10 * time.Second}, Folder{dir, "orders", time.Hour}, opts}.Run(t.Context(),
		&Sent{})
	require.NoError(t, err)
	want := map[string]struct{ from, to time.Duration }{
		"clicks-20261101T120000.000Z.jsonl": {0, 10 * time.Second},
		"clicks-20261101T120010.000Z.jsonl": {10 * time.Second, 20 * time.Second},
		"clicks-20261101T120020.000Z.jsonl": {20 * time.Second, 27 * time.Second},
		"orders-20261101T120000.000Z.jsonl": {0, 27 * time.Second},
	}
	assert.Len(t, files(t, dir), len(want))
	g := generator(t, opts)
	for name, period := range want {
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		require.NoError(t, err)
		assert.True(t, info.ModTime().Equal(noon.Add(period.to)), "%s: %v", name, info.ModTime())
		records := g.Clicks()
		if strings.HasPrefix(name, "orders") {
			records = g.Orders()
		}
		var lines strings.Builder
		for r := range records {
			if at := r.Time.Sub(noon); at >= period.from && at < period.to {
				lines.Write(append(r.Payload, '\n'))
			}
		}
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, lines.String(), string(got))
	}
}

func TestEmptyPeriodsMakeNoFile(t *testing.T) {
	dir := t.TempDir()
	opts := traffic.Defaults()
	opts.Start, opts.Span, opts.Clicks, opts.Orders = noon, time.Minute, 2, 0
	_, _, err := Plan{Folder{dir, "clicks", time.Second}, Folder{dir, "orders", time.Second}, opts}.Run(t.Context(),
		&Sent{})
	require.NoError(t, err)
	assert.Len(t, files(t, dir), 2)
}

// A file appears when its period is over, though no later record comes: there
// is an order in 10 s.
func TestLiveFilesAppearAtTheEndsOfTheirPeriods(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		shown := map[time.Duration]int{}
		look := &memory{onReach: func(now time.Time) error {
			paths, err := filepath.Glob(filepath.Join(dir, "orders-*"))
			shown[now.Sub(start).Truncate(slice)] = len(paths)
			return err
		}}
		_, _, err := Plan{look, Folder{dir, "orders", time.Second}, live(1, 40*time.Second)}.Run(t.Context(), &Sent{})
		require.NoError(t, err)
		assert.Equal(t, 40*time.Second, time.Since(start), "the last record comes before")
		names := files(t, dir)
		require.Len(t, names, 4)
		for i, name := range names[:3] {
			period, err := time.Parse("orders-"+fileTime+".jsonl", name)
			require.NoError(t, err)
			end := period.Add(time.Second).Sub(start)
			assert.Zero(t, end%time.Second, "periods begin with the start")
			assert.Equal(t, i, shown[end-slice])
			assert.Equal(t, i+1, shown[end+2*slice])
		}
	})
}

func TestInterruptedFolderKeepsWhatCame(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
		defer cancel()
		c, _, err := Plan{Folder{dir, "clicks", 10 * time.Second}, &memory{}, live(100, time.Hour)}.Run(ctx, &Sent{})
		require.NoError(t, err)
		lines := 0
		for _, name := range files(t, dir) {
			data, err := os.ReadFile(filepath.Join(dir, name))
			require.NoError(t, err)
			lines += strings.Count(string(data), "\n")
		}
		assert.Len(t, files(t, dir), 2)
		assert.Equal(t, c.Records, lines)
	})
}

func TestFailedFolderLeavesNoPartialFile(t *testing.T) {
	dir := t.TempDir()
	failing := &memory{onPut: func(r traffic.Record) error {
		if r.Time.Sub(noon) > 15*time.Second {
			return errBroken
		}
		return nil
	}}
	_, _, err := Plan{Folder{dir, "clicks", 10 * time.Second}, failing, simulated()}.Run(t.Context(), &Sent{})
	assert.ErrorIs(t, err, errBroken)
	assert.Equal(t, []string{"clicks-20261101T120000.000Z.jsonl"}, files(t, dir))
}

func TestFolderErrors(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	_, _, err := Plan{Folder{file, "clicks", time.Second}, &memory{}, simulated()}.Run(t.Context(), &Sent{})
	assert.ErrorContains(t, err, "can't be written to")

	// cannot be replaced by a file
	require.NoError(t, os.Mkdir(filepath.Join(dir, "clicks-20261101T120000.000Z.jsonl"), 0o755))
	_, _, err = Plan{Folder{dir, "clicks", time.Second}, &memory{}, simulated()}.Run(t.Context(), &Sent{})
	assert.ErrorContains(t, err, "writing "+filepath.Join(dir, "clicks-20261101T120000.000Z.jsonl"))
	assert.Len(t, files(t, dir), 2, "a partial file was left")
}
