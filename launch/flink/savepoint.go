package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"adtoorder/pipelines/command"
	"adtoorder/pipelines/flink"
)

// savepointLimit is how long a savepoint may take.
const savepointLimit = 5 * time.Minute

func savepoint(ctx context.Context, o options, out io.Writer) error { return save(ctx, o, false, out) }

func stopJob(ctx context.Context, o options, out io.Writer) error { return save(ctx, o, true, out) }

// save makes a savepoint, prints where it is, and keeps there what the job ran
// with.
func save(ctx context.Context, o options, stop bool, out io.Writer) error {
	c, err := findCluster(o)
	if err != nil {
		return err
	}
	running, err := findJob(ctx, c, o.args)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, savepointLimit, fmt.Errorf("the savepoint of job %s is not there "+
		"after %v", running.ID, savepointLimit))
	defer cancel()
	say, done := progress(os.Stderr)
	say("saving the state of job " + running.ID)
	path, err := c.REST().Savepoint(ctx, running.ID, stop)
	done()
	if err != nil {
		return err
	}
	path = strings.TrimPrefix(path, "file:")
	fmt.Fprintln(out, path)
	ran, err := readSubmission(filepath.Join(c.Dir, "jobs", running.Name, submissionFile))
	if err == nil {
		err = ran.write(filepath.Join(path, submissionFile))
	}
	if err != nil {
		fmt.Fprintf(o.notes, "flink: the savepoint is without the job's flags (%v): restore it with them behind --, "+
			"or begin a run with --flink_savepoint\n", err)
	}
	return nil
}

// findJob returns the job of an id, or the only one that runs.
func findJob(ctx context.Context, c flink.Cluster, args []string) (flink.JobStatus, error) {
	jobs, err := c.REST().Jobs(ctx)
	if err != nil {
		return flink.JobStatus{}, err
	}
	jobs = slices.DeleteFunc(jobs, func(j flink.JobStatus) bool {
		return j.Ended() || len(args) > 0 && j.ID != args[0] && j.Name != args[0]
	})
	switch {
	case len(args) > 1:
		return flink.JobStatus{}, command.RefuseArgs("must be one JOB at most")
	case len(jobs) == 0:
		return flink.JobStatus{}, fmt.Errorf("no such job runs; see go run ./launch/flink status")
	case len(jobs) > 1:
		return flink.JobStatus{}, command.RefuseArgs("%d jobs run; name one of them, as status does", len(jobs))
	}
	return jobs[0], nil
}

func restore(ctx context.Context, o options, out io.Writer) error {
	if len(o.args) != 1 {
		return command.RefuseArgs("restore needs the SAVEPOINT that stop or savepoint has printed; see --help")
	}
	if err := refuseTaken(o.flags); err != nil {
		return err
	}
	if valueOf(o.flags, "flink_savepoint") != "" {
		return command.RefuseArgs("--flink_savepoint behind -- has no effect: restore's own argument is what the " +
			"job begins with")
	}
	path, url, err := resolveSavepoint(o.args[0])
	if err != nil {
		return err
	}
	c, err := findCluster(o)
	if err != nil {
		return err
	}
	folder, err := os.Getwd()
	if err != nil {
		return err
	}
	ran, err := findSubmission(c, path)
	switch {
	case err != nil && len(o.flags) == 0:
		return fmt.Errorf("%w; give all of them: go run ./launch/flink restore SAVEPOINT -- FLAGS", err)
	case err != nil:
		ran.Folder = folder
	case ran.Folder != folder:
		fmt.Fprintf(o.notes, "flink: relative paths among the flags mean %s, where the job was submitted\n", ran.Folder)
	}
	ran.Flags = append(ran.Flags, o.flags...)
	return submitJob(ctx, o, c, ran, url, out)
}

// resolveSavepoint returns the path of a savepoint or checkpoint, and its URL.
func resolveSavepoint(arg string) (path, url string, err error) {
	if strings.Contains(strings.TrimPrefix(arg, "file://"), "://") {
		return arg, arg, nil
	}
	if path, err = filepath.Abs(strings.TrimPrefix(strings.TrimPrefix(arg, "file:"), "//")); err != nil {
		return "", "", err
	}
	if _, err := os.Stat(filepath.Join(path, "_metadata")); err != nil {
		return "", "", fmt.Errorf("%s: is no whole savepoint or checkpoint (%w)", arg, err)
	}
	return path, "file://" + path, nil
}
