package traffic

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWriteDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	g := generator(t, faulty())
	clicks, orders, err := g.WriteDir(dir)
	require.NoError(t, err)

	for name, want := range map[string]struct {
		counts Counts
		lines  []string
	}{
		ClicksFile: {clicks, lines(g.Clicks(), all)},
		OrdersFile: {orders, lines(g.Orders(), all)},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(dir, name))
			require.NoError(t, err)
			assert.EqualValues(t, len(data), want.counts.Bytes)
			assert.Equal(t, 10_000+300+100, want.counts.Records+want.counts.Duplicates+want.counts.Malformed)
			got := bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
			require.Len(t, got, len(want.lines))
			for i := range got {
				require.Equal(t, want.lines[i], string(got[i]))
			}
		})
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 2, "a partial file was left")
}

func TestWriteDirReplaces(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, ClicksFile), []byte("old\n"), 0o644))
	opts := Defaults()
	opts.Clicks, opts.Orders = 0, 0
	_, _, err := generator(t, opts).WriteDir(dir)
	require.NoError(t, err)
	data, err := os.ReadFile(filepath.Join(dir, ClicksFile))
	require.NoError(t, err)
	assert.Empty(t, data)
}

func TestWriteDirLeavesNoPartialFile(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, ClicksFile), 0o755)) // cannot be replaced by a file
	_, _, err := generator(t, faulty()).WriteDir(dir)
	assert.ErrorContains(t, err, ClicksFile)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 1)
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWriteReturnsTheErrorOfTheWriter(t *testing.T) {
	for _, n := range []int{1, 50_000} { // met by the last flush, and on the way
		opts := Defaults()
		opts.Clicks = n
		_, err := Write(fullDisk{}, generator(t, opts).Clicks())
		assert.ErrorContains(t, err, "no space left")
	}
}
