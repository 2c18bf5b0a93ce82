package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOutputIsCounted(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, bytes int) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, make([]byte, bytes), 0o644))
	}
	write("lake/clicks/hour=00/a", 10)
	write("lake/clicks/hour=01/a", 20)
	write("lake/b", 0)
	write("tables/warehouse.db", 100)
	write("tables/warehouse.db-wal", 7)
	got, err := outputOf(filepath.Join(dir, "lake"), filepath.Join(dir, "tables"))
	require.NoError(t, err)
	assert.Equal(t, output{files: 3, lake: 30, tables: 107}, got)
	got, err = outputOf(filepath.Join(dir, "lake"), "")
	require.NoError(t, err)
	assert.Equal(t, output{files: 3, lake: 30}, got)
}

func TestAnAbsentLakeFails(t *testing.T) {
	_, err := outputOf(filepath.Join(t.TempDir(), "none"), "")
	assert.ErrorContains(t, err, "counting the files that a run has written")
}
