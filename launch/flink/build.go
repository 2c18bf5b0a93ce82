package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"adtoorder/launch/flink/cluster"
	"adtoorder/launch/program"
	"adtoorder/pipelines/flink"
)

// build puts the worker into the job's folder, unless the flags name one, and
// Beam's boot program that starts it. Both run on this machine, as the cluster
// does. They are built where the last ones are, which go build leaves as they are
// if nothing has changed.
func (j *job) build(ctx context.Context) (worker string, err error) {
	root, err := flink.Root()
	if err != nil {
		return "", err
	}
	latest := filepath.Join(root, "programs")
	unlock, err := lock(latest)
	if err != nil {
		return "", err
	}
	defer unlock()
	const boot = "github.com/apache/beam/sdks/v2/go/container"
	if err := buildAndCopy(ctx, boot, filepath.Join(latest, "boot"), filepath.Join(j.dir, "boot")); err != nil {
		return "", err
	}
	if given := valueOf(j.submission.Flags, "worker_binary"); given != "" {
		if !filepath.IsAbs(given) {
			given = filepath.Join(j.submission.Folder, given)
		}
		return given, cluster.RunsHere(given)
	}
	worker = filepath.Join(j.dir, "worker")
	return worker, buildAndCopy(ctx, program.Engine, filepath.Join(latest, "conversions"), worker)
}

// buildAndCopy builds a program where its last version is, and copies it.
func buildAndCopy(ctx context.Context, what, latest, to string) error {
	if err := program.Build(ctx, what, latest, runtime.GOOS, runtime.GOARCH); err != nil {
		return err
	}
	content, err := os.ReadFile(latest)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o755)
}

// lock makes a folder, and keeps other submissions out of it until the returned
// function is called, or the process ends.
func lock(dir string) (unlock func() error, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, fmt.Errorf("waiting for another submission's build in %s: %w", dir, err)
	}
	return f.Close, nil
}
