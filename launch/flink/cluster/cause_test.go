package cluster

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLastErrorOfALog(t *testing.T) {
	dir := t.TempDir()
	p := Process{dir, "taskmanager-0"}
	assert.Equal(t, "see "+p.Log(), lastError(p))
	require.NoError(t, os.MkdirAll(filepath.Dir(p.Log()), 0o755))
	require.NoError(t, os.WriteFile(p.Log(),
		[]byte("10:00 INFO  A - fine\n10:01 ERROR B - first\njava.io.IOException: second\n\tat c.D\nCaused by: "+
			"java.net.BindException: Address already in use\n10:02 INFO  A - fine\n"), 0o644))
	assert.Equal(t, "Caused by: java.net.BindException: Address already in use", lastError(p))
}
