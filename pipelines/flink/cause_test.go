package flink

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRootCause(t *testing.T) {
	for trace, want := range map[string]string{
		"": "",
		"java.lang.Exception: outer\n\tat a.b.C(C.java:1)\nCaused by: java.io.IOException: No space left on " +
			"device\n\tat d.e.F(F.java:2)\n\t... 3 more": "No space left on device",
		"org.apache.flink.util.FlinkException: TaskManager taskmanager-0 is gone.\n\tat " +
			"x.Y(Y.java:1)": "TaskManager taskmanager-0 is gone.",
		"java.lang.RuntimeException: Error received from SDK harness for instruction 3: process bundle failed for " +
			"instruction 3\ncaused by:\ncaused by: writing /x: permission denied\n\tat " +
			"a.B(B.java:1)": "writing /x: permission denied",
		"java.lang.IndexOutOfBoundsException\n\tat a.B(B.java:1)": "java.lang.IndexOutOfBoundsException",
		"plain text": "plain text",
	} {
		t.Run(want, func(t *testing.T) {
			assert.Equal(t, want, RootCause(trace), trace)
		})
	}
}
