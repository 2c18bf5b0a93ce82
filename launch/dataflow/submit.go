package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"adtoorder/pipelines/dataflow"
)

func submit(ctx context.Context, o options, out, errs io.Writer) error {
	return o.give(ctx, "submit", out, errs)
}

func update(ctx context.Context, o options, out, errs io.Writer) error {
	o.job.Update = true
	return o.give(ctx, "update", out, errs)
}

// give builds the engine and has its own program submit it.
func (o options) give(ctx context.Context, command string, out, errs io.Writer) (err error) {
	if err := o.refuseTaken(command); err != nil {
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
	if err := run.Run(); err != nil {
		return fmt.Errorf("submitting the job: %w", err)
	}
	return nil
}

// The machines of Dataflow, as far as workers are built for them.
const workerOS, workerArch = "linux", "amd64"

// build builds the engine for Dataflow's machines, and for this one.
func build(ctx context.Context, dir string) (worker, submitter string, err error) {
	worker = filepath.Join(dir, "worker")
	if err := goBuild(ctx, worker, workerOS, workerArch); err != nil {
		return "", "", err
	}
	if runtime.GOOS == workerOS && runtime.GOARCH == workerArch {
		return worker, worker, nil
	}
	submitter = filepath.Join(dir, "conversions")
	return worker, submitter, goBuild(ctx, submitter, runtime.GOOS, runtime.GOARCH)
}

func goBuild(ctx context.Context, to, system, arch string) error {
	const what = "adtoorder/pipelines/conversions"
	build := exec.CommandContext(ctx, "go", "build", "-ldflags=-s -w", "-o", to, what)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+arch)
	if text, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s for %s/%s: %v: %s", what, system, arch, err, text)
	}
	return nil
}
