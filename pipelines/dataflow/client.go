package dataflow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/dataflow/dataflowlib"
	api "google.golang.org/api/dataflow/v1b3"
)

// Client asks Dataflow about the jobs of a project and region. Its errors say
// what to grant or to set.
type Client struct {
	service *api.Service
	flags   Flags
}

// answerLimit is how long the service may take to answer.
const answerLimit = 30 * time.Second

// NewClient returns a client, with the credentials of the environment.
func NewClient(ctx context.Context, f Flags) (*Client, error) {
	service, err := dataflowlib.NewClient(ctx, f.Endpoint)
	if err != nil {
		return nil, &serviceError{"looking for credentials in the environment", oneLine(err.Error()), login, false}
	}
	return &Client{service, f}, nil
}

// Find returns the active job of a name; nil where there is none.
func (c *Client) Find(ctx context.Context, name string) (found *api.Job, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	err = c.service.Projects.Locations.Jobs.List(c.flags.Project, c.flags.Region).Filter("ACTIVE").Pages(ctx,
		func(page *api.ListJobsResponse) error {
			for _, job := range page.Jobs {
				if job.Name == name {
					found = job
				}
			}
			return nil
		})
	if err != nil {
		return nil, c.flags.explain("looking for job "+name, err)
	}
	return found, nil
}

// Get returns a job by its id.
func (c *Client) Get(ctx context.Context, id string) (*api.Job, error) {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	job, err := c.service.Projects.Locations.Jobs.Get(c.flags.Project, c.flags.Region, id).Context(ctx).Do()
	if err != nil {
		return nil, c.flags.explain("looking for job "+id, err)
	}
	return job, nil
}

// Streaming reports whether a job has no end of its own.
func Streaming(job *api.Job) bool { return job.Type == "JOB_TYPE_STREAMING" }

// Drain has a streaming job read no more, write what it has read, and end. It
// returns at once.
func (c *Client) Drain(ctx context.Context, job *api.Job) error {
	if !Streaming(job) {
		return fmt.Errorf("job %s is a batch, which can't be drained; it ends by itself", job.Id)
	}
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	_, err := c.service.Projects.Locations.Jobs.Update(c.flags.Project, c.flags.Region, job.Id,
		&api.Job{RequestedState: drained}).Context(ctx).Do()
	if err != nil {
		return c.flags.explain("draining job "+job.Id, err)
	}
	return nil
}

// The states that we look for.
const (
	running   = "JOB_STATE_RUNNING"
	done      = "JOB_STATE_DONE"
	drained   = "JOB_STATE_DRAINED"
	cancelled = "JOB_STATE_CANCELLED"
	failed    = "JOB_STATE_FAILED"
	updated   = "JOB_STATE_UPDATED"
)

// State is a job's state in words.
func State(job *api.Job) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(job.CurrentState, "JOB_STATE_")), "_", " ")
}

// Ended reports whether a job is over.
func Ended(job *api.Job) bool {
	switch job.CurrentState {
	case done, drained, cancelled, failed, updated:
		return true
	}
	return false
}

// Drained reports whether a job ended since it was drained: all that it has read
// is written.
func Drained(job *api.Job) bool { return job.CurrentState == drained }

const (
	// pollInterval is how often a job is looked at.
	pollInterval = 2 * time.Second
	// outageLimit is how long the service may fail to tell of a job while it is watched.
	outageLimit = 5 * time.Minute
)

// AwaitRunning waits until a job runs, or is over.
func (c *Client) AwaitRunning(ctx context.Context, id string, say func(string)) (*api.Job, error) {
	return c.await(ctx, id, say, func(job *api.Job) bool { return job.CurrentState == running || Ended(job) })
}

// AwaitEnd waits until a job is over, or the one that an update has put in its
// place. It says each state that it sees.
func (c *Client) AwaitEnd(ctx context.Context, id string, say func(string)) (*api.Job, error) {
	for {
		job, err := c.await(ctx, id, say, Ended)
		if err != nil || job.CurrentState != updated || job.ReplacedByJobId == "" {
			return job, err
		}
		id = job.ReplacedByJobId
	}
}

func (c *Client) await(ctx context.Context, id string, say func(string), enough func(*api.Job) bool) (*api.Job, error) {
	for last, answered := "", time.Now(); ; {
		job, err := c.Get(ctx, id)
		switch {
		case ctx.Err() != nil:
			return nil, fmt.Errorf("interrupted; job %s goes on", id)
		case err != nil && (!isTransient(err) || time.Since(answered) > outageLimit):
			return nil, err
		case err == nil:
			answered = time.Now()
			if state := State(job); state != last {
				say(fmt.Sprintf("job %s: %s", id, state))
				last = state
			}
			if job.CurrentState == failed {
				return job, fmt.Errorf("job %s has failed: %s; its page tells more: %s", id,
					cmp.Or(c.Reason(ctx, id), "it does not say why"), c.flags.Page(id))
			}
			if enough(job) {
				return job, nil
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(pollInterval):
		}
	}
}

// Reason returns the last error that a job has told of, "" where there is none.
func (c *Client) Reason(ctx context.Context, id string) string {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	var last string
	err := c.service.Projects.Locations.Jobs.Messages.List(c.flags.Project, c.flags.Region,
		id).MinimumImportance("JOB_MESSAGE_ERROR").
		Pages(ctx, func(page *api.ListJobMessagesResponse) error {
			for _, m := range page.JobMessages {
				last = m.MessageText
			}
			return nil
		})
	if err != nil {
		return ""
	}
	return oneLine(last)
}

// Page is the address of a job's page.
func (f Flags) Page(id string) string {
	return fmt.Sprintf("https://console.cloud.google.com/dataflow/jobs/%s/%s?project=%s", f.Region, id, f.Project)
}

// isTransient reports whether an error may be gone the next time.
func isTransient(err error) bool {
	var e *serviceError
	return errors.As(err, &e) && e.transient
}
