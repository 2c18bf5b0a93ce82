package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAFolderOfOthersIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(dir+"/thesis.txt", nil, 0o644))
	assert.ErrorContains(t, demo{dir: dir}.clear(), "is not a demo's")
	assert.FileExists(t, dir+"/thesis.txt")
}
