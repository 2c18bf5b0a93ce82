package dataflow

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/dataflow/dataflowlib"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/util/gcsx"
	"google.golang.org/api/googleapi"
)

// Job is the job that this process submits.
type Job struct {
	client *Client
	flags  Flags
	wait   bool
	say    func(string)
	active string // id of the job that an update takes the place of
	id     string
}

// Prepare returns a job that can be submitted: its buckets are there, the
// service answers, and a job of its name is active if it is to be updated, and
// otherwise is not. With wait, a submission ends when the job does; say is told
// of every state that the job is seen in.
func Prepare(ctx context.Context, f Flags, wait bool, say func(string)) (*Job, error) {
	for _, place := range []string{f.StagingLocation, f.TempLocation} {
		if err := f.checkBucket(ctx, place); err != nil {
			return nil, err
		}
	}
	client, err := NewClient(ctx, f)
	if err != nil {
		return nil, err
	}
	active, err := client.Find(ctx, f.JobName)
	switch {
	case err != nil:
		return nil, err
	case active != nil && !f.Update:
		return nil, fmt.Errorf("job %s is active already, as %s; %s", f.JobName, active.Id, f.conflict())
	case active == nil && f.Update:
		return nil, fmt.Errorf("no job %s is active in project %s and region %s, so there is nothing to update; "+
			"submit it", f.JobName, f.Project, f.Region)
	}
	job := &Job{client: client, flags: f, wait: wait, say: say}
	if active != nil {
		job.active = active.Id
	}
	return job, nil
}

// conflict says what to do where a job of the name is active.
func (f Flags) conflict() string {
	return fmt.Sprintf("drain job %s or have this one take its place: go run ./launch/dataflow drain, or update; or "+
		"give another --job_name", f.JobName)
}

// storageScope is what Beam asks for, too.
const storageScope = "https://www.googleapis.com/auth/devstorage.read_write"

// checkBucket reports whether the bucket of a place is there: Beam would make it.
func (f Flags) checkBucket(ctx context.Context, place string) error {
	if place == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	bucket, _, _ := strings.Cut(strings.TrimPrefix(place, "gs://"), "/")
	client, err := gcsx.NewClient(ctx, storageScope)
	if err == nil {
		defer client.Close()
		var exists bool
		var refused *googleapi.Error
		exists, err = gcsx.BucketExists(ctx, client, bucket)
		if err == nil && !exists || errors.As(err, &refused) && refused.Code == http.StatusNotFound {
			return fmt.Errorf("there is no bucket gs://%s; make it: gcloud storage buckets create gs://%s "+
				"--project=%s --location=%s", bucket, bucket, f.Project, f.Region)
		}
	}
	return f.explain("looking for bucket gs://"+bucket, err)
}

// ID returns the job's id, once it is submitted.
func (j *Job) ID() string { return j.id }

// Execute submits a graph, as engine.Options.Execute wants it. An update is
// done when the new job runs.
func (j *Job) Execute(ctx context.Context, p *beam.Pipeline) (beam.PipelineResult, error) {
	j.say("submitting the job")
	doing := "submitting job " + j.flags.JobName
	d, err := j.flags.draft(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	model, err := d.stage(ctx)
	if err != nil {
		return nil, j.flags.explain(doing, err)
	}
	job, err := d.job(ctx, model)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	job.ReplaceJobId = j.active
	created, err := dataflowlib.Submit(ctx, j.client.service, j.flags.Project, j.flags.Region, job, false)
	var refused *googleapi.Error
	switch {
	case errors.As(err, &refused) && refused.Code == http.StatusConflict:
		return nil, fmt.Errorf("%s: a job of this name has become active; %s", doing, j.flags.conflict())
	case err != nil:
		return nil, j.flags.explain(doing, err)
	}
	j.id = created.Id
	return nil, j.follow(ctx)
}

// follow waits for as long as was asked.
func (j *Job) follow(ctx context.Context) (err error) {
	if j.flags.Update {
		if _, err = j.client.AwaitRunning(ctx, j.id, j.say); err != nil {
			return fmt.Errorf("%w; if the service has refused the update, the job before goes on", err)
		}
	}
	if !j.wait {
		return nil
	}
	job, err := j.client.AwaitEnd(ctx, j.id, j.say)
	if err == nil && job.CurrentState == cancelled {
		return fmt.Errorf("job %s was cancelled; its rows are not complete", job.Id)
	}
	return err
}
