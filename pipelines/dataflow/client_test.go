package dataflow

import (
	"context"
	"testing"

	"adtoorder/pipelines/dataflow/dataflowtest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	api "google.golang.org/api/dataflow/v1b3"
)

// clientOf returns a client of a cloud with a job in some state.
func clientOf(t *testing.T, state string) (*dataflowtest.Service, *Client, *api.Job) {
	t.Helper()
	service := dataflowtest.Start(t)
	f := valid
	f.Endpoint = service.URL
	client, err := NewClient(t.Context(), f)
	require.NoError(t, err)
	job := &api.Job{Id: "id", Name: "conversions", ProjectId: f.Project, Type: "JOB_TYPE_STREAMING",
		CurrentState: state}
	service.Add(job)
	return service, client, job
}

func silent(string) {}

func TestFindLooksThroughAllPagesForAnActiveJob(t *testing.T) {
	service, client, job := clientOf(t, "JOB_STATE_RUNNING")
	service.Add(&api.Job{Id: "2", Name: "b", ProjectId: "shop-12345", CurrentState: "JOB_STATE_DONE"})
	service.Add(&api.Job{Id: "3", Name: "b", ProjectId: "shop-12345", CurrentState: "JOB_STATE_PENDING"})
	for name, want := range map[string]string{"conversions": job.Id, "b": "3"} {
		t.Run(name, func(t *testing.T) {
			found, err := client.Find(t.Context(), name)
			require.NoError(t, err)
			require.NotNil(t, found)
			assert.Equal(t, want, found.Id)
		})
	}
	found, err := client.Find(t.Context(), "none")
	require.NoError(t, err)
	assert.Nil(t, found)
}

func TestABatchIsNotDrained(t *testing.T) {
	_, client, job := clientOf(t, "JOB_STATE_RUNNING")
	job.Type = "JOB_TYPE_BATCH"
	assert.ErrorContains(t, client.Drain(t.Context(), job), "is a batch, which can't be drained")
	assert.Empty(t, job.RequestedState)
}

func TestAwaitEndFollowsUpdates(t *testing.T) {
	service, client, job := clientOf(t, "JOB_STATE_UPDATED")
	job.ReplacedByJobId = "next"
	service.Add(&api.Job{Id: "next", Name: "conversions", ProjectId: "shop-12345", CurrentState: "JOB_STATE_DRAINED"})
	var said []string
	got, err := client.AwaitEnd(t.Context(), "id", func(text string) { said = append(said, text) })
	require.NoError(t, err)
	assert.Equal(t, "next", got.Id)
	assert.Equal(t, []string{"job id: updated", "job next: drained"}, said)
}

func TestAwaitOutlastsAFaultOfTheService(t *testing.T) {
	service, client, job := clientOf(t, "JOB_STATE_DONE")
	service.Refuse("GET", 503, "backendError", "Not now.")
	done := make(chan error)
	go func() {
		got, err := client.AwaitEnd(t.Context(), job.Id, silent)
		if err == nil {
			assert.Equal(t, job.Id, got.Id)
		}
		done <- err
	}()
	service.AwaitRefused("GET")
	service.Accept()
	assert.NoError(t, <-done)

	service.Refuse("GET", 403, "forbidden", "Not you.")
	_, err := client.AwaitEnd(t.Context(), job.Id, silent)
	assert.ErrorContains(t, err, "Not you (status 403)", "which does not pass")
}

func TestAnInterruptLeavesTheJob(t *testing.T) {
	_, client, job := clientOf(t, "JOB_STATE_RUNNING")
	ctx, cancel := context.WithCancel(t.Context())
	_, err := client.AwaitEnd(ctx, job.Id, func(string) { cancel() })
	assert.EqualError(t, err, "interrupted; job id goes on")
	assert.Equal(t, "JOB_STATE_RUNNING", job.CurrentState)
}
