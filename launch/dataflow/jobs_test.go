package main

import (
	"strings"
	"testing"

	"adtoorder/pipelines/dataflow/dataflowtest"

	"github.com/stretchr/testify/assert"
	api "google.golang.org/api/dataflow/v1b3"
)

func TestDrainWaitsUntilAllIsWritten(t *testing.T) {
	for _, name := range []string{"--job_name=conversions", "--job_id=id"} {
		t.Run(name, func(t *testing.T) {
			service := dataflowtest.Start(t)
			job := &api.Job{Id: "id", Name: "conversions", ProjectId: "shop-12345", Type: "JOB_TYPE_STREAMING",
				CurrentState: "JOB_STATE_RUNNING"}
			service.Add(job)
			status, out, errs := ran(t, at("drain", name, "--dataflow_endpoint="+service.URL)...)
			assert.Zero(t, status, errs)
			assert.Equal(t, "JOB_STATE_DRAINED", job.RequestedState)
			assert.Equal(t, "job id: draining\njob id: drained\n", errs)
			assert.Equal(t, "job id is drained\n", out)

			status, out, _ = ran(t, at("drain", "--job_id=id", "--dataflow_endpoint="+service.URL)...)
			assert.Zero(t, status)
			assert.Equal(t, "job id has ended: drained\n", out)
		})
	}
}

func TestADrainThatDoesNotEndSo(t *testing.T) {
	for state, want := range map[string]string{
		"JOB_STATE_CANCELLED": "dataflow: job id has ended, but was not drained: cancelled; see " +
			"https://console.cloud.google.com/dataflow/jobs/europe-west1/id?project=shop-12345",
		"JOB_STATE_FAILED": "dataflow: job id has failed: out of memory; its page tells more: ",
	} {
		t.Run(state, func(t *testing.T) {
			service := dataflowtest.Start(t)
			service.Add(&api.Job{Id: "id", Name: "conversions", ProjectId: "shop-12345", Type: "JOB_TYPE_STREAMING",
				CurrentState: "JOB_STATE_RUNNING"})
			service.Go("id", "JOB_STATE_RUNNING", "JOB_STATE_DRAINING", state)
			service.Tell("id", "out of memory")
			status, out, errs := ran(t, at("drain", "--job_id=id", "--dataflow_endpoint="+service.URL)...)
			assert.Equal(t, 1, status)
			assert.Contains(t, errs, want)
			assert.Empty(t, out)
		})
	}
}

func TestWhatTheServiceRefusesIsOneLineAndStatus1(t *testing.T) {
	service := dataflowtest.Start(t)
	service.Add(&api.Job{Id: "id", Name: "conversions", ProjectId: "shop-12345", Type: "JOB_TYPE_STREAMING",
		CurrentState: "JOB_STATE_RUNNING"})
	for _, c := range []struct {
		name   string
		args   []string
		refuse func()
		want   string
	}{
		{"no job of the name", at("drain", "--job_name=other"), nil,
			"no job other is active in project shop-12345 and region europe-west1; name another " +
				"with --job_name or --job_id"},
		{"no job to drain", at("drain", "--job_id=none"), nil,
			"looking for job none: (1): Information about job none could not be found in our system " +
				"(status 404); check --project"},
		{"no job to show", at("status", "--job_id=none"), nil, "(status 404); check --project"},
		{"no permission", at("drain"), func() {
			service.Refuse("PUT", 403, "forbidden", "You lack dataflow.jobs.updateContents")
		}, "draining job id: You lack dataflow.jobs.updateContents (status 403); grant your " +
			"account roles/dataflow.developer"},
		{"while it is updated", at("drain"), func() {
			service.Refuse("PUT", 409, "failedPrecondition", "It is being updated")
		}, "draining job id: It is being updated (status 409)\n"},
		{"no quota", at("drain"), func() {
			service.Refuse("PUT", 429, "rateLimitExceeded", "Too often")
		}, "draining job id: Too often (status 429); wait, or ask for more quota"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.refuse != nil {
				c.refuse()
			}
			status, out, errs := ran(t, append(c.args, "--dataflow_endpoint="+service.URL)...)
			assert.Equal(t, 1, status, c.args)
			assert.Contains(t, errs, c.want)
			assert.Equal(t, 1, strings.Count(errs, "\n"), errs)
			assert.Empty(t, out)
		})
	}
}

func TestStatusTellsOfAJob(t *testing.T) {
	service := dataflowtest.Start(t)
	service.Add(&api.Job{Id: "id", Name: "conversions", ProjectId: "shop-12345", Type: "JOB_TYPE_STREAMING",
		CurrentState: "JOB_STATE_RUNNING", CurrentStateTime: "2026-11-01T00:00:00Z"})
	status, out, errs := ran(t, at("status", "--dataflow_endpoint="+service.URL)...)
	assert.Zero(t, status, errs)
	const want = "job id conversions: streaming, running since 2026-11-01T00:00:00Z\nhttps://console.cloud.google.com/dataflow/jobs/europe-west1/id?project=shop-12345\n"
	assert.Equal(t, want, out)
	service.Tell("id", "a worker is lost")
	_, out, _ = ran(t, at("status", "--dataflow_endpoint="+service.URL)...)
	assert.Equal(t, want+"its last error: a worker is lost\n", out)
}
