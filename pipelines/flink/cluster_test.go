package flink

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAClusterIsFoundByItsEndpoint(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	dir, err := ClusterDir("localhost:8099")
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(dir, 0o755))
	_, found, err := Find("localhost:8099")
	require.NoError(t, err)
	assert.False(t, found)

	want := Cluster{Endpoint: "localhost:8099", Web: "http://localhost:8081", Dir: dir, TaskManagers: 2}
	require.NoError(t, want.Save())
	got, found, err := Find("localhost:8099")
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, want, got)
	_, found, err = Find("localhost:8100")
	require.NoError(t, err)
	assert.False(t, found, "another one's")

	require.NoError(t, os.WriteFile(filepath.Join(dir, description), []byte("{"), 0o644))
	_, _, err = Find("localhost:8099")
	assert.ErrorContains(t, err, "go run ./launch/flink down")
	require.NoError(t, want.Forget())
	_, found, err = Find("localhost:8099")
	require.NoError(t, err)
	assert.False(t, found)
}

func TestAWorkerNamesItsCopy(t *testing.T) {
	dir := t.TempDir()
	Attend(dir)
	text, err := os.ReadFile(filepath.Join(dir, CopyFile))
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	assert.Equal(t, filepath.Dir(self), string(text))
}
