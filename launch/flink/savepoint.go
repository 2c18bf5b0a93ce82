package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"adtoorder/launch/flink/cluster"
	"adtoorder/pipelines/flink"
)

// savepointLimit is how long a savepoint may take.
const savepointLimit = 5 * time.Minute

func savepoint(ctx context.Context, o options, out io.Writer) error { return save(ctx, o, false, out) }

func stopJob(ctx context.Context, o options, out io.Writer) error { return save(ctx, o, true, out) }

// save makes a savepoint that remembers the job's flags.
func save(ctx context.Context, o options, stop bool, out io.Writer) error {
	c, err := here(o)
	if err != nil {
		return err
	}
	running, err := chosen(ctx, c, o.args)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, savepointLimit, fmt.Errorf("the savepoint of job %s is not there after %v", running.ID, savepointLimit))
	defer cancel()
	say, done := progress(os.Stderr)
	say("saving the state of job " + running.ID)
	path, err := cluster.Of(c).Savepoint(ctx, running.ID, stop)
	done()
	if err != nil {
		return err
	}
	path = strings.TrimPrefix(path, "file:")
	flags, err := readFlags(filepath.Join(c.Dir, "jobs", running.Name))
	if err != nil {
		return err
	}
	if err := writeFlags(path, flags); err != nil {
		return err
	}
	fmt.Fprintln(out, path)
	return nil
}

// chosen returns the job of an id, or the only one that runs.
func chosen(ctx context.Context, c flink.Cluster, args []string) (cluster.Job, error) {
	jobs, err := cluster.Of(c).Jobs(ctx)
	if err != nil {
		return cluster.Job{}, err
	}
	jobs = slices.DeleteFunc(jobs, func(j cluster.Job) bool { return j.Ended() || len(args) > 0 && j.ID != args[0] && j.Name != args[0] })
	switch {
	case len(args) > 1:
		return cluster.Job{}, &usageError{"want one JOB at most"}
	case len(jobs) == 0:
		return cluster.Job{}, fmt.Errorf("no such job runs; see go run ./launch/flink status")
	case len(jobs) > 1:
		return cluster.Job{}, &usageError{fmt.Sprintf("%d jobs run; name one of them, as status does", len(jobs))}
	}
	return jobs[0], nil
}

func restore(ctx context.Context, o options, out io.Writer) error {
	if len(o.args) != 1 {
		return &usageError{"want the SAVEPOINT that stop or savepoint has printed"}
	}
	path, err := filepath.Abs(o.args[0])
	if err != nil {
		return err
	}
	flags, err := readFlags(path)
	if err != nil {
		return err
	}
	return give(ctx, o, append(flags, o.flags...), "file://"+path, out)
}

// flagsFile holds a job's flags, beside its worker and in its savepoints.
const flagsFile = "conversions.json"

func writeFlags(dir string, flags []string) error {
	text, err := json.Marshal(flags)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, flagsFile), text, 0o644)
}

func readFlags(dir string) (flags []string, err error) {
	text, err := os.ReadFile(filepath.Join(dir, flagsFile))
	if err == nil {
		err = json.Unmarshal(text, &flags)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the flags that the job ran with: %w", err)
	}
	return flags, nil
}
