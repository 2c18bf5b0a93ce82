package main

import (
	"context"
	"fmt"
	"time"

	"adtoorder/pipelines/flink"
)

const (
	// pollInterval is how often a job is looked at.
	pollInterval = 250 * time.Millisecond
	// startLimit is how long a job may take from its acceptance until it runs.
	startLimit = time.Minute
)

// find returns the job as Flink knows it, if it does.
func (j *job) find(ctx context.Context) (found flink.JobStatus, ok bool, err error) {
	jobs, err := j.cluster.REST().Jobs(ctx)
	for _, f := range jobs {
		if f.Name == j.name {
			return f, true, nil
		}
	}
	return found, false, err
}

// awaitStart waits until Flink runs the job, or says why it does not.
func (j *job) awaitStart(ctx context.Context) (flink.JobStatus, error) {
	var found flink.JobStatus
	for began := time.Now(); time.Since(began) < startLimit; {
		var ok bool
		var err error
		found, ok, err = j.find(ctx)
		switch {
		case err != nil:
			return found, err
		case ok && found.State == "FAILED":
			text, _, err := j.cluster.REST().Exception(ctx, found.ID)
			if err != nil {
				return found, err
			}
			return found, fmt.Errorf("job %s has failed: %s", found.ID, flink.RootCause(text))
		case ok && (found.Running() || found.Ended()):
			return found, nil
		case !ok:
			if text := flink.Failure(ctx, j.cluster.Endpoint, j.name); text != "" {
				return found, fmt.Errorf("the job server could not run the job: %s", flink.RootCause(text))
			}
		}
		select {
		case <-ctx.Done():
			return found, context.Cause(ctx)
		case <-time.After(pollInterval):
		}
	}
	return found, fmt.Errorf("job %s %s has %d of %d tasks running after %v; see go run ./launch/flink status", j.name,
		found.ID, found.Tasks.Running, found.Tasks.Total, startLimit)
}

// awaitEnd waits for the submitter, which waits for the job, and tells how the
// job does.
func (j *job) awaitEnd(ctx context.Context, ended <-chan error, say func(string)) error {
	for began := time.Now(); ; {
		select {
		case err := <-ended:
			if err != nil && ctx.Err() != nil {
				return fmt.Errorf("interrupted; a job that was accepted goes on: go run ./launch/flink status, stop")
			} else if err != nil {
				return failed(err)
			}
			return nil
		case <-time.After(time.Second):
			if found, ok, err := j.find(ctx); err == nil && ok {
				if err := j.remember(found.ID); err != nil {
					return err
				}
				say(fmt.Sprintf("job %s %s: %.0f s", found.ID, found.State, time.Since(began).Seconds()))
			}
		}
	}
}
