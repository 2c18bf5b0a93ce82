package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"adtoorder/pipelines/flink"
)

// REST is Flink's REST interface, at http://host:port.
type REST string

// Overview is what Flink tells of a cluster.
type Overview struct {
	TaskManagers   int `json:"taskmanagers"`
	SlotsTotal     int `json:"slots-total"`
	SlotsAvailable int `json:"slots-available"`
}

// Overview asks for the cluster's slots.
func (r REST) Overview(ctx context.Context) (o Overview, err error) {
	return o, r.call(ctx, http.MethodGet, "/overview", nil, &o)
}

// Heartbeats asks when the JobManager heard of each TaskManager last, by name.
func (r REST) Heartbeats(ctx context.Context) (map[string]time.Time, error) {
	var got struct {
		TaskManagers []struct {
			ID string
			At int64 `json:"timeSinceLastHeartbeat"` // in fact milliseconds since the Unix epoch
		}
	}
	err := r.call(ctx, http.MethodGet, "/taskmanagers", nil, &got)
	heard := map[string]time.Time{}
	for _, t := range got.TaskManagers {
		heard[t.ID] = time.UnixMilli(t.At)
	}
	return heard, err
}

// Job is what Flink tells of a job.
type Job struct {
	ID       string `json:"jid"`
	Name     string `json:"name"`
	State    string `json:"state"`      // RUNNING, FINISHED, FAILED, RESTARTING, ...
	Start    int64  `json:"start-time"` // milliseconds since the Unix epoch
	Duration int64  `json:"duration"`   // milliseconds
	Tasks    struct {
		Total    int `json:"total"`
		Running  int `json:"running"`
		Finished int `json:"finished"`
	} `json:"tasks"`
}

// Works tells whether all of the job's tasks have got their slots.
func (j Job) Works() bool {
	return j.State == "RUNNING" && j.Tasks.Running+j.Tasks.Finished == j.Tasks.Total
}

// Ended tells whether the job will not change again.
func (j Job) Ended() bool {
	return j.State == "FINISHED" || j.State == "FAILED" || j.State == "CANCELED"
}

// Jobs asks for all jobs that the cluster remembers.
func (r REST) Jobs(ctx context.Context) ([]Job, error) {
	var all struct{ Jobs []Job }
	return all.Jobs, r.call(ctx, http.MethodGet, "/jobs/overview", nil, &all)
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
	return c, r.call(ctx, http.MethodGet, "/jobs/"+id+"/checkpoints", nil, &c)
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
		case <-time.After(200 * time.Millisecond):
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
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
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

// Of returns the REST interface of a cluster.
func Of(c flink.Cluster) REST { return REST(c.Web) }
