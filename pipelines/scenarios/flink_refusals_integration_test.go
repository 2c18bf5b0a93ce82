//go:build integration

package scenarios

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"adtoorder/io/unbounded/kafka/kafkatest"
	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a user gets wrong, and what a cluster suffers, is told in one line.
func TestFlinkTellsWhatIsWrong(t *testing.T) {
	cluster := startFlink(t, 1, 1)
	f := place(t, engine.Flink)
	out, err := loopback(t, "localhost:1", f)
	require.Error(t, err)
	assert.Contains(t, out, "--endpoint=localhost:1: no Beam job server answers there")
	assert.Equal(t, 1, strings.Count(out, "\n"), out)
	assert.NoDirExists(t, f.Lake)

	dir := t.TempDir()
	script := filepath.Join(dir, "script")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\n"), 0o755))
	_, err = cluster.try("submit", "--", "--worker_binary="+script)
	assert.ErrorContains(t, err, "is no Linux program")
	foreign := filepath.Join(dir, "foreign")
	self, err := os.ReadFile(os.Args[0])
	require.NoError(t, err)
	self = self[:4096]
	self[18], self[19] = 0xf7, 0 // a processor that the test does not run on
	require.NoError(t, os.WriteFile(foreign, self, 0o755))
	_, err = cluster.try("submit", "--", "--worker_binary="+foreign)
	assert.ErrorContains(t, err, "--worker_binary="+foreign+": ")

	kafka := kafkatest.Start(t, 1, "clicks", "orders")
	live := fromKafka(t, kafka.Addr)
	cluster.submit(live, nil, nil)
	_, err = cluster.try("submit", append([]string{"--"}, args(live)...)...)
	assert.ErrorContains(t, err, "the cluster has 0 free slots of 1, and the job needs 1")

	elsewhere := exec.Command("go", "run", "adtoorder/pipelines/conversions", "--runner=flink",
		"--endpoint=elsewhere:8099", "--environment_type=DOCKER")
	elsewhere.Dir = "../.."
	text, err := elsewhere.CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(text), "is a file of this machine, and workers run elsewhere")
}
