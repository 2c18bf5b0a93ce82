// Package flink is what a run on Flink needs beside the graph: Flink's own options on
// their way to the job server, and the cluster on this machine that launch/flink has
// started. pipelines/conversions and launch/flink use it.
package flink

import (
	"strings"
	"time"

	"adtoorder/pipelines/engine"
)

// Flags are the command line's flags, as they were written.
type Flags struct {
	MaxBundleTime      string
	CheckpointInterval string
	StateBackend       string
	StateDir           string
	Savepoint          string
	Streaming          bool
}

// Defaults suit a live job: its rows come a second after a window's end, and it
// repeats at most ten seconds of work after a crash.
var Defaults = Flags{MaxBundleTime: "200ms", CheckpointInterval: "10s"}

// Options are Flink's, checked.
type Options struct {
	// Streaming has the job run as a stream, which live sources need.
	Streaming bool
	// Finite says that the input ends, and the job with it.
	Finite bool
	// MaxBundleTime is how long a bundle of a stream may gather elements. Neither a
	// watermark nor a checkpoint passes an open bundle.
	MaxBundleTime time.Duration
	// CheckpointInterval is the time between checkpoints of a stream; 0 for none.
	CheckpointInterval time.Duration
	// StateBackend and StateDir are "" for those of the cluster.
	StateBackend, StateDir string
	// Savepoint is what a job begins with; "" for nothing.
	Savepoint string
}

// never is longer than any job lives.
const never = 100 * 365 * 24 * time.Hour

// Parse checks flags, for a run on live sources or on finished files. Its errors
// are *engine.FlagErrors.
func Parse(f Flags, isLive bool) (o Options, err error) {
	o = Options{Streaming: f.Streaming || isLive, Finite: !isLive, StateBackend: f.StateBackend, StateDir: f.StateDir,
		Savepoint: f.Savepoint}
	if o.MaxBundleTime, err = time.ParseDuration(f.MaxBundleTime); err != nil || o.MaxBundleTime < time.Millisecond {
		return o, refuse("flink_max_bundle_time", f.MaxBundleTime, "want 1ms or more, such as 200ms")
	}
	o.CheckpointInterval, err = time.ParseDuration(f.CheckpointInterval)
	if err != nil || o.CheckpointInterval < 0 || o.CheckpointInterval > 0 &&
		o.CheckpointInterval < 100*time.Millisecond {
		return o, refuse("flink_checkpoint_interval", f.CheckpointInterval, "want 100ms or more, such as 10s, or 0 "+
			"for no checkpoints")
	}
	switch o.StateBackend {
	case "", "filesystem", "rocksdb":
	default:
		return o, refuse("flink_state_backend", o.StateBackend,
			"must be filesystem or rocksdb, or none for the cluster's")
	}
	if (o.StateBackend == "") != (o.StateDir == "") {
		return o, refuse("flink_state_dir", o.StateDir, "is where --flink_state_backend keeps checkpoints; give "+
			"both, or neither for the cluster's")
	}
	if o.StateDir != "" && !strings.Contains(o.StateDir, "://") {
		return o, refuse("flink_state_dir", o.StateDir, "must be a URL that all of the cluster reaches, such as "+
			"s3://bucket/checkpoints or file:///mnt/checkpoints")
	}
	if o.Savepoint != "" && !o.Streaming {
		return o, refuse("flink_savepoint", o.Savepoint, "is of a stream; finished files are read from their start")
	}
	return o, nil
}

// pipeline returns the options by Beam's names for them.
func (o Options) pipeline() map[string]any {
	all := map[string]any{"streaming": o.Streaming}
	if !o.Streaming {
		// A batch's stages run one after another; their workers stay in between.
		all["environment_cache_millis"] = 10_000
		return all
	}
	all["max_bundle_time_mills"] = o.MaxBundleTime.Milliseconds()
	// Which operators can be chained depends on the parallelism, and the names that
	// Flink gives to Beam's sources on that: a savepoint fits another parallelism
	// only without chains.
	all["operator_chaining"] = false
	if o.CheckpointInterval > 0 {
		all["checkpointing_interval"] = o.CheckpointInterval.Milliseconds()
		all["checkpointing_mode"] = "EXACTLY_ONCE"
		all["externalized_checkpoints_enabled"] = true
	}
	// Left to itself, Beam never ends a source of a job with checkpoints, nor the job,
	// and ends one without at once: then readers that pause are called again at once.
	all["shutdown_sources_after_idle_ms"] = never.Milliseconds()
	if o.Finite {
		all["shutdown_sources_after_idle_ms"] = 0
	}
	for name, value := range map[string]string{"state_backend": o.StateBackend,
		"state_backend_storage_path": o.StateDir,
		"savepoint_path":             o.Savepoint} {
		if value != "" {
			all[name] = value
		}
	}
	return all
}

func refuse(flag, value, problem string) error {
	return &engine.FlagError{Flag: flag, Value: value, Problem: problem}
}
