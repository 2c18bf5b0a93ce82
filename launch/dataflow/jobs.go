package main

import (
	"context"
	"fmt"
	"io"

	"adtoorder/pipelines/dataflow"

	api "google.golang.org/api/dataflow/v1b3"
)

// find returns the job that the flags name.
func (o options) find(ctx context.Context) (*dataflow.Client, *api.Job, error) {
	f := o.job
	if err := f.CheckNames(); err != nil {
		return nil, nil, err
	}
	client, err := dataflow.NewClient(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	if o.jobID != "" {
		job, err := client.Get(ctx, o.jobID)
		return client, job, err
	}
	job, err := client.Find(ctx, f.JobName)
	if err == nil && job == nil {
		err = fmt.Errorf("no job %s is active in project %s and region %s; name another with --job_name or --job_id",
			f.JobName, f.Project, f.Region)
	}
	return client, job, err
}

// drain ends a job, and tells of the states in between.
func drain(ctx context.Context, o options, out, errs io.Writer) error {
	client, job, err := o.find(ctx)
	if err != nil {
		return err
	}
	if dataflow.Ended(job) {
		fmt.Fprintf(out, "job %s has ended: %s\n", job.Id, dataflow.State(job))
		return nil
	}
	if err := client.Drain(ctx, job); err != nil {
		return err
	}
	id := job.Id
	if job, err = client.AwaitEnd(ctx, id, func(state string) { fmt.Fprintln(errs, state) }); err != nil {
		return err
	}
	if !dataflow.Drained(job) {
		return fmt.Errorf("job %s has ended, but was not drained: %s; see %s", job.Id, dataflow.State(job),
			o.job.Page(job.Id))
	}
	fmt.Fprintf(out, "job %s is drained\n", job.Id)
	return nil
}

// status tells of a job.
func status(ctx context.Context, o options, out, _ io.Writer) error {
	client, job, err := o.find(ctx)
	if err != nil {
		return err
	}
	kind := "batch"
	if dataflow.Streaming(job) {
		kind = "streaming"
	}
	fmt.Fprintf(out, "job %s %s: %s, %s since %s\n%s\n", job.Id, job.Name, kind, dataflow.State(job),
		job.CurrentStateTime,
		o.job.Page(job.Id))
	if reason := client.Reason(ctx, job.Id); reason != "" {
		fmt.Fprintf(out, "its last error: %s\n", reason)
	}
	return nil
}
