package main

import (
	"net"
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

func TestASecondDemoLeavesTheFirstAlone(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(dir+"/"+mark, nil, 0o644))
	err = demo{dir: dir, listen: l.Addr().String()}.run(t.Context())
	assert.ErrorContains(t, err, "another demo perhaps")
	assert.FileExists(t, dir+"/"+mark)
}
