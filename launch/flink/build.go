package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"adtoorder/launch/flink/cluster"
	"adtoorder/pipelines/flink"
)

// build puts the worker into the job's folder, unless the flags name one, and
// Beam's boot program that starts it. Both run on this machine, as the cluster
// does. They are built where the last ones stand, which go build leaves as they
// are if nothing has changed.
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
	if err := goBuild(ctx, filepath.Join(latest, "boot"), "github.com/apache/beam/sdks/v2/go/container", filepath.Join(j.dir, "boot")); err != nil {
		return "", err
	}
	if given := valueOf(j.submission.Flags, "worker_binary"); given != "" {
		if !filepath.IsAbs(given) {
			given = filepath.Join(j.submission.Folder, given)
		}
		return given, cluster.RunsHere(given)
	}
	worker = filepath.Join(j.dir, "worker")
	return worker, goBuild(ctx, filepath.Join(latest, "conversions"), "adtoorder/pipelines/conversions", worker)
}

// goBuild builds a program where its last version stands, and copies it.
func goBuild(ctx context.Context, latest, what, to string) error {
	build := exec.CommandContext(ctx, "go", "build", "-ldflags=-s -w", "-o", latest, what)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w: %s", what, err, text)
	}
	program, err := os.ReadFile(latest)
	if err != nil {
		return err
	}
	return os.WriteFile(to, program, 0o755)
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
