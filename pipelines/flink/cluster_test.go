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

// On a cluster of ours a worker names its copy, and works in the folder of its
// flags, with the options that boot has written elsewhere.
func TestAWorkerOfOursGoesToTheFolderOfItsFlags(t *testing.T) {
	work, folder := t.TempDir(), t.TempDir()
	t.Chdir(work)
	t.Setenv(FolderVariable, folder)
	t.Setenv(optionsVariable, "options.json")
	require.NoError(t, ExitWithParent(work))
	text, err := os.ReadFile(filepath.Join(work, CopyFile))
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	assert.Equal(t, filepath.Dir(self), string(text))
	here, err := os.Getwd()
	require.NoError(t, err)
	assert.Equal(t, folder, here)
	assert.Equal(t, filepath.Join(work, "options.json"), os.Getenv(optionsVariable))

	t.Setenv(FolderVariable, filepath.Join(folder, "gone"))
	assert.ErrorContains(t, ExitWithParent(work), "going to the folder of the job's flags")
}

// Elsewhere, boot's folder is /tmp, where others are.
func TestAWorkerElsewhereWritesNothing(t *testing.T) {
	work := t.TempDir()
	require.NoError(t, ExitWithParent(work))
	left, err := os.ReadDir(work)
	require.NoError(t, err)
	assert.Empty(t, left)
}
