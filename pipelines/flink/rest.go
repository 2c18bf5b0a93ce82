package flink

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	// restLimit is how long Flink may take to answer a request.
	restLimit = 10 * time.Second
	// savepointPoll is how often a savepoint is looked for.
	savepointPoll = 200 * time.Millisecond
)

// REST is Flink's REST interface, at http://host:port.
type REST string

// REST returns the REST interface of a cluster.
func (c Cluster) REST() REST { return REST(c.Web) }

// Overview is what Flink tells of a cluster.
type Overview struct {
	TaskManagers   int `json:"taskmanagers"`
	SlotsTotal     int `json:"slots-total"`
	SlotsAvailable int `json:"slots-available"`
}

// Overview asks for the cluster's slots.
func (r REST) Overview(ctx context.Context) (o Overview, err error) {
	err = r.call(ctx, http.MethodGet, "/overview", nil, &o)
	return o, err
}

// TaskManager is what Flink tells of one that has registered.
type TaskManager struct {
	ID    string `json:"id"`
	Slots int    `json:"slotsNumber"`
	// Heartbeat is when it gave its last sign of life, in milliseconds since the
	// Unix epoch, whatever Flink's name for it says.
	Heartbeat int64 `json:"timeSinceLastHeartbeat"`
}

// TaskManagers asks for those that the JobManager believes in.
func (r REST) TaskManagers(ctx context.Context) ([]TaskManager, error) {
	var all struct{ TaskManagers []TaskManager }
	err := r.call(ctx, http.MethodGet, "/taskmanagers", nil, &all)
	return all.TaskManagers, err
}

// JobStatus is what Flink tells of a job.
type JobStatus struct {
	ID       string `json:"jid"`
	Name     string `json:"name"`
	State    string `json:"state"`      // RUNNING, FINISHED, FAILED, RESTARTING, ...
	Start    int64  `json:"start-time"` // milliseconds since the Unix epoch
	Duration int64  `json:"duration"`   // milliseconds
	Tasks    struct {
		Total        int `json:"total"` // the rest are CREATED: tasks of a batch that wait for others
		Scheduled    int `json:"scheduled"`
		Deploying    int `json:"deploying"`
		Initializing int `json:"initializing"`
		Running      int `json:"running"`
		Finished     int `json:"finished"`
	} `json:"tasks"`
}

// Running reports whether the job's tasks have got their slots: those of a batch's
// first stage, and all of a stream, which asks for them at once.
func (j JobStatus) Running() bool {
	t := j.Tasks
	return j.State == "RUNNING" && t.Running+t.Finished > 0 && t.Scheduled+t.Deploying+t.Initializing == 0
}

// Ended reports whether the job will not change again.
func (j JobStatus) Ended() bool {
	return j.State == "FINISHED" || j.State == "FAILED" || j.State == "CANCELED"
}

// Jobs asks for all jobs that the cluster remembers.
func (r REST) Jobs(ctx context.Context) ([]JobStatus, error) {
	var all struct{ Jobs []JobStatus }
	err := r.call(ctx, http.MethodGet, "/jobs/overview", nil, &all)
	return all.Jobs, err
}

// Cancel has the jobs of a name end.
func (r REST) Cancel(ctx context.Context, name string) error {
	jobs, err := r.Jobs(ctx)
	for _, j := range jobs {
		if j.Name == name && err == nil {
			err = r.call(ctx, http.MethodPatch, "/jobs/"+j.ID+"?mode=cancel", nil, nil)
		}
	}
	return err
}

// Exception asks for the failure that a job had last, "" for none, and when, in
// milliseconds since the Unix epoch.
func (r REST) Exception(ctx context.Context, id string) (text string, at int64, err error) {
	var got struct {
		Root      string `json:"root-exception"`
		Timestamp int64  `json:"timestamp"`
	}
	err = r.call(ctx, http.MethodGet, "/jobs/"+id+"/exceptions?maxExceptions=1", nil, &got)
	return got.Root, got.Timestamp, err
}

// Checkpoints are a job's.
type Checkpoints struct {
	Counts struct {
		Completed int `json:"completed"`
		Failed    int `json:"failed"`
	} `json:"counts"`
	Latest struct {
		Completed *struct {
			Duration int64 `json:"end_to_end_duration"` // milliseconds
			Size     int64 `json:"state_size"`          // bytes
			At       int64 `json:"latest_ack_timestamp"`
		} `json:"completed"`
		Failed *struct {
			Message string `json:"failure_message"`
			At      int64  `json:"failure_timestamp"`
		} `json:"failed"`
	} `json:"latest"`
}

// Checkpoints asks for a job's checkpoints.
func (r REST) Checkpoints(ctx context.Context, id string) (c Checkpoints, err error) {
	err = r.call(ctx, http.MethodGet, "/jobs/"+id+"/checkpoints", nil, &c)
	return c, err
}

// Savepoint makes a savepoint of a job, ends the job with it if told to, and
// returns where it is.
func (r REST) Savepoint(ctx context.Context, id string, stop bool) (path string, err error) {
	trigger, request := "/jobs/"+id+"/savepoints", map[string]any{"cancel-job": false}
	if stop {
		trigger, request = "/jobs/"+id+"/stop", map[string]any{"drain": false}
	}
	var triggered struct {
		ID string `json:"request-id"`
	}
	if err := r.call(ctx, http.MethodPost, trigger, request, &triggered); err != nil {
		return "", err
	}
	for {
		var got struct {
			Status    struct{ ID string }
			Operation struct {
				Location string
				Failure  *struct {
					Trace string `json:"stack-trace"`
				} `json:"failure-cause"`
			}
		}
		if err := r.call(ctx, http.MethodGet, "/jobs/"+id+"/savepoints/"+triggered.ID, nil, &got); err != nil {
			return "", err
		}
		switch {
		case got.Operation.Failure != nil:
			return "", fmt.Errorf("making a savepoint of job %s: %s", id, RootCause(got.Operation.Failure.Trace))
		case got.Status.ID == "COMPLETED":
			return got.Operation.Location, nil
		}
		select {
		case <-ctx.Done():
			return "", context.Cause(ctx)
		case <-time.After(savepointPoll):
		}
	}
}

// call makes a request, and reads the answer's JSON into answer.
func (r REST) call(ctx context.Context, method, path string, request, answer any) error {
	var body io.Reader
	if request != nil {
		text, err := json.Marshal(request)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	ctx, cancel := context.WithTimeout(ctx, restLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, string(r)+path, body)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("asking Flink: %w", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("asking Flink for %s: %w", path, err)
	}
	if resp.StatusCode/100 != 2 {
		var failed struct{ Errors []string }
		json.Unmarshal(text, &failed)
		if len(failed.Errors) > 0 {
			text = []byte(RootCause(failed.Errors[len(failed.Errors)-1]))
		}
		return fmt.Errorf("asking Flink for %s: %s: %s", path, resp.Status, text)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}
