package flink

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestALiveJobIsAStreamWithCheckpoints(t *testing.T) {
	o, err := Parse(Defaults, true)
	require.NoError(t, err)
	assert.Equal(t, Options{Streaming: true, MaxBundleTime: 200 * time.Millisecond,
		CheckpointInterval: 10 * time.Second}, o)
	assert.Equal(t, map[string]any{
		"streaming": true, "max_bundle_time_mills": int64(200), "operator_chaining": false,
		"checkpointing_interval": int64(10_000), "checkpointing_mode": "EXACTLY_ONCE",
		"externalized_checkpoints_enabled": true,
		"shutdown_sources_after_idle_ms":   int64(3_153_600_000_000),
	}, o.pipeline(), "and it never ends by itself")
	o.CheckpointInterval = 0
	assert.Equal(t, int64(3_153_600_000_000), o.pipeline()["shutdown_sources_after_idle_ms"],
		"without checkpoints neither")
}

func TestFinishedFilesAreABatch(t *testing.T) {
	o, err := Parse(Defaults, false)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"streaming": false, "environment_cache_millis": 10_000}, o.pipeline())
}

func TestFinishedFilesAsAStreamEnd(t *testing.T) {
	f := Defaults
	f.Streaming, f.CheckpointInterval = true, "0"
	f.StateBackend, f.StateDir, f.Savepoint = "rocksdb", "s3://bucket/checkpoints", "file:///savepoints/1"
	o, err := Parse(f, false)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{
		"streaming": true, "max_bundle_time_mills": int64(200), "operator_chaining": false,
		"shutdown_sources_after_idle_ms": 0,
		"state_backend":                  "rocksdb", "state_backend_storage_path": "s3://bucket/checkpoints",
		"savepoint_path": "file:///savepoints/1",
	}, o.pipeline())
}

func TestFlagsThatCantBeUsed(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Flags)
		want   string
	}{
		{"MaxBundleTime=0", func(f *Flags) { f.MaxBundleTime = "0" }, "--flink_max_bundle_time=0: want 1ms or more"},
		{"MaxBundleTime=soon", func(f *Flags) { f.MaxBundleTime = "soon" }, "--flink_max_bundle_time=soon: "},
		{"CheckpointInterval=1ms", func(f *Flags) {
			f.CheckpointInterval = "1ms"
		}, "--flink_checkpoint_interval=1ms: want 100ms or more"},
		{"CheckpointInterval=-1s", func(f *Flags) {
			f.CheckpointInterval = "-1s"
		}, "--flink_checkpoint_interval=-1s: "},
		{"StateBackend=tape", func(f *Flags) {
			f.StateBackend = "tape"
		}, "--flink_state_backend=tape: must be filesystem or rocksdb"},
		{"StateBackend=rocksdb", func(f *Flags) {
			f.StateBackend = "rocksdb"
		}, "--flink_state_dir=: is where --flink_state_backend keeps checkpoints"},
		{"StateDir=file:///x", func(f *Flags) { f.StateDir = "file:///x" }, "--flink_state_dir=file:///x: is where"},
		{"StateBackend, StateDir=rocksdb, /x", func(f *Flags) {
			f.StateBackend, f.StateDir = "rocksdb", "/x"
		}, "--flink_state_dir=/x: must be a URL"},
		{"Savepoint=file:///x", func(f *Flags) {
			f.Savepoint = "file:///x"
		}, "--flink_savepoint=file:///x: is of a stream"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := Defaults
			c.change(&f)
			_, err := Parse(f, false)
			assert.ErrorContains(t, err, c.want)
		})
	}
}
