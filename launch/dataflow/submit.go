package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"adtoorder/launch/program"
	"adtoorder/pipelines/command"
	"adtoorder/pipelines/dataflow"
)

func submit(ctx context.Context, o options, out, errs io.Writer) error {
	return o.submitJob(ctx, "submit", out, errs)
}

func update(ctx context.Context, o options, out, errs io.Writer) error {
	o.job.Update = true
	return o.submitJob(ctx, "update", out, errs)
}

// submitJob builds the engine and has its own program submit it.
func (o options) submitJob(ctx context.Context, name string, out, errs io.Writer) (err error) {
	if err := o.refuseTaken(name); err != nil {
		return err
	}
	if o.job.Labels, err = dataflow.FlagOfLabels(o.job.Labels); err != nil {
		return err
	}
	if err := o.job.Check(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "adtoorder-dataflow-")
	if err != nil {
		return fmt.Errorf("making a folder for the worker: %w", err)
	}
	defer os.RemoveAll(dir)
	fmt.Fprintln(errs, "building the worker")
	worker, submitter, err := build(ctx, dir)
	if err != nil {
		return err
	}
	run := exec.CommandContext(ctx, submitter, append(o.passed(), "--worker_binary="+worker)...)
	run.Stdout, run.Stderr = out, errs
	// Ctrl-C reaches it by itself; it then tells that the job goes on.
	run.Cancel = func() error { return run.Process.Signal(syscall.SIGTERM) }
	run.WaitDelay = 10 * time.Second
	err = run.Run()
	var failed *exec.ExitError
	switch {
	case errors.As(err, &failed) && failed.ExitCode() > 0:
		return command.Exit(failed.ExitCode()) // it has said itself what is wrong
	case err != nil:
		return fmt.Errorf("submitting the job: %w", err)
	}
	return nil
}

// The machines of Dataflow, as far as workers are built for them.
const workerOS, workerArch = "linux", "amd64"

// build builds the engine for Dataflow's machines, and for this one.
func build(ctx context.Context, dir string) (worker, submitter string, err error) {
	worker = filepath.Join(dir, "worker")
	if err := program.Build(ctx, program.Engine, worker, workerOS, workerArch); err != nil {
		return "", "", err
	}
	if runtime.GOOS == workerOS && runtime.GOARCH == workerArch {
		return worker, worker, nil
	}
	submitter = filepath.Join(dir, "conversions")
	return worker, submitter, program.Build(ctx, program.Engine, submitter, runtime.GOOS, runtime.GOARCH)
}
