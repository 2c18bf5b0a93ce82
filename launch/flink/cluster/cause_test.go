package cluster

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRootCause(t *testing.T) {
	for trace, want := range map[string]string{
		"": "",
		"java.lang.Exception: outer\n\tat a.b.C(C.java:1)\nCaused by: java.io.IOException: No space left on device\n\tat d.e.F(F.java:2)\n\t... 3 more":                                                    "No space left on device",
		"org.apache.flink.util.FlinkException: TaskManager taskmanager-0 is gone.\n\tat x.Y(Y.java:1)":                                                                                                     "TaskManager taskmanager-0 is gone.",
		"java.lang.RuntimeException: Error received from SDK harness for instruction 3: process bundle failed for instruction 3\ncaused by:\ncaused by: writing /x: permission denied\n\tat a.B(B.java:1)": "writing /x: permission denied",
		"java.lang.IndexOutOfBoundsException\n\tat a.B(B.java:1)":                                                                                                                                          "java.lang.IndexOutOfBoundsException",
		"plain text": "plain text",
	} {
		assert.Equal(t, want, RootCause(trace), trace)
	}
}

func TestLastErrorOfALog(t *testing.T) {
	dir := t.TempDir()
	p := process{dir, "taskmanager-0"}
	assert.Equal(t, "see "+p.log(), lastError(p))
	require.NoError(t, os.MkdirAll(filepath.Dir(p.log()), 0o755))
	require.NoError(t, os.WriteFile(p.log(), []byte("10:00 INFO  A - fine\n10:01 ERROR B - first\njava.io.IOException: second\n\tat c.D\nCaused by: java.net.BindException: Address already in use\n10:02 INFO  A - fine\n"), 0o644))
	assert.Equal(t, "Caused by: java.net.BindException: Address already in use", lastError(p))
}
