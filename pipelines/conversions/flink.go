package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"adtoorder/pipelines/command"
	"adtoorder/pipelines/engine"
	"adtoorder/pipelines/flink"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/runnerlib"
)

// flinks are the flags that only a run on Flink reads.
var flinks = []string{"streaming", "flink_max_bundle_time", "flink_checkpoint_interval", "flink_state_backend",
	"flink_state_dir", "flink_savepoint"}

// streams are those of them that a batch does not read.
var streams = slices.DeleteFunc(slices.Clone(flinks), func(name string) bool { return name == "streaming" })

// onlyUsed refuses flags that are given and would have no effect.
func onlyUsed(flags *flag.FlagSet, f flink.Flags, o engine.Options) (err error) {
	flags.Visit(func(given *flag.Flag) {
		value := given.Value.String()
		switch {
		case o.Runner != engine.Flink && slices.Contains(flinks, given.Name):
			err = &engine.FlagError{Flag: given.Name, Value: value, Problem: "is for --runner=flink"}
		case o.Runner != engine.Dataflow && slices.Contains(dataflows, given.Name):
			err = &engine.FlagError{Flag: given.Name, Value: value, Problem: "is for --runner=dataflow"}
		case o.Runner == engine.Flink && !o.Live() && !f.Streaming && slices.Contains(streams, given.Name):
			err = &engine.FlagError{Flag: given.Name, Value: value,
				Problem: "is for streams, and finished files are a batch; give --streaming beside it, or live sources"}
		}
	})
	if err == nil && o.Runner == engine.Flink && o.Acknowledges() {
		if interval, invalid := time.ParseDuration(f.CheckpointInterval); invalid == nil && interval == 0 {
			return &engine.FlagError{Flag: "flink_checkpoint_interval", Value: f.CheckpointInterval,
				Problem: "does not go with pubsub://, whose messages are acknowledged when a checkpoint holds them; " +
					"give a time such as 10s"}
		}
	}
	return err
}

// declareFlink adds the flags of Flink.
func declareFlink(flags *flag.FlagSet, f *flink.Flags) {
	*f = flink.Defaults
	flags.BoolVar(&f.Streaming, "streaming", false, "run finished files as a stream, too; live sources always are one")
	flags.StringVar(&f.MaxBundleTime, "flink_max_bundle_time", f.MaxBundleTime, "how `long` a bundle of a stream "+
		"gathers elements; watermarks and checkpoints wait for it")
	flags.StringVar(&f.CheckpointInterval, "flink_checkpoint_interval", f.CheckpointInterval,
		"`time` between the checkpoints of a stream, from which it goes on after a crash, exactly once; 0 for none")
	flags.StringVar(&f.StateBackend, "flink_state_backend", "", "where a stream keeps its state: filesystem (in "+
		"memory) or rocksdb; the cluster's `backend` if not given")
	flags.StringVar(&f.StateDir, "flink_state_dir", "", "`URL` where that backend keeps checkpoints")
	flags.StringVar(&f.Savepoint, "flink_savepoint", "", "savepoint or checkpoint `path` to begin with")
}

// flinkEndpoint is where the job server is.
func flinkEndpoint() string { return cmp.Or(*jobopts.Endpoint, flink.DefaultEndpoint) }

// isLoopback reports whether the workers of a run on Flink are this process, as
// they are unless told otherwise.
func isLoopback() bool { return *jobopts.EnvironmentType == "" || jobopts.IsLoopback() }

// prepareFlink completes the engine's flags for a run on Flink.
func prepareFlink(f *engine.Flags) error {
	endpoint := flinkEndpoint()
	cluster, found, err := flink.Find(endpoint)
	if err != nil {
		return err
	}
	f.Elsewhere = !isLoopback() && !found
	f.Detached = *jobopts.Async
	f.Readers = max(1, *jobopts.Parallelism)
	switch {
	case !isLoopback():
		return nil
	case flink.IsRemote(endpoint):
		return &engine.FlagError{Flag: "endpoint", Value: endpoint,
			Problem: "is another machine, whose TaskManagers don't reach this process as their worker (LOOPBACK); " +
				"give --environment_type=DOCKER or PROCESS beside it"}
	case cluster.TaskManagers > 1:
		return &engine.FlagError{Flag: "environment_type", Value: "LOOPBACK", Problem: fmt.Sprintf(
			"serves one TaskManager (Beam Go 2.77), and this cluster has %d; submit the job in place of running it: "+
				"go run ./launch/flink submit -- FLAGS", cluster.TaskManagers)}
	case f.Detached:
		return &engine.FlagError{Flag: "async", Value: "true",
			Problem: "would end this process, whose workers the job needs; give --environment_type=PROCESS or " +
				"DOCKER beside it"}
	}
	return nil
}

// runOnFlink runs the engine on Flink.
func runOnFlink(ctx context.Context, o engine.Options, f flink.Flags) (engine.Summary, error) {
	job, err := flinkJob(ctx, o, f)
	if err != nil {
		return engine.Summary{}, err
	}
	o.Execute, o.Restores = job.Execute, f.Savepoint != ""
	stop := func() {}
	if isLoopback() {
		stop = cancelOnSignal(ctx, job)
	}
	summary, err := engine.Run(ctx, o)
	stop()
	var imbalance *engine.Imbalance
	switch {
	case job.Cancelled() && !o.Live():
		return summary, errors.New("cancelled by a signal; its rows are not complete: run it again")
	case job.Cancelled() && errors.As(err, &imbalance):
		err = nil // some of its records are still on their way
	}
	return summary, err
}

// flinkJob returns the job that is to be submitted to a job server that answers.
func flinkJob(ctx context.Context, o engine.Options, f flink.Flags) (*flink.Job, error) {
	options, err := flink.Parse(f, o.Live())
	if err != nil {
		return nil, err
	}
	hints, err := valueOf("resource_hints", jobopts.GetPipelineResourceHints)
	if err != nil {
		return nil, err
	}
	job := &flink.Job{
		Endpoint: flinkEndpoint(),
		Options:  options,
		Beam: runnerlib.JobOptions{Name: jobopts.GetJobName(), Experiments: jobopts.GetExperiments(),
			Worker:       *jobopts.WorkerBinary,
			RetainDocker: *jobopts.RetainDockerContainers, Parallelism: *jobopts.Parallelism, Loopback: isLoopback()},
		EnvironmentURN:    jobopts.GetEnvironmentUrn(ctx),
		EnvironmentConfig: jobopts.GetEnvironmentConfig(ctx),
		Hints:             hints,
		Strict:            *jobopts.Strict,
		Async:             o.Detached,
	}
	return job, flink.Check(ctx, job.Endpoint)
}

// valueOf returns the value of a flag that Beam parses when it is read, with a
// panic where it can't be parsed.
func valueOf[T any](name string, read func() T) (value T, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = &engine.FlagError{Flag: name, Value: flag.Lookup(name).Value.String(), Problem: fmt.Sprint(reason)}
		}
	}()
	return read(), nil
}

// cancelOnSignal ends the job at SIGTERM or SIGINT, since its workers are this
// process. A second signal ends the process at once. The returned function waits
// for a cancellation that is under way.
func cancelOnSignal(ctx context.Context, job *flink.Job) (stop func()) {
	signals, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		defer close(done)
		if _, ok := <-signals; !ok {
			return
		}
		signal.Stop(signals)
		if err := job.Cancel(ctx); err != nil {
			os.Exit(command.End(os.Stderr, program, err))
		}
	}()
	return func() {
		signal.Stop(signals)
		close(signals)
		<-done
	}
}
